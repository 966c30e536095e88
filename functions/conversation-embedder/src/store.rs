//! One transaction for all; if one event cannot be kept, halves, until it stands alone.

use std::sync::Arc;

use shared::error::{Error, Kind};

/// Stores the batch by `store`, which keeps all of a part or nothing; one outcome each, in order.
pub(crate) async fn in_halves<T, O>(
    batch: &[T],
    store: impl AsyncFn(&[T]) -> Result<Vec<O>, Error>,
) -> Vec<Result<O, Arc<Error>>> {
    let mut outcomes = Vec::with_capacity(batch.len());
    // The parts that wait, the first on top, so that outcomes come in order.
    let mut waiting = vec![batch];
    while let Some(part) = waiting.pop() {
        if part.is_empty() {
            continue;
        }
        match store(part).await {
            Ok(stored) => outcomes.extend(stored.into_iter().map(Ok)),
            Err(error) if is_of_one(&error) && part.len() > 1 => {
                let (first, second) = part.split_at(part.len() / 2);
                waiting.extend([second, first]);
            }
            Err(error) => {
                let error = Arc::new(error);
                outcomes.extend(part.iter().map(|_| Err(Arc::clone(&error))));
            }
        }
    }
    outcomes
}

/// Whether one event, sent or prepared wrongly, may be what the whole part failed for.
fn is_of_one(error: &Error) -> bool {
    matches!(error.kind(), Kind::Invalid | Kind::Bug)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every other one is the sender's, the others are ours.
    fn flaw(bad: u32) -> Error {
        let (what, source) = ("a row breaks a rule", None);
        match bad % 2 {
            0 => Error::invalid("", "cannot be kept"),
            _ => Error::Bug { what, source },
        }
    }

    /// A database that keeps no multiple of seven, and counts how often it is asked.
    async fn outcomes(batch: &[u32]) -> (Vec<Result<u32, Kind>>, usize) {
        let asked = std::cell::Cell::new(0);
        let store = async |part: &[u32]| {
            asked.set(asked.get() + 1);
            if let Some(bad) = part.iter().find(|one| *one % 7 == 0) {
                return Err(flaw(*bad));
            }
            Ok(part.to_vec())
        };
        let outcomes = in_halves(batch, store).await;
        let kinds = outcomes.into_iter();
        let kinds = kinds.map(|one| one.map_err(|error| error.kind())).collect();
        (kinds, asked.get())
    }

    proptest! {
        #[test]
        fn only_what_cannot_be_kept_fails(batch in proptest::collection::vec(1_u32..1_000, 0..300)) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let (found, asked) = runtime.block_on(outcomes(&batch));
            let expected = batch.iter().map(|one| if one % 7 == 0 { Err(flaw(*one).kind()) } else { Ok(*one) });
            prop_assert_eq!(found, expected.collect::<Vec<_>>());
            let bad = batch.iter().filter(|one| **one % 7 == 0).count();
            prop_assert!(asked <= 1 + 2 * bad * 9, "{asked} for {bad}");
        }
    }
}
