//! What is known of a payload before any model is asked: its text, and what its words alone say of it.

use super::Turn;
use super::language::{self, Language};
use super::pii::{self, Finding, Policy};
use super::schema_map::{MapVersion, SchemaMap};
use crate::error::Error;
use crate::json;

#[cfg(test)]
mod tests;

/// A payload as it was read under a map and a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The map that read it.
    pub map: MapVersion,
    /// Whether it takes the place of what was said of its conversation before.
    pub supersedes: bool,
    /// The paths that the map requires and the payload lacks. Its text is not kept then.
    pub missing: Vec<String>,
    /// What was said. Empty also where something is missing.
    pub turns: Vec<Turn>,
    /// What is personal in it, in the words of the tags.
    pub pii_types: Vec<&'static str>,
    /// What it was said in, if that is certain.
    pub language: Option<Language>,
    /// The payload without what is personal, if the policy wants that and it was not masked before.
    pub masked: Option<String>,
}

/// A payload as it came, or as it was kept.
#[derive(Debug, Clone, Copy)]
pub struct Payload<'a> {
    /// Its JSON.
    pub text: &'a str,
    /// Whether it was masked when it was kept.
    pub is_masked: bool,
}

impl Reading {
    /// Maps the payload to text, finds what is personal in it, and masks it if the policy says so.
    pub fn of(payload: Payload<'_>, map: &SchemaMap, policy: Policy) -> Result<Self, Error> {
        let mapped = map.read(json::parse(payload.text.as_bytes())?)?;
        let mut reading = Self {
            map: map.version().clone(),
            supersedes: map.supersedes(),
            missing: mapped.missing,
            turns: mapped.turns,
            pii_types: Vec::new(),
            language: None,
            masked: None,
        };
        // Also where the text is not kept: what only several turns together show to be personal must not stay in the payload.
        reading.tag(payload, policy)?;
        if !reading.missing.is_empty() {
            reading.turns.clear();
        }
        Ok(reading)
    }

    /// The whole text, a turn per line.
    pub fn text(&self) -> String {
        let lines: Vec<_> = self.turns.iter().map(Turn::to_string).collect();
        lines.join("\n")
    }

    fn tag(&mut self, payload: Payload<'_>, policy: Policy) -> Result<(), Error> {
        let text = self.text();
        let findings = pii::find(&text);
        self.language = language::detect(&words(&self.turns));
        let mut kinds = pii::kinds(&findings);
        if payload.is_masked {
            // What was masked when the event was stored is told by its tokens.
            kinds.extend(
                pii::Kind::ALL
                    .into_iter()
                    .filter(|kind| text.contains(kind.token())),
            );
        }
        self.pii_types = kinds.into_iter().map(pii::Kind::as_str).collect();
        if policy == Policy::Mask {
            if !payload.is_masked {
                let value =
                    |finding: &Finding| Some((text.get(finding.range.clone())?, finding.kind));
                let known: Vec<_> = findings.iter().filter_map(value).collect();
                self.masked = Some(pii::mask_json_with(payload.text, &known)?);
            }
            // A map that joins a question with its answer shows what an earlier map did not.
            mask(&mut self.turns, &findings);
        }
        Ok(())
    }
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
