//! Gathers messages into the event of one invocation, as Lambda does: up to the batch size, until the window ends, up to 6 MB.

use std::time::{Duration, Instant};

use super::Mapping;
use super::record::Record;

/// The largest event that Lambda hands to a function.
pub(super) const LARGEST_EVENT: usize = 6 * 1024 * 1024;
/// How long SQS may wait for the first message.
const LONG_POLL: Duration = Duration::from_secs(20);
/// How many messages SQS gives at once, at most.
const MOST_AT_ONCE: usize = 10;
/// `{"Records":[` and `]}`.
const FRAME: usize = 14;

/// What to ask the queue for next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// This many messages, at most.
    pub messages: usize,
    /// Waiting this long for the first of them.
    pub wait: Duration,
}

/// A batch that fills up.
#[derive(Debug)]
pub struct Gathering {
    limit: usize,
    window: Duration,
    bytes: usize,
    opened: Option<Instant>,
    is_full: bool,
    records: Vec<Record>,
}

impl Gathering {
    /// An empty batch.
    pub fn new(mapping: &Mapping) -> Self {
        Self {
            limit: mapping.batch_size,
            window: mapping.window,
            bytes: FRAME,
            opened: None,
            is_full: false,
            records: Vec::new(),
        }
    }

    /// Takes a record in, or gives it back when the batch has no room for it. A record that alone is over the cap is taken, because
    /// it fits no other batch either.
    pub fn offer(&mut self, record: Record, now: Instant) -> Option<Record> {
        let grown = self.bytes + record.json.len() + usize::from(!self.records.is_empty());
        if self.records.len() >= self.limit || (grown > LARGEST_EVENT && !self.records.is_empty()) {
            self.is_full = true;
            return Some(record);
        }
        self.bytes = grown;
        self.opened.get_or_insert(now);
        self.records.push(record);
        None
    }

    /// What to ask for next; `None` when the batch is ready.
    pub fn ask(&self, now: Instant) -> Option<Ask> {
        let Some(opened) = self.opened else {
            let messages = self.limit.min(MOST_AT_ONCE);
            return Some(Ask {
                messages,
                wait: LONG_POLL,
            });
        };
        let left = (opened + self.window).saturating_duration_since(now);
        let room = self.limit.saturating_sub(self.records.len());
        if self.is_full || room == 0 || left.is_zero() {
            return None;
        }
        Some(Ask {
            messages: room.min(MOST_AT_ONCE),
            wait: left.min(LONG_POLL),
        })
    }

    /// The records, in the order in which they came.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The event for the function.
    pub fn event(&self) -> String {
        let records: Vec<_> = self
            .records
            .iter()
            .map(|record| record.json.as_str())
            .collect();
        format!(r#"{{"Records":[{}]}}"#, records.join(","))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mapping(batch_size: usize, window: u64) -> Mapping {
        Mapping {
            function: "worker".to_owned(),
            queue: "work".to_owned(),
            batch_size,
            window: Duration::from_secs(window),
            partial_answers: true,
            max_concurrency: None,
        }
    }

    fn record(id: usize, bytes: usize) -> Record {
        Record {
            id: id.to_string(),
            receipt: id.to_string(),
            json: format!("\"{}\"", "x".repeat(bytes)),
        }
    }

    #[test]
    fn without_a_window_whatever_came_first_is_the_batch() {
        let now = Instant::now();
        let mut batch = Gathering::new(&mapping(10, 0));
        assert_eq!(
            batch.ask(now),
            Some(Ask {
                messages: 10,
                wait: LONG_POLL
            })
        );
        assert_eq!(batch.offer(record(1, 5), now), None);
        assert_eq!(batch.ask(now), None);
    }

    #[test]
    fn a_window_opens_with_the_first_message_and_closes_in_time() {
        let now = Instant::now();
        let mut batch = Gathering::new(&mapping(25, 30));
        batch.offer(record(1, 5), now);
        assert_eq!(
            batch.ask(now),
            Some(Ask {
                messages: 10,
                wait: LONG_POLL
            })
        );
        let later = now + Duration::from_secs(28);
        assert_eq!(
            batch.ask(later),
            Some(Ask {
                messages: 10,
                wait: Duration::from_secs(2)
            })
        );
        assert_eq!(batch.ask(now + Duration::from_secs(30)), None);
        for id in 2..=23 {
            batch.offer(record(id, 5), later);
        }
        assert_eq!(batch.ask(later).map(|ask| ask.messages), Some(2));
    }

    proptest! {
        #[test]
        fn no_batch_is_too_long_or_too_large_and_nothing_is_lost(
            sizes in prop::collection::vec(prop_oneof![1..100usize, 1_000_000..3_000_000usize], 1..40),
            limit in 1..12usize,
        ) {
            let now = Instant::now();
            let mut waiting: std::collections::VecDeque<_> = sizes.iter().enumerate().map(|(id, bytes)| record(id, *bytes)).collect();
            let mut seen = Vec::new();
            while !waiting.is_empty() {
                let mut batch = Gathering::new(&mapping(limit, 1));
                while batch.ask(now).is_some() && let Some(next) = waiting.pop_front() {
                    if let Some(back) = batch.offer(next, now) {
                        waiting.push_front(back);
                    }
                }
                let event = batch.event();
                prop_assert!(!batch.records().is_empty() && batch.records().len() <= limit);
                prop_assert!(event.len() <= LARGEST_EVENT && event.len() == batch.bytes);
                seen.extend(batch.records().iter().map(|record| record.id.clone()));
            }
            prop_assert_eq!(seen, (0..sizes.len()).map(|id| id.to_string()).collect::<Vec<_>>());
        }
    }
}
