//! A message of NICE's own notification socket: something that one contact said, with its number.
//!
//! Completed utterances count; what a recogniser only guesses so far tells no more than that the contact is there.

use serde::{Deserialize, Serialize};

use super::frame::{AGENT, CUSTOMER, FrameFlaw, Line, MOST_TEXT, find, fit, word};
use crate::domain::{InteractionId, Locale, Speaker};
use crate::json;

/// What messages call things, and what is asked for. Dots lead into objects; the names of NICE's published clients by default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoticeFields {
    /// The topics that tell which contacts there are. NICE's clients know theirs from elsewhere, so there is no usual one.
    pub topics: Vec<String>,
    /// The topic that tells what a contact says; `{contact}` stands for its name.
    pub transcript_topic: String,
    /// The contact's name.
    pub contact: String,
    /// How the contact is, where that is said.
    pub state: String,
    /// The states after which nothing more is said.
    pub ended: Vec<String>,
    /// What was said.
    pub text: String,
    /// Whether it is all that was to be said.
    pub is_complete: String,
    /// The number of what was said, which it has whenever it is told.
    pub number: String,
    /// Its language.
    pub language: String,
    /// Who said it.
    pub speaker: String,
    /// The words for a customer.
    pub customer: Vec<String>,
    /// The words for an agent.
    pub agent: Vec<String>,
}

impl Default for NoticeFields {
    fn default() -> Self {
        let name = str::to_owned;
        let names = |names: &[&str]| names.iter().copied().map(name).collect();
        Self {
            topics: Vec::new(),
            transcript_topic: name("{contact}_transcript"),
            contact: name("body.Data.contactId"),
            state: name("body.Data.state"),
            ended: names(&["ended", "completed", "closed", "disconnected"]),
            text: name("body.Data.messageBody"),
            is_complete: name("body.Data.messageIsCompletedUtterance"),
            number: name("body.Data.transcriptionSrNo"),
            language: name("body.Data.languageCode"),
            speaker: name("body.Data.channelTag"),
            customer: names(&CUSTOMER),
            agent: names(&AGENT),
        }
    }
}

/// What a message says.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Notice {
    /// There is a contact; perhaps somebody speaks.
    Present(InteractionId),
    /// Something was said to its end.
    Said(InteractionId, Line),
    /// Nothing more is said.
    Ended(InteractionId),
    /// Something that is none of our business: an answer to what was asked, a heartbeat.
    Other,
}

/// Reads a message.
pub(super) fn read(bytes: &[u8], names: &NoticeFields) -> Result<Notice, FrameFlaw> {
    if bytes.len() > MOST_TEXT {
        return Err(FrameFlaw::TooLarge);
    }
    let document = json::parse(bytes).map_err(|_| FrameFlaw::NotJson)?;
    let fields = json::fields(document).ok_or(FrameFlaw::NotJson)?;
    let said = |path: &str| find(&fields, path).and_then(word);
    let Some(contact) = said(&names.contact) else {
        return Ok(Notice::Other);
    };
    let contact = InteractionId::parse(contact).map_err(|_| FrameFlaw::Nameless)?;
    if said(&names.state).is_some_and(|state| names.ended.contains(&state)) {
        return Ok(Notice::Ended(contact));
    }
    if said(&names.is_complete).as_deref() != Some("true") {
        return Ok(Notice::Present(contact));
    }
    let text = find(&fields, &names.text).and_then(json::text);
    let number = said(&names.number).and_then(|number| number.parse().ok());
    let (Some(text), Some(number)) = (text, number) else {
        return Err(FrameFlaw::Numberless);
    };
    let speaker = match said(&names.speaker) {
        Some(word) if names.customer.contains(&word) => Speaker::Customer,
        Some(word) if names.agent.contains(&word) => Speaker::Agent,
        _ => Speaker::Unknown,
    };
    let line = Line {
        transcript: fit(text),
        speaker,
        is_named: speaker != Speaker::Unknown,
        if_first: None,
        language: said(&names.language).and_then(|tag| Locale::parse(&tag).ok()),
        number: Some(number),
    };
    Ok(Notice::Said(contact, line))
}
