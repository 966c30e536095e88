//! What a receiver does with a message in flight: delete it, or change for how long it stays hidden.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::ApiError;
use crate::sqs::Sqs;
use crate::sqs::batch::{Outcome, check_ids};
use crate::sqs::message::Hidden;
use crate::sqs::queue::Queue;
use crate::sqs::receipt::Receipt;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct One<T> {
    queue_url: String,
    #[serde(flatten)]
    what: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Batch<T> {
    queue_url: String,
    #[serde(default = "Vec::new")]
    entries: Vec<Entry<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<T> {
    id: String,
    #[serde(flatten)]
    what: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Delete {
    receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Change {
    receipt_handle: String,
    visibility_timeout: u64,
}

/// Nothing, as an object.
#[derive(Serialize)]
pub(crate) struct Nothing {}

pub(crate) fn delete(sqs: &mut Sqs, request: &One<Delete>) -> Result<(), ApiError> {
    delete_from(sqs.queue(&request.queue_url)?, &request.what)
}

pub(crate) fn delete_batch(
    sqs: &mut Sqs,
    request: Batch<Delete>,
    failed_entry: Option<usize>,
) -> Result<Outcome<Nothing>, ApiError> {
    each(sqs, "DeleteMessage", request, failed_entry, delete_from)
}

pub(crate) fn change(sqs: &mut Sqs, request: &One<Change>) -> Result<(), ApiError> {
    change_in(sqs.queue(&request.queue_url)?, &request.what)
}

pub(crate) fn change_batch(
    sqs: &mut Sqs,
    request: Batch<Change>,
    failed_entry: Option<usize>,
) -> Result<Outcome<Nothing>, ApiError> {
    let kind = "ChangeMessageVisibility";
    each(sqs, kind, request, failed_entry, change_in)
}

fn each<T>(
    sqs: &mut Sqs,
    kind: &str,
    request: Batch<T>,
    failed_entry: Option<usize>,
    work: impl Fn(&mut Queue, &T) -> Result<(), ApiError>,
) -> Result<Outcome<Nothing>, ApiError> {
    let queue = sqs.queue(&request.queue_url)?;
    let entries = request.entries;
    check_ids(kind, entries.iter().map(|entry| entry.id.as_str()))?;
    let id = |entry: &Entry<T>| entry.id.clone();
    Ok(Outcome::of(entries, failed_entry, id, |entry| {
        work(queue, &entry.what).map(|()| Nothing {})
    }))
}

/// Deletes what the receipt stands for. A message that is gone is no error; a FIFO receipt that has expired is.
fn delete_from(queue: &mut Queue, what: &Delete) -> Result<(), ApiError> {
    let receipt = Receipt::decode(&what.receipt_handle, queue.number)?;
    queue.advance(Instant::now());
    let Some(message) = queue.message(receipt.message) else {
        return Ok(());
    };
    let in_flight = matches!(message.hidden, Hidden::InFlight(_));
    let held = in_flight && message.receive_count == receipt.delivery;
    if queue.settings.fifo && !held {
        return Err(bad_receipt("The receipt handle has expired."));
    }
    queue.remove(receipt.message);
    queue.changed.notify_waiters();
    Ok(())
}

/// Changes for how long a message in flight stays hidden.
fn change_in(queue: &mut Queue, what: &Change) -> Result<(), ApiError> {
    let seconds = what.visibility_timeout;
    if seconds > 43_200 {
        return Err(ApiError::invalid(format!(
            "Value {seconds} for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be between 0 and 43200."
        )));
    }
    let receipt = Receipt::decode(&what.receipt_handle, queue.number)?;
    let now = Instant::now();
    queue.advance(now);
    let Some(message) = queue.message(receipt.message) else {
        return Err(bad_receipt(
            "Message does not exist or is not available for visibility timeout change.",
        ));
    };
    if !matches!(message.hidden, Hidden::InFlight(_)) {
        let message = "The message is not in flight.";
        return Err(ApiError::sqs("MessageNotInflight", message));
    }
    let until = now + Duration::from_secs(seconds);
    queue.hide(receipt.message, Hidden::InFlight(until));
    queue.advance(now);
    queue.changed.notify_waiters();
    Ok(())
}

fn bad_receipt(reason: &str) -> ApiError {
    ApiError::invalid(format!(
        "Value for parameter ReceiptHandle is invalid. Reason: {reason}"
    ))
}
