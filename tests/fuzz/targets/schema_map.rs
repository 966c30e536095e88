//! Any configuration over any payload: the first line is the map, the rest is the payload.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::domain::EventName;
use shared::text::chunk::{Limits, Tokens, chunk};
use shared::text::schema_map::SchemaMaps;

struct Letters;

impl Tokens for Letters {
    fn count(&self, text: &str) -> usize {
        text.chars().count().div_ceil(4)
    }
}

fuzz_target!(|text: &str| {
    let (map, payload) = text.split_once('\n').unwrap_or(("", text));
    let maps = map
        .parse()
        .unwrap_or_else(|_: String| SchemaMaps::default());
    let Ok(event) = EventName::parse("conversation.completed") else {
        return;
    };
    let Ok(payload) = shared::json::parse(payload.as_bytes()) else {
        return;
    };
    let Ok(mapped) = maps.for_event(&event).read(payload) else {
        return;
    };
    for turn in &mapped.turns {
        assert!(!turn.words.trim().is_empty() && !turn.words.contains('\0'));
    }
    let Ok(limits) = Limits::new(16, 4) else {
        return;
    };
    let chunks = chunk(&mapped.turns, limits, &Letters);
    assert_eq!(chunks.is_empty(), mapped.turns.is_empty());
});
