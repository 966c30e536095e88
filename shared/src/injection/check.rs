//! The rules of a transcript: those of each message, and those between messages.

use std::borrow::Cow;
use std::collections::HashSet;

use jiff::Timestamp;

use super::draft::Draft;
use super::intake::{Intake, Repairs};
use super::line::{Glimpse, Line, Parties, read};
use super::payload::{Envelope, write};
use super::repair;
use crate::domain::body::Flaws;
use crate::domain::{CallbackUrl, InteractionId, PartyId};
use crate::error::Error;

/// A message in its place in the body.
pub(super) struct Placed<'d> {
    pub(super) place: usize,
    pub(super) id: Cow<'d, str>,
    pub(super) line: Line<'d>,
}

/// The messages that were looked at so far.
struct Sequence<'d> {
    repairs: Option<Repairs>,
    messages: Vec<Placed<'d>>,
    lines: HashSet<Line<'d>>,
    ids: HashSet<&'d str>,
    latest: Option<Timestamp>,
}

impl Draft {
    /// The transcript and its payloads, if it keeps every rule; else everything that is wrong with it.
    pub fn check(&self) -> Result<Intake, Error> {
        let mut flaws = self.flaws.clone();
        let id = self.interaction_id.as_deref();
        let interaction_id = read(&mut flaws, "/interaction_id", id, InteractionId::parse);
        let url = self.archive_callback_url.as_deref();
        let archive_callback_url =
            read(&mut flaws, "/archive_callback_url", url, CallbackUrl::parse);
        let (messages, repairs) = self.check_messages(&mut flaws);
        let parts = write(&Envelope::of(self), &messages, self.split);
        let parts = flaws.sift("/messages", parts);
        let intake = interaction_id.zip(parts);
        let intake = intake.map(|(interaction_id, parts)| Intake {
            interaction_id,
            archive_callback_url,
            parts,
            repairs,
        });
        match intake {
            Some(intake) => Ok(flaws.or(intake)?),
            None => Err(flaws.into()),
        }
    }

    /// The messages as they are sent, as far as they keep their rules.
    fn check_messages(&self, flaws: &mut Flaws) -> (Vec<Placed<'_>>, Option<Repairs>) {
        let (agent, customer) = (self.agent_id.as_deref(), self.customer_id.as_deref());
        let sides = Parties {
            agent: read(flaws, "/agent_id", agent, PartyId::parse),
            customer: read(flaws, "/customer_id", customer, PartyId::parse),
        };
        let mut sequence = Sequence::new(self);
        for (place, message) in self.messages.iter().enumerate() {
            let mut wrong = Flaws::default();
            let glimpse = message.check(&sides, &mut wrong);
            sequence.add(place, glimpse, &mut wrong);
            if !wrong.is_empty() {
                flaws.add(&format!("/messages/{place}"), wrong);
            }
        }
        sequence.end(flaws)
    }
}

impl<'d> Sequence<'d> {
    fn new(draft: &Draft) -> Self {
        Self {
            repairs: draft.repair.then(Repairs::default),
            messages: Vec::with_capacity(draft.messages.len()),
            lines: HashSet::new(),
            ids: HashSet::with_capacity(draft.messages.len()),
            latest: None,
        }
    }

    /// Puts a message behind the others. What other messages forbid is added to `flaws`, by its place in the message.
    fn add(&mut self, place: usize, glimpse: Glimpse<'d>, flaws: &mut Flaws) {
        if let (Some(repairs), Some(line)) = (&mut self.repairs, glimpse.line)
            && !self.lines.insert(line)
        {
            repairs.dropped += 1;
            return;
        }
        if glimpse.id.is_some_and(|id| !self.ids.insert(id)) {
            flaws.add("/id", "is the id of an earlier message");
        }
        if let (None, Some(at)) = (self.repairs, glimpse.at) {
            if self.latest.is_some_and(|latest| at < latest) {
                flaws.add("/timestamp", "lies before that of the message before");
            }
            self.latest = Some(at);
        }
        self.messages.extend(glimpse.line.map(|line| Placed {
            place,
            id: line.id.unwrap_or_default().into(),
            line,
        }));
    }

    /// The messages as they are sent, each with its id.
    fn end(mut self, flaws: &mut Flaws) -> (Vec<Placed<'d>>, Option<Repairs>) {
        match &mut self.repairs {
            Some(repairs) => {
                repairs.sorted = repair::sort(&mut self.messages);
                repairs.defaulted = repair::name(&mut self.messages, &self.ids);
                let moved = repair::part(&mut self.messages);
                repairs.moved = flaws.sift("/messages", moved).unwrap_or(0);
            }
            None => name(&mut self.messages, &self.ids, flaws),
        }
        (self.messages, self.repairs)
    }
}

/// Gives every message without an id the one that CXone's documentation gives it.
fn name(messages: &mut [Placed<'_>], taken: &HashSet<&str>, flaws: &mut Flaws) {
    for message in messages {
        if message.line.id.is_some() {
            continue;
        }
        let place = message.place;
        let id = format!("msg_{place}");
        if taken.contains(id.as_str()) {
            let detail = "is left out, and what it would be is the id of another message";
            flaws.add(&format!("/messages/{place}/id"), detail);
        }
        message.id = id.into();
    }
}
