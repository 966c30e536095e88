//! A batch of queue messages, each on its own: what is not settled is reported, so that the queue gives it again.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};

use tracing::Span;

use crate::domain::CorrelationId;
use crate::error::Error;
use crate::telemetry::TraceHeader;

/// One message of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its name in this batch.
    pub id: String,
    /// Its text, unread.
    pub body: String,
    /// Under which its sender worked, where the sender says so.
    pub correlation_id: Option<CorrelationId>,
    /// The trace that its sender was part of.
    pub trace: Option<TraceHeader>,
}

impl Message {
    /// What lines about the message have in common: the sender's ids. Of level error, so that lines have them at every `LOG_LEVEL`.
    pub fn span(&self) -> Span {
        tracing::error_span!(
            "message",
            correlation.id = self.correlation_id.as_ref().map(ToString::to_string),
            trace.id = self.trace.as_ref().and_then(TraceHeader::root),
        )
    }

    /// What it says. One that cannot be read is told of, and comes again to no avail.
    pub fn read<T>(&self, read: impl FnOnce(&str) -> Result<T, Error>) -> Option<T> {
        match read(&self.body) {
            Ok(message) => Some(message),
            Err(error) => {
                tracing::error!(error = error.chain(), "a message that nobody sent");
                None
            }
        }
    }
}

impl From<SqsMessage> for Message {
    fn from(record: SqsMessage) -> Self {
        let sent = record.message_attributes.get("correlation_id");
        let sent = sent.and_then(|attribute| attribute.string_value.as_deref());
        let trace = record.attributes.get("AWSTraceHeader");
        Self {
            id: record.message_id.unwrap_or_default(),
            body: record.body.unwrap_or_default(),
            correlation_id: sent.and_then(|id| CorrelationId::parse(id).ok()),
            trace: trace.and_then(|header| TraceHeader::parse(header)),
        }
    }
}

/// Which messages of a batch are settled. At first none is: whoever returns early reports them all.
#[derive(Debug)]
pub struct Batch {
    ids: Vec<String>,
    settled: Vec<bool>,
}

impl Batch {
    /// The messages that the queue gave, in its order, and what is to be said of them.
    pub fn open(event: SqsEvent) -> (Self, Vec<Message>) {
        let messages: Vec<Message> = event.records.into_iter().map(Message::from).collect();
        let batch = Self::new(messages.iter().map(|message| message.id.clone()));
        (batch, messages)
    }

    /// A batch of messages by their names.
    pub fn new(ids: impl IntoIterator<Item = String>) -> Self {
        let ids: Vec<_> = ids.into_iter().collect();
        let settled = vec![false; ids.len()];
        Self { ids, settled }
    }

    /// The message at this position needs no second try.
    pub fn settle(&mut self, position: usize) {
        if let Some(settled) = self.settled.get_mut(position) {
            *settled = true;
        }
    }

    /// The names of those that the queue should give again.
    pub fn unsettled(&self) -> Vec<String> {
        let pairs = self.ids.iter().zip(&self.settled);
        pairs
            .filter(|(_, settled)| !**settled)
            .map(|(id, _)| id.clone())
            .collect()
    }

    /// What the queue is told.
    pub fn answer(&self) -> SqsBatchResponse {
        let mut response = SqsBatchResponse::default();
        response.batch_item_failures = self.unsettled().into_iter().map(failure).collect();
        response
    }
}

fn failure(id: String) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = id;
    failure
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TRACE: &str = "Root=1-5759e988-bd862e3fe1be46a994272793";

    /// A batch as the queue gives it: one message with all that senders say, one with nothing, one with what is not sound.
    fn event() -> SqsEvent {
        let sent =
            |id: &str| json!({ "correlation_id": { "dataType": "String", "stringValue": id } });
        let event = json!({ "Records": [
            {
                "messageId": "m-1", "body": "one", "attributes": { "AWSTraceHeader": TRACE }, "messageAttributes": sent("c-1"),
            },
            { "attributes": {}, "messageAttributes": {} },
            {
                "messageId": "m-3", "body": "three", "attributes": { "AWSTraceHeader": "none" }, "messageAttributes": sent("no id"),
            },
        ] });
        serde_json::from_value(event).unwrap()
    }

    #[test]
    fn messages_come_in_order_with_what_their_senders_say() {
        let (batch, messages) = Batch::open(event());
        let bare = |id: &str, body: &str| Message {
            id: id.to_owned(),
            body: body.to_owned(),
            correlation_id: None,
            trace: None,
        };
        let whole = Message {
            correlation_id: CorrelationId::parse("c-1").ok(),
            trace: TraceHeader::parse(TRACE),
            ..bare("m-1", "one")
        };
        assert!(whole.correlation_id.is_some() && whole.trace.is_some());
        assert_eq!(messages, [whole, bare("", ""), bare("m-3", "three")]);
        assert_eq!(batch.unsettled(), ["m-1", "", "m-3"]);
    }

    #[test]
    fn the_queue_is_told_what_it_should_give_again() {
        let (mut batch, _) = Batch::open(event());
        batch.settle(1);
        batch.settle(7);
        let answer = serde_json::to_value(batch.answer()).unwrap();
        let again = json!([{ "itemIdentifier": "m-1" }, { "itemIdentifier": "m-3" }]);
        assert_eq!(answer["batchItemFailures"], again);
    }

    #[test]
    fn all_patterns_of_ten_messages_are_exact() {
        for pattern in 0_u32..1_024 {
            let mut batch = Batch::new((0..10).map(|number| number.to_string()));
            let is_settled = |position: &usize| pattern >> position & 1 == 1;
            (0..10)
                .filter(is_settled)
                .for_each(|position| batch.settle(position));
            let left = (0..10).filter(|position| !is_settled(position));
            let left: Vec<_> = left.map(|number| number.to_string()).collect();
            assert_eq!(batch.unsettled(), left);
        }
    }
}
