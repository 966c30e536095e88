//! A Data Action event, validated, and the key under which it has its effect once.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use validator::{Validate, ValidationError};

use super::{ConversationId, EventName, parse_instant};
use crate::error::Error;
use crate::json;
use crate::validation::violations;

/// The tag that every event of this path carries.
const SOURCE: &str = "cxone_data_action";

/// What CXone says happened. It can only be made from bytes that keep every rule.
#[derive(Debug, Clone, PartialEq)]
pub struct DataActionEvent {
    /// The conversation it happened in.
    pub conversation_id: ConversationId,
    /// What happened.
    pub event: EventName,
    /// When, by CXone's clock.
    pub timestamp: Timestamp,
    /// The same event has the same key, however often it is sent and however its JSON is spaced.
    pub key: EventKey,
}

/// What happened in a conversation, as a Data Action posts it. Further fields are kept.
#[derive(Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = DataActionEvent, rename_all = "camelCase"))]
pub(super) struct Draft {
    /// What happened, such as `conversation.completed`.
    #[cfg_attr(feature = "openapi", schema(value_type = EventName))]
    #[validate(required(message = "is required"), custom(function = "check_event"))]
    event: Option<Field>,
    /// When, with an offset.
    #[cfg_attr(feature = "openapi", schema(value_type = Timestamp))]
    #[validate(
        required(message = "is required"),
        custom(function = "check_timestamp")
    )]
    timestamp: Option<Field>,
    #[cfg_attr(feature = "openapi", schema(value_type = ConversationId))]
    #[validate(
        required(message = "is required"),
        custom(function = "check_conversation_id")
    )]
    conversation_id: Option<Field>,
    /// Whatever CXone says about it. The schema map says which parts of it are text.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    #[validate(required(message = "is required"), custom(function = "check_data"))]
    data: Option<Field>,
}

/// A field that is there.
enum Field {
    Text(String),
    Object,
    Other,
}

impl DataActionEvent {
    /// Parses an event out of a verified body. Every broken rule is reported at once.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        let document = json::parse(body)?;
        let canonical = json::canonical(document)?;
        let no_object = || Error::invalid("", "must be a JSON object");
        let draft = Draft::read(&json::fields(document).ok_or_else(no_object)?);
        draft
            .validate()
            .map_err(|errors| Error::Invalid(violations(&errors)))?;
        draft
            .into_event(&canonical)
            .map_err(|(pointer, detail)| Error::invalid(pointer, detail))
    }
}

impl Draft {
    fn read(fields: &json::Fields<'_>) -> Self {
        let field = |name: &str| fields.get(name).and_then(|value| Field::read(value));
        Self {
            event: field("event"),
            timestamp: field("timestamp"),
            conversation_id: field("conversationId"),
            data: field("data"),
        }
    }

    fn into_event(self, canonical: &str) -> Result<DataActionEvent, (&'static str, &'static str)> {
        let text = |field: Option<Field>| field.and_then(Field::into_text).unwrap_or_default();
        let conversation_id = ConversationId::parse(text(self.conversation_id))
            .map_err(|detail| ("/conversationId", detail))?;
        let event = EventName::parse(text(self.event)).map_err(|detail| ("/event", detail))?;
        let timestamp =
            parse_instant(&text(self.timestamp)).map_err(|detail| ("/timestamp", detail))?;
        let key = EventKey::of(SOURCE, &conversation_id, &event, timestamp, canonical);
        Ok(DataActionEvent {
            conversation_id,
            event,
            timestamp,
            key,
        })
    }
}

/// `validator` keeps what it checked in its errors; it gets nothing to keep.
impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl Field {
    /// `null` counts as missing.
    fn read(value: &RawValue) -> Option<Self> {
        match value.get().as_bytes().first() {
            Some(b'n') => None,
            Some(b'{') => Some(Self::Object),
            _ => Some(json::text(value).map_or(Self::Other, Self::Text)),
        }
    }

    fn into_text(self) -> Option<String> {
        if let Self::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }
}

fn check_event(field: &Field) -> Result<(), ValidationError> {
    check_text(field, |text| EventName::parse(text).map(drop))
}

fn check_timestamp(field: &Field) -> Result<(), ValidationError> {
    check_text(field, |text| parse_instant(text).map(drop))
}

fn check_conversation_id(field: &Field) -> Result<(), ValidationError> {
    check_text(field, |text| ConversationId::parse(text).map(drop))
}

fn check_data(field: &Field) -> Result<(), ValidationError> {
    if matches!(field, Field::Object) {
        Ok(())
    } else {
        Err(violated("must be an object"))
    }
}

fn check_text(
    field: &Field,
    rule: impl Fn(&str) -> Result<(), &'static str>,
) -> Result<(), ValidationError> {
    match field {
        Field::Text(text) => rule(text).map_err(violated),
        _ => Err(violated("must be a string")),
    }
}

fn violated(detail: &'static str) -> ValidationError {
    ValidationError::new("rule").with_message(detail.into())
}

