//! The name of a category, as it stands in configuration, in the database and in a filter.

use std::fmt;

use serde::{Deserialize, Serialize};

/// `billing_dispute`: 1 to 64 lower-case letters, digits and underscores, a letter first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IntentCategory(String);

impl IntentCategory {
    /// Takes `text` if it keeps the rule; else says what the rule is.
    pub fn parse(text: impl Into<String>) -> Result<Self, &'static str> {
        let text = text.into();
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let starts_well = text.starts_with(|c: char| c.is_ascii_lowercase());
        if starts_well && text.len() <= 64 && text.bytes().all(is_plain) {
            Ok(Self(text))
        } else {
            Err("must be 1 to 64 lower-case letters, digits or _, a letter first")
        }
    }

    /// A name of the built-in categories; a test holds that they keep the rule.
    pub(super) fn builtin(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for IntentCategory {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(text)
    }
}

impl From<IntentCategory> for String {
    fn from(category: IntentCategory) -> Self {
        category.0
    }
}

impl fmt::Display for IntentCategory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
