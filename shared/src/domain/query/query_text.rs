//! The words that somebody searches for.

use std::fmt;

use serde::Serialize;

/// More characters are no question.
const MOST: usize = 2_000;

/// 1 to 2,000 characters after trimming, without NUL. Its debug form is its length: questions hold names.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
pub struct QueryText(String);

impl QueryText {
    /// Takes the text without the space around it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.contains('\0') {
            Err("holds a NUL character")
        } else if text.is_empty() || text.chars().nth(MOST).is_some() {
            Err("must be 1 to 2000 characters besides the space around them")
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for QueryText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "QueryText({})", self.0.chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_count_characters_and_not_the_space_around_them() {
        let padded = format!("  \n{}\t", "ü".repeat(MOST));
        assert_eq!(
            QueryText::parse(&padded).unwrap().as_str().chars().count(),
            MOST
        );
        for text in [
            "a",
            "' OR 1=1; --",
            "a & b:* | !c",
            "([{.*+?\\",
            "名前",
            "🙂",
        ] {
            assert_eq!(QueryText::parse(text).unwrap().as_str(), text);
        }
        for text in ["", " \n\u{a0}\u{3000}", "a\0b", &"x".repeat(MOST + 1)] {
            assert!(QueryText::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_debug_form_quotes_nothing() {
        let text = QueryText::parse("canary").unwrap();
        assert_eq!(format!("{text:?}"), "QueryText(6)");
    }
}
