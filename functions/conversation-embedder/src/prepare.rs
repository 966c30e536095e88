//! What is known of an event before any model is asked. Pure: an event and the rules go in.

use shared::db::conversation_events::{NewEvent, TextState};
use shared::domain::ConversationId;
use shared::error::Error;
use shared::text::reading::{Payload, Reading};

use crate::app::Rules;

/// An event, its text, and what its words alone say of it.
pub(crate) struct Draft {
    pub(crate) event: NewEvent,
    pub(crate) reading: Reading,
}

impl Draft {
    pub(crate) fn conversation(&self) -> &ConversationId {
        &self.event.conversation_id
    }
}

/// Reads the payload by the map of its event. What is kept of it is what the policy leaves.
pub(crate) fn prepare(rules: &Rules, mut event: NewEvent) -> Result<Draft, Error> {
    let payload = Payload {
        text: &event.raw,
        is_masked: event.raw_masked,
    };
    let map = rules.maps.for_event(&event.event);
    let mut reading = Reading::of(payload, map, rules.policy)?;
    event.supersedes = reading.supersedes;
    event.state = match (reading.missing.is_empty(), reading.turns.is_empty()) {
        (false, _) => TextState::Incomplete,
        (true, true) => TextState::NoText,
        (true, false) => TextState::Searchable,
    };
    if let Some(masked) = reading.masked.take() {
        event.raw = masked;
        event.raw_masked = true;
    }
    Ok(Draft { event, reading })
}
