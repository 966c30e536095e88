//! Gathers messages into the event of one invocation, as Lambda does: up to the batch size, until the window ends, up to 6 MB.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use aws_sdk_sqs::types::{Message, MessageAttributeValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::Mapping;

/// The largest event that Lambda hands to a function.
pub(super) const LARGEST_EVENT: usize = 6 * 1024 * 1024;
/// How long SQS may wait for the first message.
const LONG_POLL: Duration = Duration::from_secs(20);
/// How many messages SQS gives at once, at most.
const MOST_AT_ONCE: usize = 10;
/// `{"Records":[` and `]}`.
const FRAME: usize = 14;

/// One message as the function will see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The message's id.
    pub id: String,
    /// What deletes it.
    pub receipt: String,
    /// The record's JSON.
    pub json: String,
}

impl Record {
    /// The record that Lambda makes of a message; `None` for a message that lacks what SQS always sends.
    pub fn of(message: &Message, queue: &str) -> Option<Self> {
        let (id, receipt) = (message.message_id()?, message.receipt_handle()?);
        let text = |(name, value): (&_, &String)| (attribute_name(name), json!(value));
        let attributes: Map<_, _> = message
            .attributes()
            .into_iter()
            .flatten()
            .map(text)
            .collect();
        let mut record = json!({
            "messageId": id,
            "receiptHandle": receipt,
            "body": message.body().unwrap_or_default(),
            "attributes": attributes,
            "messageAttributes": message_attributes(message.message_attributes()),
            "md5OfBody": message.md5_of_body(),
            "eventSource": "aws:sqs",
            "eventSourceARN": crate::stack::aws::queue_arn(queue),
            "awsRegion": crate::stack::aws::REGION,
        });
        if let Some(digest) = message.md5_of_message_attributes() {
            record["md5OfMessageAttributes"] = json!(digest);
        }
        Some(Self {
            id: id.to_owned(),
            receipt: receipt.to_owned(),
            json: record.to_string(),
        })
    }
}

fn attribute_name(name: &aws_sdk_sqs::types::MessageSystemAttributeName) -> String {
    name.as_str().to_owned()
}

fn message_attributes(attributes: Option<&HashMap<String, MessageAttributeValue>>) -> Value {
    let value = |value: &MessageAttributeValue| {
        let mut json =
            json!({"stringListValues": [], "binaryListValues": [], "dataType": value.data_type()});
        if let Some(text) = value.string_value() {
            json["stringValue"] = json!(text);
        }
        if let Some(bytes) = value.binary_value() {
            json["binaryValue"] = json!(STANDARD.encode(bytes));
        }
        json
    };
    let attributes = attributes.into_iter().flatten();
    attributes
        .map(|(name, given)| (name.clone(), value(given)))
        .collect::<Map<_, _>>()
        .into()
}

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

    #[test]
    fn a_message_becomes_lambdas_record() {
        let message = Message::builder()
            .message_id("m")
            .receipt_handle("r")
            .body("hello")
            .md5_of_body("d")
            .attributes(
                aws_sdk_sqs::types::MessageSystemAttributeName::SentTimestamp,
                "1",
            )
            .message_attributes(
                "n",
                MessageAttributeValue::builder()
                    .data_type("String")
                    .string_value("v")
                    .build()
                    .unwrap(),
            )
            .build();
        let record: Value =
            serde_json::from_str(&Record::of(&message, "work").unwrap().json).unwrap();
        assert_eq!(
            record,
            json!({
                "messageId": "m", "receiptHandle": "r", "body": "hello", "md5OfBody": "d", "attributes": {"SentTimestamp": "1"},
                "messageAttributes": {"n": {"stringValue": "v", "dataType": "String", "stringListValues": [], "binaryListValues": []}},
                "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:work", "awsRegion": "us-east-1",
            })
        );
        assert_eq!(Record::of(&Message::builder().build(), "work"), None);
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
