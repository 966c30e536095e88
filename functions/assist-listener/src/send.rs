//! Sending: ten messages at a time, and of an interaction never the next one before the one before it is named.

use std::collections::HashMap;

use shared::db::stream::Offset;
use shared::domain::InteractionId;
use shared::error::Error;
use shared::queue::{InOrder, Sender};
use tokio::time::Instant;

/// SQS takes so many messages at once.
const MOST_MESSAGES: usize = 10;
/// And so many bytes, with room for what belongs to a message beside its text.
const MOST_BYTES: usize = 1_000_000;

/// What came of sending.
#[derive(Default)]
pub(crate) struct Sent {
    /// Messages that SQS named.
    pub(crate) messages: u64,
    /// Why others were not sent. They stay where they are.
    pub(crate) failure: Option<Error>,
}

/// Sends what waits, the oldest of each interaction first, and takes away what SQS named.
pub(crate) async fn send(
    sender: &Sender,
    known: &mut HashMap<InteractionId, Offset>,
    until: Instant,
) -> Sent {
    let mut sent = Sent::default();
    while sent.failure.is_none() {
        let outcome = send_wave(sender, known, until, &mut sent.messages).await;
        match outcome {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => sent.failure = Some(error),
        }
    }
    sent
}

/// Sends the oldest message of each interaction; whether there may be more, and time for them.
async fn send_wave(
    sender: &Sender,
    known: &mut HashMap<InteractionId, Offset>,
    until: Instant,
    count: &mut u64,
) -> Result<bool, Error> {
    let mut wave = Vec::new();
    for (id, one) in known.iter() {
        if let Some(message) = one.unsent.first() {
            wave.push((id.clone(), message.to_sqs()?));
        }
    }
    let mut is_whole = true;
    for batch in batches(&wave) {
        if Instant::now() >= until {
            // The rest is for the next round, which renews the lease first.
            return Ok(false);
        }
        let messages: Vec<_> = batch.iter().map(|(_, message)| message.clone()).collect();
        let missing = sender.send_in_order(&messages).await?;
        for (place, (id, _)) in batch.iter().enumerate() {
            if !missing.contains(&place)
                && let Some(one) = known.get_mut(id)
            {
                one.unsent.remove(0);
                *count += 1;
            }
        }
        is_whole &= missing.is_empty();
    }
    if is_whole {
        Ok(!wave.is_empty())
    } else {
        Err(Error::transient("SQS", "it did not take every message"))
    }
}

/// As many at once as SQS takes.
fn batches(wave: &[(InteractionId, InOrder)]) -> Vec<&[(InteractionId, InOrder)]> {
    let mut batches = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (place, (_, message)) in wave.iter().enumerate() {
        let is_full = place - start == MOST_MESSAGES || bytes + message.body.len() > MOST_BYTES;
        if is_full && place > start {
            batches.push(&wave[start..place]);
            (start, bytes) = (place, 0);
        }
        bytes += message.body.len();
    }
    batches.extend((start < wave.len()).then(|| &wave[start..]));
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_what_sqs_takes_and_everything() {
        for (sizes, expected) in [
            (vec![], vec![]),
            (vec![5; 10], vec![10]),
            (vec![5; 21], vec![10, 10, 1]),
            (vec![600_000, 600_000, 300_000], vec![1, 2]),
            (vec![1_000_000, 1], vec![1, 1]),
        ] {
            let wave: Vec<_> = sizes
                .iter()
                .enumerate()
                .map(|(number, size)| {
                    let message = InOrder {
                        body: "x".repeat(*size),
                        group: String::new(),
                        deduplication_id: String::new(),
                    };
                    (InteractionId::parse(number.to_string()).unwrap(), message)
                })
                .collect();
            let counts: Vec<_> = batches(&wave).iter().map(|batch| batch.len()).collect();
            assert_eq!(counts, expected);
        }
    }
}
