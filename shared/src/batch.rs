//! A batch of queue messages, each on its own: what is not settled is reported, so that the queue gives it again.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};

use crate::domain::CorrelationId;
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
