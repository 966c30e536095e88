//! The two ways in which a socket tells of interactions. Pure: what is to be sent is handed back.

use serde::Deserialize;
use serde_json::json;

use super::contacts::{Contacts, Told};
use super::frame::{self, Frame, FrameFields, FrameFlaw, Heard};
use super::notice::{self, NoticeFields};
use crate::domain::InteractionId;

/// Which way a tenant's socket speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// The stream of `v2`: frames with everything that was said, of all interactions, unasked.
    #[default]
    Frames,
    /// NICE's own notification socket: what is subscribed to, utterance by utterance.
    Notices,
}

/// Who understands what a socket says, over all its connections.
pub enum Listener {
    /// The stream of `v2`.
    Frames(Box<FrameFields>),
    /// NICE's own notification socket, and what it told so far.
    Notices(Box<Notices>),
}

/// NICE's own notification socket, and what it told so far.
pub struct Notices {
    names: NoticeFields,
    contacts: Contacts,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The first word on a connection.
    Connect,
    /// From now on, this topic is listened to.
    Subscribe(String),
    /// This topic is listened to no more.
    Unsubscribe(String),
    /// We are still here.
    Heartbeat,
}

/// What came of a message.
#[derive(Default)]
pub struct Upshot {
    /// How an interaction stands now, if that is new.
    pub heard: Option<Heard>,
    /// What follows.
    pub commands: Vec<Command>,
}

impl Command {
    /// As it is sent, with the token of the session.
    pub fn to_json(&self, token: &str) -> String {
        let (command, body) = match self {
            Self::Connect => ("CONNECT", json!({})),
            Self::Subscribe(topic) => ("SUBSCRIBE", json!({ "topic": topic })),
            Self::Unsubscribe(topic) => ("UNSUBSCRIBE", json!({ "topic": topic })),
            Self::Heartbeat => ("HEARTBEAT", json!({})),
        };
        json!({ "command": command, "headers": { "sessionToken": token }, "body": body })
            .to_string()
    }
}

impl Listener {
    /// Whoever understands this dialect by these names, and has heard nothing yet.
    pub fn new(dialect: Dialect, frames: &FrameFields, notices: &NoticeFields) -> Self {
        match dialect {
            Dialect::Frames => Self::Frames(Box::new(frames.clone())),
            Dialect::Notices => Self::Notices(Box::new(Notices {
                names: notices.clone(),
                contacts: Contacts::default(),
            })),
        }
    }

    /// What is said first on every connection: that the other side forgot us is to be expected.
    pub fn greet(&self) -> Vec<Command> {
        let Self::Notices(notices) = self else {
            return Vec::new();
        };
        let topics = notices.names.topics.iter().cloned();
        let topics = topics.chain(notices.contacts.all().map(|id| notices.topic(id)));
        let subscribe = topics.map(Command::Subscribe);
        std::iter::once(Command::Connect).chain(subscribe).collect()
    }

    /// What is said every twenty seconds.
    pub fn beat(&self) -> Option<Command> {
        matches!(self, Self::Notices(_)).then_some(Command::Heartbeat)
    }

    /// Understands a message.
    pub fn read(&mut self, bytes: &[u8]) -> Result<Upshot, FrameFlaw> {
        match self {
            Self::Frames(names) => {
                let heard = match frame::read(bytes, names)? {
                    Frame::Interaction(heard) => Some(heard),
                    Frame::Other => None,
                };
                Ok(Upshot {
                    heard,
                    commands: Vec::new(),
                })
            }
            Self::Notices(notices) => {
                let notice = notice::read(bytes, &notices.names)?;
                let Told { heard, new, over } = notices.contacts.take(notice);
                let new = new.map(|id| Command::Subscribe(notices.topic(&id)));
                let over = over.map(|id| Command::Unsubscribe(notices.topic(&id)));
                Ok(Upshot {
                    heard,
                    commands: new.into_iter().chain(over).collect(),
                })
            }
        }
    }
}

impl Notices {
    fn topic(&self, id: &InteractionId) -> String {
        self.names
            .transcript_topic
            .replace("{contact}", id.as_str())
    }
}
