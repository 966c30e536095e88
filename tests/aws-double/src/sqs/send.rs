//! `SendMessage` and `SendMessageBatch`.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::ApiError;
use crate::sqs::Sqs;
use crate::sqs::attributes::MAXIMUM_SIZE;
use crate::sqs::batch::{Outcome, check_ids};
use crate::sqs::message::{self, Attributes, Hidden, Message};
use crate::sqs::queue::Queue;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Send {
    queue_url: String,
    #[serde(flatten)]
    letter: Letter,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SendBatch {
    queue_url: String,
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    #[serde(flatten)]
    letter: Letter,
}

/// What is sent, alone or in a batch.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Letter {
    #[serde(default)]
    message_body: String,
    #[serde(default)]
    message_attributes: Attributes,
    #[serde(default)]
    message_system_attributes: Attributes,
    delay_seconds: Option<u32>,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Sent {
    message_id: String,
    #[serde(rename = "MD5OfMessageBody")]
    md5_of_body: String,
    #[serde(
        rename = "MD5OfMessageAttributes",
        skip_serializing_if = "Option::is_none"
    )]
    md5_of_attributes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence_number: Option<String>,
}

pub(crate) fn send(sqs: &mut Sqs, request: Send) -> Result<Sent, ApiError> {
    post(sqs.queue(&request.queue_url)?, request.letter)
}

pub(crate) fn send_batch(
    sqs: &mut Sqs,
    request: SendBatch,
    failed_entry: Option<usize>,
) -> Result<Outcome<Sent>, ApiError> {
    let queue = sqs.queue(&request.queue_url)?;
    let entries = request.entries;
    check_ids("SendMessage", entries.iter().map(|entry| entry.id.as_str()))?;
    let weigh =
        |entry: &Entry| message::size(&entry.letter.message_body, &entry.letter.message_attributes);
    let total: usize = entries.iter().map(weigh).sum();
    if total > MAXIMUM_SIZE {
        let message = format!(
            "Batch requests cannot be longer than {MAXIMUM_SIZE} bytes. You have sent {total} bytes."
        );
        return Err(ApiError::sqs("BatchRequestTooLong", message));
    }
    let id = |entry: &Entry| entry.id.clone();
    Ok(Outcome::of(entries, failed_entry, id, |entry| {
        post(queue, entry.letter)
    }))
}

/// Checks a letter and stores it, unless a FIFO queue has had it before.
fn post(queue: &mut Queue, letter: Letter) -> Result<Sent, ApiError> {
    let limit = queue.settings.maximum_size();
    message::check(&letter.message_body, &letter.message_attributes, limit)?;
    let now = Instant::now();
    let delay = delay(queue, letter.delay_seconds)?;
    let deduplication_id = deduplication_id(queue, &letter)?;
    let body_md5 = message::body_md5(&letter.message_body);
    let mut sent = Sent {
        message_id: Uuid::new_v4().to_string(),
        md5_of_body: body_md5.clone(),
        md5_of_attributes: message::attributes_md5(&letter.message_attributes),
        sequence_number: queue.next_sequence_number(),
    };
    if let Some(before) = queue.sent_before(now, deduplication_id.as_deref()) {
        sent.message_id = before.id;
        sent.sequence_number = before.sequence_number;
        return Ok(sent);
    }
    let trace = letter.message_system_attributes.get("AWSTraceHeader");
    let message = Message {
        id: sent.message_id.clone(),
        body_md5,
        trace_header: trace.and_then(|trace| trace.string_value.clone()),
        body: letter.message_body,
        attributes: letter.message_attributes,
        group: letter.message_group_id,
        deduplication_id,
        sequence_number: sent.sequence_number.clone(),
        sent_ms: message::now_ms(),
        first_received_ms: None,
        receive_count: 0,
        hidden: delay.map_or(Hidden::No, |delay| Hidden::Delayed(now + delay)),
    };
    queue.push_sent(now, message);
    Ok(sent)
}

fn delay(queue: &Queue, seconds: Option<u32>) -> Result<Option<Duration>, ApiError> {
    let delay = match seconds {
        Some(seconds) if seconds > 900 || (seconds > 0 && queue.settings.fifo) => {
            return Err(ApiError::invalid(format!(
                "Value {seconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900, and can't be set for a message of a FIFO queue."
            )));
        }
        Some(seconds) => Duration::from_secs(u64::from(seconds)),
        None => queue.settings.delay(),
    };
    Ok(Some(delay).filter(|delay| !delay.is_zero()))
}

/// A FIFO queue needs a group and a deduplication id, its own or the body's digest.
fn deduplication_id(queue: &Queue, letter: &Letter) -> Result<Option<String>, ApiError> {
    let given = letter.message_deduplication_id.clone();
    if !queue.settings.fifo {
        return Ok(given);
    }
    if letter.message_group_id.is_none() {
        return Err(ApiError::missing("MessageGroupId"));
    }
    if given.is_none() && !queue.settings.content_based_deduplication {
        return Err(ApiError::invalid(
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
        ));
    }
    let digest = || message::hex(&Sha256::digest(letter.message_body.as_bytes()));
    Ok(Some(given.unwrap_or_else(digest)))
}
