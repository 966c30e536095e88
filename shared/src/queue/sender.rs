//! Puts messages on a queue. A message counts as sent when SQS has named it, not before.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::operation::send_message::SendMessageError;
use aws_sdk_sqs::types::{
    MessageAttributeValue, MessageSystemAttributeNameForSends, MessageSystemAttributeValue,
    QueueAttributeName, SendMessageBatchRequestEntry, SendMessageBatchResultEntry,
};

use crate::domain::CorrelationId;
use crate::error::Error;
use crate::telemetry;

/// Who receives a message goes on with the trace that it was sent in.
type SystemAttributes = HashMap<MessageSystemAttributeNameForSends, MessageSystemAttributeValue>;

/// The name under which SQS keeps a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageId(String);

impl std::fmt::Display for MessageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A message for a FIFO queue.
#[derive(Clone, PartialEq, Eq)]
pub struct InOrder {
    /// Its text.
    pub body: String,
    /// Within a group order is kept.
    pub group: String,
    /// Of several with the same one, within five minutes, one arrives.
    pub deduplication_id: String,
}

/// Sends to one queue.
pub struct Sender {
    client: Client,
    queue_url: String,
    last_failure: Mutex<Option<Instant>>,
}

impl Sender {
    /// Sends to the queue with this URL.
    pub fn new(client: Client, queue_url: impl Into<String>) -> Self {
        Self {
            client,
            queue_url: queue_url.into(),
            last_failure: Mutex::new(None),
        }
    }

    /// Sends one message, with the correlation id and the trace as attributes.
    pub async fn send(
        &self,
        body: String,
        correlation_id: &CorrelationId,
    ) -> Result<MessageId, Error> {
        let outcome = self.try_send(body, correlation_id).await;
        let failure = outcome.is_err().then(Instant::now);
        *self
            .last_failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = failure;
        outcome
    }

    /// Whether the last message could not be sent, and that was less than `span` ago. What [`Self::check`] asks for can be well
    /// while sending is not.
    pub fn failed_within(&self, span: Duration) -> bool {
        let failure = *self
            .last_failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        failure.is_some_and(|at| at.elapsed() < span)
    }

    async fn try_send(
        &self,
        body: String,
        correlation_id: &CorrelationId,
    ) -> Result<MessageId, Error> {
        let attribute = MessageAttributeValue::builder()
            .data_type("String")
            .string_value(correlation_id.as_str())
            .build()
            .map_err(without_type)?;
        let request = self
            .client
            .send_message()
            .queue_url(&self.queue_url)
            .message_body(body);
        let answer = request
            .message_attributes("correlation_id", attribute)
            .set_message_system_attributes(trace()?)
            .send()
            .await
            .map_err(refused)?;
        let id = answer.message_id.filter(|id| !id.is_empty());
        id.map(MessageId)
            .ok_or_else(|| Error::transient("SQS", "the answer names no message"))
    }

    /// Sends up to ten messages of different groups, or of one group in its order. Gives the places of those that SQS did not name:
    /// HTTP 200 hides them.
    pub async fn send_in_order(&self, messages: &[InOrder]) -> Result<Vec<usize>, Error> {
        let trace = trace()?;
        let entries = messages.iter().enumerate().map(|(place, message)| {
            let entry = SendMessageBatchRequestEntry::builder().id(place.to_string());
            let entry = entry.message_body(&message.body);
            let entry = entry.message_group_id(&message.group);
            let entry = entry.message_deduplication_id(&message.deduplication_id);
            let entry = entry.set_message_system_attributes(trace.clone());
            entry.build().map_err(|error| Error::Bug {
                what: "a message without a body",
                source: Some(Box::new(error)),
            })
        });
        let request = self
            .client
            .send_message_batch()
            .queue_url(&self.queue_url)
            .set_entries(Some(entries.collect::<Result<_, _>>()?));
        let answer = request.send().await.map_err(unavailable)?;
        let named = answer.successful().iter();
        let named: Vec<_> = named.map(SendMessageBatchResultEntry::id).collect();
        let is_missing = |place: &usize| !named.contains(&place.to_string().as_str());
        Ok((0..messages.len()).filter(is_missing).collect())
    }

    /// Whether the queue can be reached. Costs one call, and opens the connection that the next message will use.
    pub async fn check(&self) -> Result<(), Error> {
        let request = self
            .client
            .get_queue_attributes()
            .queue_url(&self.queue_url);
        request
            .attribute_names(QueueAttributeName::QueueArn)
            .send()
            .await
            .map_err(unavailable)?;
        Ok(())
    }
}

fn trace() -> Result<Option<SystemAttributes>, Error> {
    let Some(header) = telemetry::current_trace() else {
        return Ok(None);
    };
    let value = MessageSystemAttributeValue::builder().data_type("String");
    let value = value.string_value(header.as_str()).build();
    let name = MessageSystemAttributeNameForSends::AwsTraceHeader;
    Ok(Some([(name, value.map_err(without_type)?)].into()))
}

fn without_type(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Bug {
        what: "an attribute without a type",
        source: Some(Box::new(error)),
    }
}

/// Even a missing queue or a missing right is transient for the caller: sending again will work once a person has put it right.
/// The error itself is kept, and never its debug form, which holds the service's whole answer.
fn unavailable<E: std::error::Error + Send + Sync + 'static>(error: E) -> Error {
    Error::transient("SQS", error)
}

fn refused(error: SdkError<SendMessageError>) -> Error {
    match error.as_service_error() {
        Some(SendMessageError::InvalidMessageContents(_)) => Error::Bug {
            what: "a message holds characters that SQS does not take",
            source: Some(error.into()),
        },
        _ => unavailable(error),
    }
}
