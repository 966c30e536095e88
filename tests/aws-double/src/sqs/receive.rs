//! `ReceiveMessage`, which waits for messages if asked to.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::error::{ApiError, Reply};
use crate::http::json;
use crate::sqs::Sqs;
use crate::sqs::message::{Attribute, Message, attributes_md5};
use crate::sqs::queue::Queue;
use crate::sqs::receipt::Receipt;
use crate::state::World;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Receive {
    queue_url: String,
    max_number_of_messages: Option<usize>,
    wait_time_seconds: Option<u64>,
    visibility_timeout: Option<u64>,
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Received<'a> {
    message_id: &'a str,
    receipt_handle: String,
    #[serde(rename = "MD5OfBody")]
    md5_of_body: &'a str,
    body: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<&'static str, String>,
    #[serde(
        rename = "MD5OfMessageAttributes",
        skip_serializing_if = "Option::is_none"
    )]
    md5_of_attributes: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    message_attributes: BTreeMap<&'a String, &'a Attribute>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Messages<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<Received<'a>>,
}

/// One look at the queue: an answer, or what to wait for and until when.
enum Look {
    Answer(Reply),
    Wait(Arc<Notify>, Instant),
}

/// Takes messages; with none there, looks again whenever the queue changes, until the time is over.
pub(crate) async fn receive(world: &World, request: Receive) -> Reply {
    let started = Instant::now();
    request.check()?;
    loop {
        let look = request.look(&mut world.lock().sqs, started)?;
        match look {
            Look::Answer(reply) => return reply,
            // No message can come between the look and the wait: every request is served by one thread.
            Look::Wait(changed, until) => {
                let _ = tokio::time::timeout_at(until.into(), changed.notified()).await;
            }
        }
    }
}

impl Receive {
    fn check(&self) -> Result<(), ApiError> {
        let bad = |name: &str, rule: &str| {
            let message = format!(
                "Value for parameter {name} is invalid. Reason: Must be {rule}, if provided."
            );
            Err(ApiError::invalid(message))
        };
        match self {
            Self {
                max_number_of_messages: Some(0 | 11..),
                ..
            } => bad("MaxNumberOfMessages", "between 1 and 10"),
            Self {
                wait_time_seconds: Some(21..),
                ..
            } => bad("WaitTimeSeconds", ">= 0 and <= 20"),
            Self {
                visibility_timeout: Some(43_201..),
                ..
            } => bad("VisibilityTimeout", ">= 0 and <= 43200"),
            _ => Ok(()),
        }
    }

    fn look(&self, sqs: &mut Sqs, started: Instant) -> Result<Look, ApiError> {
        let now = Instant::now();
        let receives = sqs.receives_before_death(&self.queue_url)?;
        let queue = sqs.queue(&self.queue_url)?;
        let given = self.visibility_timeout.map(Duration::from_secs);
        let visibility = given.unwrap_or_else(|| queue.settings.visibility_timeout());
        let limit = self.max_number_of_messages.unwrap_or(1);
        let (taken, dead) = queue.receive(now, limit, visibility, receives);
        let wait = self.wait_time_seconds.map(Duration::from_secs);
        let deadline = started + wait.unwrap_or_else(|| queue.settings.receive_wait());
        let look = if taken.is_empty() && now < deadline {
            let due = queue.advance(now);
            let until = due.map_or(deadline, |due| due.min(deadline));
            Look::Wait(Arc::clone(&queue.changed), until)
        } else {
            Look::Answer(self.describe(queue, &taken))
        };
        if !dead.is_empty() {
            sqs.bury(&self.queue_url, dead)?;
        }
        Ok(look)
    }

    fn describe(&self, queue: &Queue, taken: &[u64]) -> Reply {
        let describe = |number: &u64| {
            let message = queue.message(*number)?;
            let receipt = Receipt {
                queue: queue.number,
                message: *number,
                delivery: message.receive_count,
            };
            Some(self.describe_message(message, receipt))
        };
        json(&Messages {
            messages: taken.iter().filter_map(describe).collect(),
        })
    }

    fn describe_message<'a>(&self, message: &'a Message, receipt: Receipt) -> Received<'a> {
        let wanted = |(name, _): &(&String, &Attribute)| {
            wants_all(&self.message_attribute_names)
                || self.message_attribute_names.iter().any(|pattern| {
                    pattern
                        .strip_suffix(".*")
                        .map_or(*name == pattern, |prefix| name.starts_with(prefix))
                })
        };
        let message_attributes: BTreeMap<_, _> = message.attributes.iter().filter(wanted).collect();
        Received {
            message_id: &message.id,
            receipt_handle: receipt.encode(),
            md5_of_body: &message.body_md5,
            body: &message.body,
            attributes: self.system_attributes(message),
            md5_of_attributes: attributes_md5(message_attributes.iter().map(|(n, a)| (*n, *a))),
            message_attributes,
        }
    }

    fn system_attributes(&self, message: &Message) -> BTreeMap<&'static str, String> {
        let names = || {
            self.attribute_names
                .iter()
                .chain(&self.message_system_attribute_names)
        };
        if names().next().is_none() {
            return BTreeMap::new();
        }
        let first = message.first_received_ms.map(|ms| ms.to_string());
        let all = [
            ("AWSTraceHeader", message.trace_header.clone()),
            ("ApproximateFirstReceiveTimestamp", first),
            (
                "ApproximateReceiveCount",
                Some(message.receive_count.to_string()),
            ),
            ("MessageDeduplicationId", message.deduplication_id.clone()),
            ("MessageGroupId", message.group.clone()),
            ("SenderId", Some("AIDAIT2UOQQY3AUEKVGXU".to_owned())),
            ("SentTimestamp", Some(message.sent_ms.to_string())),
            ("SequenceNumber", message.sequence_number.clone()),
        ];
        let wanted = |name: &str| names().any(|wanted| wanted == "All" || wanted == name);
        let present = all
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        present.filter(|(name, _)| wanted(name)).collect()
    }
}

fn wants_all(names: &[String]) -> bool {
    names.iter().any(|name| name == "All")
}

impl Sqs {
    /// How often a message may be received; without limit if there is no dead-letter queue, or no longer.
    fn receives_before_death(&mut self, url: &str) -> Result<u32, ApiError> {
        let Some(redrive) = self.queue(url)?.settings.redrive.clone() else {
            return Ok(u32::MAX);
        };
        let target = self.queues.values().find(|q| q.arn == redrive.target_arn);
        Ok(target.map_or(u32::MAX, |_| redrive.max_receive_count))
    }

    /// Moves messages to the dead-letter queue.
    fn bury(&mut self, source: &str, dead: Vec<Message>) -> Result<(), ApiError> {
        let redrive = self.queue(source)?.settings.redrive.clone();
        let arn = redrive.map(|redrive| redrive.target_arn);
        if let Some(target) = self
            .queues
            .values_mut()
            .find(|q| Some(&q.arn) == arn.as_ref())
        {
            for message in dead {
                target.push(message);
            }
        }
        Ok(())
    }
}
