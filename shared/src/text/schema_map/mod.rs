//! Which parts of a payload are words, and under which label: configuration, read and checked once at the start.
//!
//! ```json
//! {"default": {"fields": {"subject": "Subject", "transcript.agent": "Agent"},
//!              "turns": [{"each": "transcript.segments[*]", "who": "speaker", "what": "text", "label": "Speaker"}],
//!              "required": ["transcript"], "supersedes": true},
//!  "events": {"conversation.note": {"fields": {"note": "Note"}, "supersedes": false}}}
//! ```
//!
//! The text is made of the fields in the order in which they are written, then of the turns in theirs. An object whose values are
//! all strings, such as `{"transcript.agent": "Agent", "data.subject": "Subject"}`, is a default map of these fields. An event that
//! has no map of its own gets the default; a default that is not written is the built-in one ([`SchemaMaps::default`]).
//!
//! A path is looked up below `data` first and from the top of the payload second, so `subject` and `data.subject` both find the
//! subject. It selects: `[*]` gives one turn per value, in order. Numbers and booleans are text as written; `null`, objects and
//! arrays say nothing; a blank string says nothing either.

mod build;
mod map;
mod path;
mod select;
mod version;
mod words;
mod written;

#[cfg(test)]
mod tests;

pub use map::{Mapped, SchemaMap};
pub use version::MapVersion;

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::domain::EventName;
use written::{WrittenMap, WrittenMaps};

/// The map of every event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaMaps {
    default: SchemaMap,
    events: BTreeMap<EventName, SchemaMap>,
}

impl SchemaMaps {
    /// The map for this event: its own, or the default.
    pub fn for_event(&self, event: &EventName) -> &SchemaMap {
        self.events.get(event).unwrap_or(&self.default)
    }

    fn build(written: WrittenMaps) -> Result<Self, String> {
        let default = match written.default {
            Some(map) => SchemaMap::build(map).map_err(|flaw| format!("default: {flaw}"))?,
            None => SchemaMap::default(),
        };
        let mut events = BTreeMap::new();
        for (name, map) in written.events.0 {
            let wrong = |flaw: &str| format!("events: {name}: {flaw}");
            let map = SchemaMap::build(map).map_err(|flaw| wrong(&flaw))?;
            let event = EventName::parse(name.as_str()).map_err(wrong)?;
            if events.insert(event, map).is_some() {
                return Err(wrong("is there twice"));
            }
        }
        Ok(Self { default, events })
    }
}

/// What is read where nothing is configured: the subject, both sides of the transcript, and its segments as turns.
impl Default for SchemaMaps {
    fn default() -> Self {
        Self {
            default: SchemaMap::default(),
            events: BTreeMap::new(),
        }
    }
}

/// Reads the JSON of the configuration; an error names the path, the key or the event that is wrong.
impl FromStr for SchemaMaps {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let written = match written::short(text) {
            Some(fields) => WrittenMaps::from_default(WrittenMap::from_fields(fields)),
            None => serde_json::from_str(text).map_err(|flaw| {
                format!("is neither paths with their labels nor default and events: {flaw}")
            })?,
        };
        Self::build(written)
    }
}

impl<'de> Deserialize<'de> for SchemaMaps {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Box::<RawValue>::deserialize(deserializer)?;
        written.get().parse().map_err(D::Error::custom)
    }
}
