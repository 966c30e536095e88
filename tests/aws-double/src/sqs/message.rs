//! A message, its attributes, its limits and its digests.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use crate::error::ApiError;
use crate::sqs::StoredMessage;

pub(crate) type Attributes = BTreeMap<String, Attribute>;

/// A message attribute, or a system attribute given by the sender.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Attribute {
    data_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) string_value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
}

/// Whether a message can be received now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hidden {
    No,
    Delayed(Instant),
    InFlight(Instant),
}

pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) body: String,
    pub(crate) body_md5: String,
    pub(crate) attributes: Attributes,
    pub(crate) trace_header: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) deduplication_id: Option<String>,
    pub(crate) sequence_number: Option<String>,
    pub(crate) sent_ms: u64,
    pub(crate) first_received_ms: Option<u64>,
    pub(crate) receive_count: u32,
    pub(crate) hidden: Hidden,
}

impl Message {
    pub(crate) fn stored(&self) -> StoredMessage {
        StoredMessage {
            id: self.id.clone(),
            body: self.body.clone(),
            group: self.group.clone(),
            receive_count: self.receive_count,
            in_flight: matches!(self.hidden, Hidden::InFlight(_)),
        }
    }
}

impl Attribute {
    /// The value as SQS digests and measures it: its kind, and its bytes.
    fn value(&self) -> Option<(u8, Vec<u8>)> {
        let string = self.string_value.as_ref();
        let binary = self.binary_value.as_ref();
        match (string, binary) {
            (Some(text), _) if !text.is_empty() => Some((1, text.as_bytes().to_vec())),
            (_, Some(text)) if !text.is_empty() => Some((2, STANDARD.decode(text).ok()?)),
            _ => None,
        }
    }
}

/// Refuses a body and attributes that SQS wouldn't take; gives their size otherwise.
pub(crate) fn check(body: &str, attributes: &Attributes, limit: usize) -> Result<usize, ApiError> {
    if body.is_empty() {
        return Err(ApiError::missing("MessageBody"));
    }
    check_characters(body)?;
    let mut size = body.len();
    for (name, attribute) in attributes {
        size += check_attribute(name, attribute)?;
    }
    if attributes.len() > 10 {
        return Err(ApiError::invalid(
            "Number of message attributes [11 or more] exceeds the allowed maximum [10].",
        ));
    }
    if size > limit {
        return Err(ApiError::invalid(format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes."
        )));
    }
    Ok(size)
}

/// What a body and its attributes weigh, valid or not.
pub(crate) fn size(body: &str, attributes: &Attributes) -> usize {
    let weigh = |(name, attribute): (&String, &Attribute)| {
        let value = attribute.value().map_or(0, |(_, bytes)| bytes.len());
        name.len() + attribute.data_type.len() + value
    };
    body.len() + attributes.iter().map(weigh).sum::<usize>()
}

fn check_attribute(name: &str, attribute: &Attribute) -> Result<usize, ApiError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    if name.is_empty() || name.len() > 256 || !name.chars().all(allowed) {
        return Err(ApiError::invalid(format!(
            "The message attribute name '{name}' is invalid."
        )));
    }
    let data_type = attribute.data_type.as_str();
    let prefix = data_type.split('.').next().unwrap_or(data_type);
    if !["String", "Number", "Binary"].contains(&prefix) {
        return Err(ApiError::invalid(format!(
            "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."
        )));
    }
    let Some((_, value)) = attribute.value() else {
        return Err(ApiError::invalid(format!(
            "The message attribute '{name}' must contain a non-empty value of type '{data_type}'."
        )));
    };
    if let Some(text) = &attribute.string_value {
        check_characters(text)?;
    }
    Ok(name.len() + data_type.len() + value.len())
}

/// SQS takes #x9, #xA, #xD, #x20 to #xD7FF, #xE000 to #xFFFD and #x10000 to #x10FFFF.
fn check_characters(text: &str) -> Result<(), ApiError> {
    let control = |byte: u8| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    if text.bytes().any(control) || text.contains('\u{fffe}') || text.contains('\u{ffff}') {
        return Err(ApiError::sqs(
            "InvalidMessageContents",
            "The message contains characters outside the allowed set.",
        ));
    }
    Ok(())
}

/// The digest of a body.
pub(crate) fn body_md5(body: &str) -> String {
    hex(&Md5::digest(body.as_bytes()))
}

/// The digest of the attributes, ordered by name; none if there are none.
pub(crate) fn attributes_md5<'a>(
    attributes: impl IntoIterator<Item = (&'a String, &'a Attribute)>,
) -> Option<String> {
    let mut digest = Md5::new();
    let mut any = false;
    for (name, attribute) in attributes {
        any = true;
        update_with_length(&mut digest, name.as_bytes());
        update_with_length(&mut digest, attribute.data_type.as_bytes());
        if let Some((kind, value)) = attribute.value() {
            digest.update([kind]);
            update_with_length(&mut digest, &value);
        }
    }
    any.then(|| hex(&digest.finalize()))
}

fn update_with_length(digest: &mut Md5, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    digest.update(length.to_be_bytes());
    digest.update(bytes);
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Milliseconds since 1970, as SQS gives times of messages.
pub(crate) fn now_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    elapsed.map_or(0, |elapsed| {
        u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
    })
}
