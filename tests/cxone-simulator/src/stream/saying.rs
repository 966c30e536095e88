//! How an interaction is told by the notification socket: as a recogniser does, who guesses at an utterance until it is complete, and numbers
//! those that are.

use std::sync::Arc;

use serde_json::{Value, json};

use super::notices::CONTACTS;

/// What the notification socket tells, and under which topic.
pub(super) type Notice = (String, Arc<str>);

/// What was told of a contact.
#[derive(Default)]
pub(super) struct Saying {
    /// Of each channel, how many bytes of its transcript are told to their end.
    told: Vec<usize>,
    /// The complete utterances, in the order of their numbers.
    complete: Vec<Notice>,
    is_over: bool,
}

/// A channel: everything that was said there, and by whom, if that is told.
pub(super) struct Voice<'a> {
    pub(super) transcript: &'a str,
    pub(super) speaker: Option<&'a str>,
}

impl Saying {
    /// What is told after a channel changed. An utterance is complete with its sentence, or `at_last`.
    pub(super) fn say(
        &mut self,
        contact: &str,
        channel: usize,
        voice: &Voice<'_>,
        at_last: bool,
    ) -> Vec<Notice> {
        let mut notices = Vec::new();
        if self.told.is_empty() {
            notices.push(self.announce(contact));
        }
        self.told.resize(self.told.len().max(channel + 1), 0);
        let text = voice.transcript.get(self.told[channel]..).unwrap_or("");
        let text = text.trim();
        if text.is_empty() {
            return notices;
        }
        let is_complete = at_last || text.ends_with(['.', '?', '!']);
        let data = json!({
            "contactId": contact,
            "messageBody": text,
            "messageIsCompletedUtterance": is_complete,
            "transcriptionSrNo": self.complete.len() + 1,
            "languageCode": "en-US",
            "channelTag": voice.speaker,
        });
        let notice = message(&format!("{contact}_transcript"), &data);
        if is_complete {
            self.told[channel] = voice.transcript.len();
            self.complete.push(notice.clone());
        }
        notices.push(notice);
        notices
    }

    /// That there is this contact, or that it is over.
    pub(super) fn announce(&self, contact: &str) -> Notice {
        let state = if self.is_over { "ended" } else { "active" };
        message(CONTACTS, &json!({ "contactId": contact, "state": state }))
    }

    pub(super) fn end(&mut self) {
        self.is_over = true;
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// All that was said so far.
    pub(super) fn so_far(&self) -> &[Notice] {
        &self.complete
    }
}

fn message(topic: &str, data: &Value) -> Notice {
    let body = json!({ "Topic": topic, "Data": data });
    let headers = json!({ "connectionId": "simulated" });
    let message = json!({ "command": "MESSAGE", "headers": headers, "body": body });
    (topic.to_owned(), message.to_string().into())
}
