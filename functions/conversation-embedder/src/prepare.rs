//! What is known of an event before any model is asked. Pure: an event and the rules go in.

use shared::db::conversation_events::{NewEvent, TextState};
use shared::domain::{ConversationId, EventName};
use shared::error::Error;
use shared::json;
use shared::text::language::Language;
use shared::text::schema_map::MapVersion;
use shared::text::{Turn, language, pii};

use crate::app::Rules;

/// An event, its text, and what its words alone say of it.
pub(crate) struct Draft {
    pub(crate) event: NewEvent,
    pub(crate) map: MapVersion,
    pub(crate) turns: Vec<Turn>,
    pub(crate) pii_types: Vec<&'static str>,
    pub(crate) language: Option<Language>,
}

impl Draft {
    pub(crate) fn conversation(&self) -> &ConversationId {
        &self.event.conversation_id
    }

    /// The whole text, a turn per line.
    pub(crate) fn text(&self) -> String {
        let lines: Vec<_> = self.turns.iter().map(Turn::to_string).collect();
        lines.join("\n")
    }
}

/// Maps the payload to text, finds what is personal in it, and masks it if the policy says so.
pub(crate) fn prepare(rules: &Rules, mut event: NewEvent) -> Result<Draft, Error> {
    let map = rules.maps.for_event(&event.event);
    let mapped = map.read(json::parse(event.raw.as_bytes())?)?;
    event.supersedes = map.supersedes();
    event.state = match (mapped.missing.is_empty(), mapped.turns.is_empty()) {
        (false, _) => TextState::Incomplete,
        (true, true) => TextState::NoText,
        (true, false) => TextState::Searchable,
    };
    let mut draft = Draft {
        event,
        map: map.version().clone(),
        turns: mapped.turns,
        pii_types: Vec::new(),
        language: None,
    };
    if draft.event.state != TextState::Searchable {
        draft.turns.clear();
    }
    tag(rules, &mut draft)?;
    Ok(draft)
}

fn tag(rules: &Rules, draft: &mut Draft) -> Result<(), Error> {
    let text = draft.text();
    draft.language = language::detect(&text);
    draft.pii_types = pii::kinds(&pii::find(&text))
        .into_iter()
        .map(pii::Kind::as_str)
        .collect();
    if rules.policy == pii::Policy::Mask && !draft.event.raw_masked {
        draft.event.raw = pii::mask_json(&draft.event.raw)?;
        draft.event.raw_masked = true;
        for turn in &mut draft.turns {
            turn.words = pii::mask(&turn.words).into_owned();
        }
    }
    Ok(())
}

/// The event's name decides the map.
pub(crate) fn map_version(rules: &Rules, name: &EventName) -> MapVersion {
    rules.maps.for_event(name).version().clone()
}
