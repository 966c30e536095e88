//! Messages arrive: each is read on its own, copies become one, and what cannot be read is parked.

use std::collections::HashMap;

use shared::batch::{Batch, Message};
use shared::domain::{ConversationMac, CorrelationId, ErasureKey};
use shared::error::Error;
use shared::queue::{ConversationMessage, MessageId};
use shared::telemetry;
use tracing::{Instrument as _, Span};

use crate::app::App;

/// Payloads that are unpacked at once hold at most so many bytes, but for the last of them.
pub(crate) const SLICE: usize = 32 << 20;

/// An event of this batch, once, with the positions of its copies.
pub(crate) struct Arrival {
    pub(crate) message: ConversationMessage,
    /// What CXone sent, unpacked. Where those before are large it stays packed: a hundred of them may be far larger.
    unpacked: Option<String>,
    pub(crate) mac: ConversationMac,
    pub(crate) positions: Vec<usize>,
}

/// Reads every message; what can never be read goes to the dead-letter queue.
pub(crate) async fn arrive(
    app: &App,
    batch: &mut Batch,
    messages: &[Message],
    key: &ErasureKey,
) -> Vec<Arrival> {
    let mut arrivals: Vec<Arrival> = Vec::new();
    let (mut places, mut bytes) = (HashMap::new(), 0);
    for (position, message) in messages.iter().enumerate() {
        let (message, unpacked) = match read(&message.body) {
            Ok(read) => read,
            Err(error) => {
                park(app, batch, &[position], messages, &error).await;
                continue;
            }
        };
        let place = *places
            .entry(message.event_key.clone())
            .or_insert(arrivals.len());
        if let Some(known) = arrivals.get_mut(place) {
            known.positions.push(position);
            continue;
        }
        arrivals.push(Arrival {
            mac: key.mac(&message.conversation_id),
            unpacked: (bytes < SLICE).then(|| {
                bytes += unpacked.len();
                unpacked
            }),
            message,
            positions: vec![position],
        });
    }
    arrivals
}

impl Arrival {
    /// What CXone sent.
    pub(crate) fn take_payload(&mut self) -> Result<String, Error> {
        let unpacked = self.unpacked.take();
        unpacked.map_or_else(|| payload(&self.message), Ok)
    }
}

fn read(text: &str) -> Result<(ConversationMessage, String), Error> {
    let message = ConversationMessage::from_text(text)?;
    let payload = payload(&message)?;
    shared::json::parse(payload.as_bytes())?;
    Ok((message, payload))
}

fn payload(message: &ConversationMessage) -> Result<String, Error> {
    let no_text = |_| Error::invalid("/body", "is no Unicode text");
    String::from_utf8(message.body()?).map_err(no_text)
}

/// Puts messages where a person will look. If that fails, the queue gives them again.
pub(crate) async fn park(
    app: &App,
    batch: &mut Batch,
    positions: &[usize],
    messages: &[Message],
    why: &Error,
) {
    let rules = why.violations().iter();
    let pointers: Vec<_> = rules.map(|one| one.pointer.as_str()).collect();
    for position in positions {
        let Some(message) = messages.get(*position) else {
            continue;
        };
        let span = message.span();
        let sent = send(app, message).instrument(span.clone()).await;
        let _inside = span.enter();
        if let Err(error) = sent {
            tracing::error!(
                queue.message_id = message.id,
                error = error.chain(),
                "could not be parked"
            );
            continue;
        }
        batch.settle(*position);
        tracing::error!(
            queue.message_id = message.id,
            error = why.chain(),
            ?pointers,
            parked = 1,
            "parked in the dead-letter queue"
        );
    }
}

/// The same message, under the same ids.
async fn send(app: &App, message: &Message) -> Result<MessageId, Error> {
    let id = message.correlation_id.clone();
    let id = id.unwrap_or_else(CorrelationId::generate);
    let sent = app.parking.send(message.body.clone(), &id);
    telemetry::within_trace(message.trace.clone(), sent).await
}

/// What lines about an event have in common. Who sent it without a correlation id finds it by its receipt alone.
pub(crate) fn about(message: Option<&Message>, event: &ConversationMessage) -> Span {
    let span = message.map_or_else(Span::current, Message::span);
    let receipt = event.receipt_id.to_string();
    if message.is_some_and(|message| message.correlation_id.is_none()) {
        span.record("correlation.id", &receipt);
    }
    span.in_scope(|| tracing::error_span!("event", receipt.id = receipt))
}
