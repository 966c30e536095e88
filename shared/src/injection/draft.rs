//! A body as it was sent: its fields have the right types, and no rule was looked at yet.

use serde_json::value::RawValue;

use super::{MOST_BODY, MOST_MESSAGES, MOST_TO_SPLIT, unicode};
use crate::domain::body::{Flaws, Object, value};
use crate::domain::{CallbackUrl, InteractionId};
use crate::error::Error;

/// The body of `POST /transcripts`. What is missing or of another type is remembered, so that it is told with everything else.
#[derive(Debug, Clone)]
pub struct Draft {
    pub(super) interaction_id: Option<String>,
    pub(super) agent_id: Option<String>,
    pub(super) customer_id: Option<String>,
    pub(super) messages: Vec<DraftMessage>,
    pub(super) archive_callback_url: Option<String>,
    pub(super) repair: bool,
    pub(super) split: bool,
    pub(super) flaws: Flaws,
}

/// A message as it was sent.
#[derive(Debug, Clone, Default)]
pub(super) struct DraftMessage {
    pub(super) id: Option<String>,
    pub(super) from: Option<DraftParty>,
    pub(super) to: Option<DraftParty>,
    pub(super) text: Option<String>,
    pub(super) timestamp: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) format: Option<String>,
}

/// Who sends or gets a message, as it was sent.
#[derive(Debug, Clone)]
pub(super) struct DraftParty {
    pub(super) id: String,
    pub(super) side: String,
}

impl Draft {
    /// Reads a body. It fails only for what is no JSON object at all; [`Self::check`] tells the rest.
    pub fn read(body: &[u8]) -> Result<Self, Error> {
        unicode::check(body)?;
        let mut object = Object::of_body(body, MOST_BODY)?;
        let mut draft = Self {
            interaction_id: object.require("interaction_id", value::text),
            agent_id: object.require("agent_id", value::text),
            customer_id: object.require("customer_id", value::text),
            archive_callback_url: object.take("archive_callback_url", value::text),
            repair: object.take("repair", value::flag).unwrap_or(false),
            split: object.take("split", value::flag).unwrap_or(false),
            messages: Vec::new(),
            flaws: Flaws::default(),
        };
        object.require("messages", |list| draft.read_messages(list));
        draft.flaws = object.end(Some(())).err().unwrap_or_default();
        Ok(draft)
    }

    /// Whose transcript it is, if that can be read: what is refused is written down under this name.
    pub fn interaction_id(&self) -> Option<InteractionId> {
        let id = self.interaction_id.as_deref()?;
        InteractionId::parse(id).ok()
    }

    /// Who wants to be told of it, if that is an address.
    pub fn archive_callback_url(&self) -> Option<CallbackUrl> {
        let url = self.archive_callback_url.as_deref()?;
        CallbackUrl::parse(url).ok()
    }

    fn read_messages(&mut self, list: &RawValue) -> Result<(), Flaws> {
        let rule = "must hold 1 to 500 messages, or up to 10000 that are split";
        let mut flaws = Flaws::default();
        let read = value::list(list, 1..=MOST_TO_SPLIT, rule, |one| {
            let mut message = DraftMessage::default();
            let read = message.fill(one);
            self.messages.push(message);
            read
        });
        flaws.sift("", read);
        if self.messages.len() > MOST_MESSAGES && !self.split {
            flaws.add("", "must hold 1 to 500 messages, unless split is true");
        }
        flaws.or(())
    }
}

impl DraftMessage {
    fn fill(&mut self, written: &RawValue) -> Result<(), Flaws> {
        let mut object = Object::read(written)?;
        self.id = object.take("id", value::text);
        self.from = object.require("from", DraftParty::read);
        self.to = object.require("to", DraftParty::read);
        self.text = object.require("text", value::text);
        self.timestamp = object.require("timestamp", value::text);
        self.kind = object.take("type", value::text);
        self.format = object.take("format", value::text);
        object.end(Some(()))
    }
}

impl DraftParty {
    fn read(written: &RawValue) -> Result<Self, Flaws> {
        let mut object = Object::read(written)?;
        let id = object.require("id", value::text);
        let side = object.require("type", value::text);
        let party = id.zip(side).map(|(id, side)| Self { id, side });
        object.end(party)
    }
}
