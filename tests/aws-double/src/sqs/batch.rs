//! What all batches share: the rules for their entries' identifiers, and an answer that reports every entry.

use std::collections::HashSet;

use serde::Serialize;

use crate::error::ApiError;

/// The answer to any batch.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Outcome<T> {
    successful: Vec<Done<T>>,
    failed: Vec<Failed>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Done<T> {
    id: String,
    #[serde(flatten)]
    result: T,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Failed {
    id: String,
    sender_fault: bool,
    code: String,
    message: String,
}

impl<T> Outcome<T> {
    /// Does the work of every entry; the one at `failed_entry` fails through no fault of its sender.
    pub(crate) fn of<E>(
        entries: Vec<E>,
        failed_entry: Option<usize>,
        id: impl Fn(&E) -> String,
        mut work: impl FnMut(E) -> Result<T, ApiError>,
    ) -> Self {
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for (index, entry) in entries.into_iter().enumerate() {
            let id = id(&entry);
            if failed_entry == Some(index) {
                failed.push(Failed {
                    id,
                    sender_fault: false,
                    code: "InternalError".to_owned(),
                    message: "We encountered an internal error. Please try again.".to_owned(),
                });
                continue;
            }
            match work(entry) {
                Ok(result) => successful.push(Done { id, result }),
                Err(error) => failed.push(Failed {
                    id,
                    sender_fault: true,
                    code: error.code().to_owned(),
                    message: error.message,
                }),
            }
        }
        Self { successful, failed }
    }
}

/// Refuses an empty or long batch, and identifiers that are malformed or come twice.
pub(crate) fn check_ids<'a>(
    kind: &str,
    ids: impl ExactSizeIterator<Item = &'a str>,
) -> Result<(), ApiError> {
    let count = ids.len();
    if count == 0 {
        let message =
            format!("There should be at least one {kind}BatchRequestEntry in the request.");
        return Err(ApiError::sqs("EmptyBatchRequest", message));
    }
    if count > 10 {
        let message =
            format!("Maximum number of entries per request are 10. You have sent {count}.");
        return Err(ApiError::sqs("TooManyEntriesInBatchRequest", message));
    }
    let mut seen = HashSet::new();
    for id in ids {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if id.is_empty() || id.len() > 80 || !id.chars().all(allowed) {
            return Err(ApiError::sqs(
                "InvalidBatchEntryId",
                "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
            ));
        }
        if !seen.insert(id) {
            let message = format!("Id {id} repeated.");
            return Err(ApiError::sqs("BatchEntryIdsNotDistinct", message));
        }
    }
    Ok(())
}
