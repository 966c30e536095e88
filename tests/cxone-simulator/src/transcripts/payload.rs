//! What the channel takes for a transcript.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::Deserialize;

const MOST_BYTES: usize = 1_048_576;
const MOST_MESSAGES: usize = 500;

/// A transcript that keeps the channel's rules.
pub(super) struct Payload {
    pub(super) interaction: String,
    pub(super) message_ids: Vec<String>,
    pub(super) body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    channel: String,
    from: Party,
    to: Party,
    properties: Properties,
    messages: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Properties {
    interaction_id: String,
    part: Option<u32>,
    parts: Option<u32>,
}

#[derive(PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Party {
    id: String,
    r#type: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    id: String,
    from: Party,
    to: Party,
    text: String,
    timestamp: Timestamp,
    r#type: String,
    format: String,
}

impl Payload {
    /// Reads a transcript, or says which rule it breaks.
    pub(super) fn read(body: &[u8]) -> Result<Self, &'static str> {
        if body.len() > MOST_BYTES {
            return Err("the body has more than 1048576 bytes");
        }
        let text = std::str::from_utf8(body).map_err(|_| "the body is not UTF-8")?;
        let body: Body = serde_json::from_str(text).map_err(|_| "the body cannot be read")?;
        match body.rules().iter().find(|(is_kept, _)| !is_kept) {
            Some((_, rule)) => Err(rule),
            None => Ok(Self {
                interaction: body.properties.interaction_id,
                message_ids: body.messages.into_iter().map(|it| it.id).collect(),
                body: text.to_owned(),
            }),
        }
    }
}

impl Body {
    fn rules(&self) -> [(bool, &'static str); 8] {
        let (messages, properties) = (&self.messages, &self.properties);
        let mut ids = HashSet::new();
        let is_between = |it: &Message| {
            let [agent, customer] = [&self.from, &self.to];
            let (from, to) = (&it.from, &it.to);
            (from == agent && to == customer) || (from == customer && to == agent)
        };
        let parties = (self.from.r#type.as_str(), self.to.r#type.as_str());
        let is_numbered = match (properties.part, properties.parts) {
            (None, None) => true,
            (Some(part), Some(parts)) => (1..=parts).contains(&part),
            _ => false,
        };
        let is_filled = |it: &Message| {
            [&it.id, &it.text, &it.r#type, &it.format]
                .iter()
                .all(|text| !text.is_empty() && !text.contains('\0'))
        };
        [
            (self.channel == "webchat", "the channel is another"),
            (
                parties == ("agent", "customer"),
                "it is not from an agent to a customer",
            ),
            (
                !properties.interaction_id.is_empty() && is_numbered,
                "the properties cannot be read",
            ),
            (
                (1..=MOST_MESSAGES).contains(&messages.len()),
                "there are not 1 to 500 messages",
            ),
            (
                messages.iter().all(|it| ids.insert(&it.id)),
                "a message id is doubled",
            ),
            (
                messages.iter().all(is_between),
                "a message is not between the two",
            ),
            (
                messages.iter().all(is_filled),
                "a message is empty or holds NUL",
            ),
            (
                messages.is_sorted_by_key(|it| it.timestamp),
                "a timestamp goes back",
            ),
        ]
    }
}
