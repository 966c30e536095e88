//! The exact bytes for CXone. They are written once; their number is what the limit is about, and they are stored and sent as they are.

use std::ops::Range;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::check::Placed;
use super::draft::Draft;
use super::intake::Part;
use super::line::Side;
use super::{MOST_MESSAGES, MOST_PAYLOAD};
use crate::domain::body::Flaws;

/// What stands behind the messages.
const END: &[u8] = b"]}";
/// A message without its text has about so many bytes.
const USUAL_REST: usize = 200;
/// No transcript has parts of higher numbers.
const MOST_PARTS: u16 = 10_000;

/// What is said of all messages. Names that could not be read are empty: then the size is what it is at least.
pub(super) struct Envelope<'d> {
    interaction: &'d str,
    /// As JSON, which every message repeats.
    agent: Box<RawValue>,
    customer: Box<RawValue>,
}

#[derive(Serialize)]
struct Head<'d> {
    channel: &'static str,
    from: &'d RawValue,
    to: &'d RawValue,
    properties: Properties<'d>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties<'d> {
    interaction_id: &'d str,
    #[serde(flatten)]
    numbered: Option<Numbered>,
}

/// Which part of how many, from 1.
#[derive(Clone, Copy, Serialize)]
struct Numbered {
    part: u16,
    parts: u16,
}

#[derive(Serialize)]
struct Party<'d> {
    id: &'d str,
    r#type: Side,
}

#[derive(Serialize)]
struct Message<'d> {
    id: &'d str,
    from: &'d RawValue,
    to: &'d RawValue,
    text: &'d str,
    timestamp: jiff::Timestamp,
    r#type: &'d str,
    format: &'d str,
}

/// All messages, each with a comma behind it, and where each of them ends.
struct Written {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// The payloads: one, or several if that is allowed and needed.
pub(super) fn write(
    envelope: &Envelope<'_>,
    messages: &[Placed<'_>],
    may_split: bool,
) -> Result<Vec<Part>, Flaws> {
    let written = Written::of(envelope, messages).map_err(|_| Flaws::from("cannot be written"))?;
    let whole = 0..messages.len();
    let head = envelope.head(None);
    if whole.len() <= MOST_MESSAGES && written.size(&head, &whole) <= MOST_PAYLOAD {
        return Ok(vec![written.part(&head, whole)]);
    }
    if !may_split {
        // That they are too many was told already.
        let is_large = written.size(&head, &whole) > MOST_PAYLOAD;
        let rule =
            "are more than 1048576 bytes as CXone gets them: shorten them, or let them be split";
        return if is_large {
            Err(rule.into())
        } else {
            Ok(Vec::new())
        };
    }
    let widest = envelope.head(Some(Numbered {
        part: MOST_PARTS,
        parts: MOST_PARTS,
    }));
    check_each(&written, &widest, messages)?;
    let ranges = written.divide(&widest);
    let parts = u16::try_from(ranges.len()).unwrap_or(MOST_PARTS);
    let numbered = (1..).zip(ranges);
    let parts = numbered.map(|(part, range)| {
        let head = envelope.head(Some(Numbered { part, parts }));
        written.part(&head, range)
    });
    Ok(parts.collect())
}

/// Whether each message fits into a part by itself.
fn check_each(written: &Written, head: &[u8], messages: &[Placed<'_>]) -> Result<(), Flaws> {
    let mut flaws = Flaws::default();
    for (index, message) in messages.iter().enumerate() {
        if written.size(head, &(index..index + 1)) > MOST_PAYLOAD {
            let detail =
                "is more than one part can hold, 1048576 bytes with what is said of all messages";
            flaws.add(&format!("/{}", message.place), detail);
        }
    }
    flaws.or(())
}

impl<'d> Envelope<'d> {
    pub(super) fn of(draft: &'d Draft) -> Self {
        // Texts serialize; if one day one does not, CXone refuses what is left.
        let party = |id: &'d Option<String>, r#type| {
            let id = id.as_deref().unwrap_or_default();
            to_raw_value(&Party { id, r#type }).unwrap_or_default()
        };
        Self {
            interaction: draft.interaction_id.as_deref().unwrap_or_default(),
            agent: party(&draft.agent_id, Side::Agent),
            customer: party(&draft.customer_id, Side::Customer),
        }
    }

    fn party(&self, side: Side) -> &RawValue {
        match side {
            Side::Agent => &self.agent,
            Side::Customer => &self.customer,
        }
    }

    /// Everything before the first message.
    fn head(&self, numbered: Option<Numbered>) -> Vec<u8> {
        let head = Head {
            channel: "webchat",
            from: self.party(Side::Agent),
            to: self.party(Side::Customer),
            properties: Properties {
                interaction_id: self.interaction,
                numbered,
            },
        };
        let mut head = serde_json::to_vec(&head).unwrap_or_default();
        head.pop();
        head.extend_from_slice(b",\"messages\":[");
        head
    }
}

impl Written {
    fn of(envelope: &Envelope<'_>, messages: &[Placed<'_>]) -> serde_json::Result<Self> {
        let texts = messages.iter().map(|one| one.line.text.len() + USUAL_REST);
        let mut bytes = Vec::with_capacity(texts.sum());
        let mut ends = Vec::with_capacity(messages.len());
        for Placed { id, line, .. } in messages {
            let message = Message {
                id,
                from: envelope.party(line.from),
                to: envelope.party(line.from.other()),
                text: line.text,
                timestamp: line.at,
                r#type: line.kind,
                format: line.format,
            };
            serde_json::to_writer(&mut bytes, &message)?;
            bytes.push(b',');
            ends.push(bytes.len());
        }
        Ok(Self { bytes, ends })
    }

    /// The messages of a range, without the last comma.
    fn messages(&self, range: &Range<usize>) -> &[u8] {
        let end = |count: usize| count.checked_sub(1).and_then(|last| self.ends.get(last));
        let (start, end) = (end(range.start).copied(), end(range.end).copied());
        let end = end.unwrap_or_default().saturating_sub(1);
        self.bytes
            .get(start.unwrap_or_default()..end)
            .unwrap_or_default()
    }

    /// How many bytes a payload of these messages has.
    fn size(&self, head: &[u8], range: &Range<usize>) -> usize {
        head.len() + self.messages(range).len() + END.len()
    }

    fn part(&self, head: &[u8], range: Range<usize>) -> Part {
        Part {
            payload: [head, self.messages(&range), END].concat(),
            messages: range.len(),
        }
    }

    /// As few parts as keep both limits, each as full as it can be. Every message has to fit into one.
    fn divide(&self, head: &[u8]) -> Vec<Range<usize>> {
        let (mut ranges, mut start) = (Vec::new(), 0);
        for index in 0..self.ends.len() {
            let with = start..index + 1;
            if with.len() > MOST_MESSAGES || self.size(head, &with) > MOST_PAYLOAD {
                ranges.push(start..index);
                start = index;
            }
        }
        ranges.push(start..self.ends.len());
        ranges
    }
}
