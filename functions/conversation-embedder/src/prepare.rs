//! What is known of an event before any model is asked. Pure: an event and the rules go in.

use shared::db::conversation_events::{NewEvent, TextState};
use shared::domain::ConversationId;
use shared::error::Error;
use shared::json;
use shared::text::Turn;
use shared::text::language::{self, Language};
use shared::text::pii::{self, Finding, Policy};
use shared::text::schema_map::MapVersion;

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
    // Also where the text is not kept: what only several turns together show to be personal must not stay in the payload.
    tag(rules, &mut draft)?;
    if draft.event.state != TextState::Searchable {
        draft.turns.clear();
    }
    Ok(draft)
}

fn tag(rules: &Rules, draft: &mut Draft) -> Result<(), Error> {
    let text = draft.text();
    let findings = pii::find(&text);
    draft.language = language::detect(&words(&draft.turns));
    let mut kinds = pii::kinds(&findings);
    if draft.event.raw_masked {
        // What was masked when the event was stored is told by its tokens.
        kinds.extend(
            pii::Kind::ALL
                .into_iter()
                .filter(|kind| text.contains(kind.token())),
        );
    }
    draft.pii_types = kinds.into_iter().map(pii::Kind::as_str).collect();
    if rules.policy == Policy::Mask {
        if !draft.event.raw_masked {
            let value = |finding: &Finding| Some((text.get(finding.range.clone())?, finding.kind));
            let known: Vec<_> = findings.iter().filter_map(value).collect();
            draft.event.raw = pii::mask_json_with(&draft.event.raw, &known)?;
            draft.event.raw_masked = true;
        }
        // A map that joins a question with its answer shows what an earlier map did not.
        mask(&mut draft.turns, &findings);
    }
    Ok(())
}

/// What was said, without the labels, which are in one language whatever was said in.
fn words(turns: &[Turn]) -> String {
    let words: Vec<_> = turns.iter().map(|turn| turn.words.as_str()).collect();
    words.join("\n")
}

/// Masks what was found in the whole text, where a question in one turn tells what the digits in the next one are. A label is a
/// name that came with the payload, and may be an address.
fn mask(turns: &mut [Turn], findings: &[Finding]) {
    let mut start = 0;
    for turn in turns {
        start = mask_part(&mut turn.label, start, findings) + 2;
        start = mask_part(&mut turn.words, start, findings) + 1;
    }
}

/// Masks the part of the whole text that begins at `start`; says where the part ended.
fn mask_part(part: &mut String, start: usize, findings: &[Finding]) -> usize {
    let end = start + part.len();
    let inside = findings
        .iter()
        .filter(|finding| finding.range.start < end && finding.range.end > start);
    for finding in inside.rev() {
        let from = finding.range.start.max(start) - start;
        let to = finding.range.end.min(end) - start;
        part.replace_range(from..to, finding.kind.token());
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_masked_in_the_turn_where_it_stands() {
        let turn = |label: &str, words: &str| Turn {
            label: label.to_owned(),
            words: words.to_owned(),
        };
        let mut turns = [
            turn("Agent", "Your card number, please?"),
            turn("Customer", "It is 4111 1111 1111 1111, thank you."),
            turn("Agent", "And your address? a@example.com, b@example.com"),
            turn("c@example.com", "It is mine."),
        ];
        let text: Vec<_> = turns.iter().map(Turn::to_string).collect();
        mask(&mut turns, &pii::find(&text.join("\n")));
        assert_eq!(turns[0].words, "Your card number, please?");
        assert_eq!(turns[1].words, "It is [CARD], thank you.");
        assert_eq!(turns[2].words, "And your address? [EMAIL], [EMAIL]");
        assert_eq!(turns[3].to_string(), "[EMAIL]: It is mine.");
    }
}