/// SHA-256 over source, conversation, event, instant and canonical body: what makes a repeat a repeat.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventKey(String);

impl EventKey {
    /// Every part is preceded by its length, so that no two lists of parts give the same bytes.
    fn of(
        source: &str,
        id: &ConversationId,
        event: &EventName,
        at: Timestamp,
        canonical: &str,
    ) -> Self {
        let mut hash = Sha256::new();
        for part in [
            source,
            id.as_str(),
            event.as_str(),
            &at.to_string(),
            canonical,
        ] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        Self(hex(&hash.finalize()))
    }

    /// 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The 32 bytes of the hash.
    pub fn to_bytes(&self) -> Vec<u8> {
        let pair = |start| self.0.get(start..start + 2).unwrap_or_default();
        let byte = |start| u8::from_str_radix(pair(start), 16).unwrap_or_default();
        (0..self.0.len()).step_by(2).map(byte).collect()
    }
}

impl TryFrom<String> for EventKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_hex =
            text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if is_hex {
            Ok(Self(text))
        } else {
            Err("must be 64 hexadecimal digits")
        }
    }
}

impl From<EventKey> for String {
    fn from(key: EventKey) -> Self {
        key.0
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The bytes. Lower-case only: one value has one spelling.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn good() -> Value {
        json!({
            "event": "conversation.completed", "timestamp": "2026-01-15T11:30:00+01:00", "conversationId": "conv-1",
            "data": {},
        })
    }

    fn pointers(body: &Value) -> Vec<String> {
        match DataActionEvent::parse(body.to_string().as_bytes()) {
            Ok(_) => Vec::new(),
            Err(error) => error
                .violations()
                .iter()
                .map(|violation| violation.pointer.clone())
                .collect(),
        }
    }

    #[test]
    fn a_good_event_is_read_whole() {
        let event = DataActionEvent::parse(good().to_string().as_bytes()).unwrap();
        assert_eq!(
            (event.conversation_id.as_str(), event.event.as_str()),
            ("conv-1", "conversation.completed")
        );
        assert_eq!(event.timestamp.to_string(), "2026-01-15T10:30:00Z");
        assert_eq!(event.key.as_str().len(), 64);
    }

    #[test]
    fn each_field_is_checked_and_null_counts_as_missing() {
        for (field, wrongs) in [
            ("event", json!([null, 7, "", {}, ["x"]])),
            (
                "timestamp",
                json!([null, 7, "", "yesterday", "2026-01-15T10:30:00", {}]),
            ),
            ("conversationId", json!([null, 7, "", "a\u{0}", []])),
            ("data", json!([null, 7, "", "text", []])),
        ] {
            for wrong in wrongs.as_array().unwrap() {
                let mut body = good();
                body[field] = wrong.clone();
                assert_eq!(pointers(&body), [format!("/{field}")], "{wrong}");
            }
            let mut body = good();
            body.as_object_mut().unwrap().remove(field);
            assert_eq!(pointers(&body), [format!("/{field}")]);
        }
        assert_eq!(pointers(&json!({})).len(), 4, "all at once");
        let all_wrong = json!({ "event": "", "timestamp": "yesterday", "conversationId": "a\u{0}", "data": "text" });
        assert_eq!(pointers(&all_wrong).len(), 4, "wrong ones as well");
        assert_eq!(pointers(&json!([])), [""]);
    }

    #[test]
    fn missing_and_wrong_are_told_apart() {
        let detail = |body: Value| {
            let error = DataActionEvent::parse(body.to_string().as_bytes()).unwrap_err();
            error.violations()[0].detail.clone()
        };
        let mut body = good();
        body["event"] = Value::Null;
        assert_eq!(detail(body.clone()), "is required");
        body["event"] = json!(7);
        assert_eq!(detail(body), "must be a string");
    }

    #[test]
    fn every_part_is_in_the_key() {
        let key = |change: fn(&mut Value)| {
            let mut body = good();
            change(&mut body);
            DataActionEvent::parse(body.to_string().as_bytes())
                .unwrap()
                .key
        };
        let keys = [
            key(|_| {}),
            key(|body| body["event"] = json!("conversation.updated")),
            key(|body| body["timestamp"] = json!("2026-01-15T10:30:01Z")),
            key(|body| body["conversationId"] = json!("conv-2")),
            key(|body| body["data"]["x"] = json!(1)),
            key(|body| body["more"] = json!(1)),
        ];
        for (index, one) in keys.iter().enumerate() {
            assert!(
                keys.iter().skip(index + 1).all(|other| one != other),
                "{index}"
            );
        }
        assert!(EventKey::try_from("f".repeat(64)).is_ok());
        assert!(keys.iter().all(|key| hex(&key.to_bytes()) == key.as_str()));
        for wrong in [
            "f".repeat(63),
            "F".repeat(64),
            "g".repeat(64),
            String::new(),
        ] {
            assert!(EventKey::try_from(wrong).is_err());
        }
    }
}
