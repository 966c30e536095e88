//! Filters by the metadata of a document or a chunk.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::domain::body::{Flaws, Object, place_of, value};

/// A filter names no more keys.
const MOST_METADATA: usize = 20;
/// No key is longer.
const MOST_KEY: usize = 64;
/// No text is longer.
const MOST_TEXT: usize = 500;
/// No number is written with more characters.
const MOST_NUMBER: usize = 40;

/// A value that a key must have. Texts are compared letter by letter, numbers by what they amount to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetadataValue {
    /// Up to 500 characters.
    Text(String),
    /// A JSON number as it was written: the database tells apart what a float cannot.
    Number(MetadataNumber),
    /// `true` or `false`.
    Flag(bool),
}

/// A JSON number of a size that a float and the database can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataNumber(String);

/// Up to 20 keys with the values that they must have, all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MetadataFilter(BTreeMap<String, MetadataValue>);

impl MetadataFilter {
    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys and their values.
    pub fn pairs(&self) -> &BTreeMap<String, MetadataValue> {
        &self.0
    }

    /// A JSON object that contains what the metadata must contain, as `jsonb @>` takes it.
    pub fn to_json(&self) -> String {
        // Keys are texts and values are JSON already: there is nothing that could fail. If it did, nothing would be found.
        serde_json::to_string(self).unwrap_or_else(|_| "[null]".to_owned())
    }

    pub(super) fn read(written: &RawValue) -> Result<Self, Flaws> {
        let mut object = Object::read(written)?;
        let rest = object.rest();
        if rest.len() > MOST_METADATA {
            object.add("", "must hold at most 20 keys");
        }
        let mut pairs = BTreeMap::new();
        for (key, value) in rest.into_iter().take(MOST_METADATA) {
            if is_key(&key) {
                let value = MetadataValue::read(value);
                let value = value.map_err(|flaws| object.add(&place_of(&key), flaws));
                pairs.extend(value.ok().map(|value| (key, value)));
            } else {
                object.add(
                    "",
                    "must have keys of 1 to 64 characters without control characters",
                );
            }
        }
        object.end(Some(Self(pairs)))
    }
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.chars().nth(MOST_KEY).is_none() && !text.chars().any(char::is_control)
}

impl MetadataValue {
    fn read(written: &RawValue) -> Result<Self, Flaws> {
        match written.get().as_bytes().first() {
            Some(b'"') => Ok(Self::Text(value::parsed(written, bounded)?)),
            Some(b't' | b'f') => Ok(Self::Flag(value::flag(written)?)),
            Some(b'-' | b'0'..=b'9') => Ok(Self::Number(MetadataNumber::parse(written.get())?)),
            _ => Err("must be a string, a number, true or false".into()),
        }
    }
}

fn bounded(text: &str) -> Result<String, &'static str> {
    if text.chars().nth(MOST_TEXT).is_some() {
        return Err("must be at most 500 characters");
    }
    Ok(text.to_owned())
}

impl MetadataNumber {
    /// Takes what JSON takes for a number. What a float would make zero or infinite is a size that the database refuses.
    pub fn parse(written: &str) -> Result<Self, &'static str> {
        let number: f64 =
            serde_json::from_str(written).map_err(|_| "must be a number that a float can hold")?;
        let is_zero = written
            .split(['e', 'E'])
            .next()
            .is_some_and(|digits| !digits.contains(|digit| matches!(digit, '1'..='9')));
        if written.len() > MOST_NUMBER || (number == 0.0) != is_zero {
            return Err("must be a number of at most 40 characters that a float can hold");
        }
        Ok(Self(written.to_owned()))
    }

    /// The number as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for MetadataValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => RawValue::from_string(number.0.clone())
                .map_err(serde::ser::Error::custom)?
                .serialize(serializer),
        }
    }
}
