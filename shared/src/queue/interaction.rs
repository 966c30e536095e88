//! The message from `assist-listener` to `assist-cards`, on the FIFO queue `interactions`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::envelope::{Envelope, read, write};
use super::sender::InOrder;
use crate::domain::{InteractionId, Locale, Speaker, hex};
use crate::error::Error;

/// Something that was said in a live interaction. Interaction and offset name it; whatever comes twice has both in common.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InteractionMessage {
    #[serde(rename = "v")]
    version: u8,
    /// In which interaction.
    pub interaction_id: InteractionId,
    /// Counts from 1 within the interaction.
    pub sequence: u64,
    /// How many characters were said before it in the interaction, in all its channels.
    pub offset: u64,
    /// By whom.
    pub speaker: Speaker,
    /// In which channel, from 0, where there are any: another one speaks in each, also where nobody says who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<u8>,
    /// What.
    pub text: String,
    /// In which language, where the stream says it.
    pub language: Option<Locale>,
    /// When it was heard.
    pub at: Timestamp,
    /// Whether its sentence is over; false where it was only quiet for a while.
    #[serde(rename = "complete")]
    pub is_complete: bool,
    /// Whether it was said long before it was heard: it is remembered, and asks for nothing.
    #[serde(rename = "late", default, skip_serializing_if = "std::ops::Not::not")]
    pub is_late: bool,
}

impl std::fmt::Debug for InteractionMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "InteractionMessage({}, {})",
            self.interaction_id, self.sequence
        )
    }
}

impl Envelope for InteractionMessage {
    const WHAT: &'static str = "message about an interaction";
    const VERSION_AT: &'static str = "/v";

    fn version(&self) -> u8 {
        self.version
    }
}

impl InteractionMessage {
    /// A message of this utterance.
    #[cfg(feature = "text")]
    pub fn new(interaction_id: InteractionId, utterance: crate::transcript::Utterance) -> Self {
        Self {
            version: super::envelope::VERSION,
            interaction_id,
            sequence: utterance.sequence,
            offset: utterance.offset,
            speaker: utterance.speaker,
            channel: utterance.channel,
            text: utterance.text,
            language: utterance.language,
            at: utterance.at,
            is_complete: utterance.is_complete,
            is_late: utterance.is_late,
        }
    }

    /// For SQS: messages of an interaction stay in their order, and one that is sent twice within five minutes arrives once. Groups
    /// and ids of SQS are letters and digits, which names of interactions need not be; so both are hashes.
    pub fn to_sqs(&self) -> Result<InOrder, Error> {
        let id = self.interaction_id.as_str();
        Ok(InOrder {
            body: write(self)?,
            group: hash(id),
            deduplication_id: hash(&format!("{id}\n{}", self.offset)),
        })
    }

    /// Reads a message back. What cannot be read is invalid for good.
    pub fn from_text(text: &str) -> Result<Self, Error> {
        read(text)
    }
}

fn hash(text: &str) -> String {
    hex(&Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOLDEN: &str = include_str!("../../../events/queue.interactions.v1.json");

    #[test]
    fn the_golden_message_is_read_and_written_the_same() {
        let message = InteractionMessage::from_text(GOLDEN).unwrap();
        assert_eq!((message.sequence, message.speaker), (3, Speaker::Customer));
        assert_eq!(message.channel, Some(0));
        let written: serde_json::Value =
            serde_json::from_str(&message.to_sqs().unwrap().body).unwrap();
        let golden: serde_json::Value = serde_json::from_str(GOLDEN).unwrap();
        assert_eq!(written, golden);
    }

    #[test]
    fn a_message_of_an_earlier_version_is_read_and_written_the_same() {
        let old = GOLDEN.replace("  \"channel\": 0,\n", "");
        let message = InteractionMessage::from_text(&old).unwrap();
        assert_eq!((message.channel, message.is_late), (None, false));
        let written: serde_json::Value =
            serde_json::from_str(&message.to_sqs().unwrap().body).unwrap();
        let old: serde_json::Value = serde_json::from_str(&old).unwrap();
        assert_eq!(written, old);
    }

    #[test]
    fn what_is_late_stays_so_on_its_way() {
        let mut message = InteractionMessage::from_text(GOLDEN).unwrap();
        message.is_late = true;
        let body = message.to_sqs().unwrap().body;
        assert_eq!(InteractionMessage::from_text(&body).unwrap(), message);
    }

    #[test]
    fn another_version_is_refused_by_name() {
        let newer = GOLDEN.replace("\"v\": 1", "\"v\": 2");
        let refused = InteractionMessage::from_text(&newer);
        assert!(matches!(refused, Err(Error::Invalid(rules)) if rules[0].pointer == "/v"));
        for wrong in ["", "{}", "[]", &GOLDEN.replace("customer", "robot")] {
            assert!(InteractionMessage::from_text(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn interaction_and_offset_decide_what_is_the_same_and_the_interaction_what_stays_in_order() {
        let message = |id: &str, offset, text: &str| {
            let golden = InteractionMessage::from_text(GOLDEN).unwrap();
            let id = InteractionId::parse(id).unwrap();
            let text = text.to_owned();
            InteractionMessage {
                interaction_id: id,
                offset,
                text,
                ..golden
            }
            .to_sqs()
            .unwrap()
        };
        let one = message("i 1", 57, "a");
        assert_eq!(
            one.deduplication_id,
            message("i 1", 57, "b").deduplication_id
        );
        for other in [
            message("i 1", 58, "a"),
            message("i 2", 57, "a"),
            message("i 15", 7, "a"),
        ] {
            assert_ne!(one.deduplication_id, other.deduplication_id);
        }
        assert_eq!(one.group, message("i 1", 58, "a").group);
        assert_ne!(one.group, message("i 2", 57, "a").group);
        assert!(
            one.group.len() <= 128 && one.group.bytes().all(|byte| byte.is_ascii_alphanumeric())
        );
    }

    #[test]
    fn its_debug_form_holds_no_words() {
        let message = InteractionMessage::from_text(GOLDEN).unwrap();
        assert_eq!(format!("{message:?}"), "InteractionMessage(int-4711, 3)");
    }
}
