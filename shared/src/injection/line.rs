//! What one message says, and the rules that it keeps by itself.

use jiff::Timestamp;
use serde::Serialize;

use super::draft::{DraftMessage, DraftParty};
use crate::domain::body::{Flaws, value};
use crate::domain::{PartyId, is_plain, parse_instant};

/// What a message is, if its sender does not say.
const KIND: &str = "text";
/// How its text is written, if its sender does not say.
const FORMAT: &str = "plain";

/// A side of a transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Side {
    /// Who answers for the company.
    Agent,
    /// Who asks.
    Customer,
}

/// Who the sides of a transcript are, as far as that can be read.
pub(super) struct Parties {
    pub(super) agent: Option<PartyId>,
    pub(super) customer: Option<PartyId>,
}

/// A message that keeps its rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Line<'d> {
    pub(super) id: Option<&'d str>,
    pub(super) from: Side,
    pub(super) text: &'d str,
    pub(super) at: Timestamp,
    pub(super) kind: &'d str,
    pub(super) format: &'d str,
}

/// What could be read of a message: all of it, or what other messages are compared with.
#[derive(Clone, Copy)]
pub(super) struct Glimpse<'d> {
    pub(super) id: Option<&'d str>,
    pub(super) at: Option<Timestamp>,
    pub(super) line: Option<Line<'d>>,
}

impl DraftMessage {
    /// Looks at the rules; what breaks one is added to `flaws`, by its place in the message.
    pub(super) fn check<'d>(&'d self, parties: &Parties, flaws: &mut Flaws) -> Glimpse<'d> {
        let id = read(flaws, "/id", self.id.as_deref(), name);
        let from = side(flaws, "/from", self.from.as_ref(), parties);
        let to = side(flaws, "/to", self.to.as_ref(), parties);
        if from.is_some() && from == to {
            flaws.add("/to/type", "must be another than that of from");
        }
        let text = read(flaws, "/text", self.text.as_deref(), filled);
        let at = read(flaws, "/timestamp", self.timestamp.as_deref(), instant);
        let kind = read(flaws, "/type", self.kind.as_deref(), word);
        let format = read(flaws, "/format", self.format.as_deref(), word);
        let all = from.zip(to).zip(text).zip(at);
        let line = all.map(|(((from, _), text), at)| Line {
            id,
            from,
            text,
            at,
            kind: kind.unwrap_or(KIND),
            format: format.unwrap_or(FORMAT),
        });
        let line = line.filter(|_| flaws.is_empty());
        Glimpse { id, at, line }
    }
}

impl Side {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "agent" => Some(Self::Agent),
            "customer" => Some(Self::Customer),
            _ => None,
        }
    }

    /// The one that it speaks to.
    pub(super) fn other(self) -> Self {
        match self {
            Self::Agent => Self::Customer,
            Self::Customer => Self::Agent,
        }
    }
}

impl Parties {
    /// Whether a side has this name, as far as the transcript says who it is.
    fn allow(&self, side: Side, id: &str) -> Result<(), &'static str> {
        let (known, rule) = match side {
            Side::Agent => (&self.agent, "must be the agent_id of the transcript"),
            Side::Customer => (&self.customer, "must be the customer_id of the transcript"),
        };
        match known {
            Some(known) if known.as_str() != id => Err(rule),
            _ => Ok(()),
        }
    }
}

/// Reads a field if it is there; what is wrong with it is added.
pub(super) fn read<'d, T>(
    flaws: &mut Flaws,
    place: &str,
    text: Option<&'d str>,
    rule: impl FnOnce(&'d str) -> Result<T, &'static str>,
) -> Option<T> {
    flaws.sift(place, rule(text?))
}

fn side(
    flaws: &mut Flaws,
    place: &str,
    party: Option<&DraftParty>,
    parties: &Parties,
) -> Option<Side> {
    let party = party?;
    let Some(side) = Side::parse(&party.side) else {
        flaws.add(&format!("{place}/type"), "must be agent or customer");
        return None;
    };
    if let Err(rule) = parties.allow(side, &party.id) {
        flaws.add(&format!("{place}/id"), rule);
    }
    Some(side)
}

fn name(text: &str) -> Result<&str, &'static str> {
    let rule = "must be 1 to 255 characters without control characters";
    is_plain(text, 255).then_some(text).ok_or(rule)
}

fn filled(text: &str) -> Result<&str, &'static str> {
    (!text.is_empty())
        .then_some(text)
        .ok_or("must not be empty")
}

fn instant(text: &str) -> Result<Timestamp, &'static str> {
    let instant = parse_instant(text)?;
    value::is_storable(instant)
        .then_some(instant)
        .ok_or(value::STORABLE)
}

fn word(text: &str) -> Result<&str, &'static str> {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./+".contains(&byte);
    let is_word = (1..=64).contains(&text.len()) && text.bytes().all(is_fit);
    is_word
        .then_some(text)
        .ok_or("must be 1 to 64 letters, digits or -_./+")
}
