//! Identifiers. Each has one constructor that can fail, so that holding one is proof that it is sound.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Declares a text newtype with one rule.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $rule:expr, $detail:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes `text` if it keeps the rule; else says what the rule is.
            pub fn parse(text: impl Into<String>) -> Result<Self, &'static str> {
                let text = text.into();
                let rule: fn(&str) -> bool = $rule;
                if rule(&text) { Ok(Self(text)) } else { Err($detail) }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = &'static str;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// A conversation as CXone names it.
    ConversationId,
    |text| is_plain(text, 255),
    "must be 1 to 255 characters without control characters"
);

text_id!(
    /// A live interaction as CXone's stream names it.
    InteractionId,
    |text| is_plain(text, 255),
    "must be 1 to 255 characters without control characters"
);

text_id!(
    /// A knowledge article as CXone names it: usually a UUID, kept as it is written.
    ArticleId,
    |text| is_plain(text, 255),
    "must be 1 to 255 characters without control characters"
);

text_id!(
    /// An agent or a customer as CXone, or whoever sends a transcript, names them.
    PartyId,
    |text| is_plain(text, 255),
    "must be 1 to 255 characters without control characters"
);

text_id!(
    /// A session of Agent Assist as CXone names it.
    SessionId,
    |text| is_plain(text, 255),
    "must be 1 to 255 characters without control characters"
);

text_id!(
    /// A snippet of knowledge as whoever ranks it names it.
    SnippetId,
    |text| is_plain(text, 256),
    "must be 1 to 256 characters without control characters"
);

text_id!(
    /// What happened, such as `conversation.completed`.
    EventName,
    |text| is_plain(text, 128),
    "must be 1 to 128 characters without control characters"
);

text_id!(
    /// Follows one piece of work from the caller to the row. Safe to log: letters, digits and `-_.=:` only.
    CorrelationId,
    |text| (1..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.=:".contains(&b)),
    "must be 1 to 128 letters, digits or -_.=:"
);

impl CorrelationId {
    /// A new id, for work that came without one.
    pub fn generate() -> Self {
        Self(Uuid::now_v7().to_string())
    }
}

/// Whether a text has 1 to `most` characters, not all of them blank, and no control character.
pub(crate) fn is_plain(text: &str, most: usize) -> bool {
    let is_short = text.len() <= most || text.chars().count() <= most;
    is_short && !text.trim().is_empty() && !text.chars().any(is_unfit)
}

/// Control characters, and the two that are no characters: SQS takes neither.
fn is_unfit(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}')
}

/// Declares an id that is made here. It sorts by time.
macro_rules! own_id {
    ($(#[$doc:meta])* $name:ident, $made:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name(Uuid);

        impl $name {
            #[doc = $made]
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }

            /// The id as the database keeps it.
            pub fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

own_id!(
    /// What the caller holds as proof that an event is kept. Sorts by time.
    ReceiptId,
    "A new receipt, unlike every other."
);

own_id!(
    /// A transcript that is to be injected, or one part of it. Sorts by time.
    TranscriptId,
    "A new id, unlike every other."
);

impl TranscriptId {
    /// Reads an id as it stands in a path.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let id = Uuid::try_parse(text);
        id.map(Self).map_err(|_| "must be a UUID")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_keep_their_rules() {
        for good in ["conv-8842-abc", "ü", &"x".repeat(255)] {
            assert!(ConversationId::parse(good).is_ok(), "{good}");
            assert!(ArticleId::parse(good).is_ok(), "{good}");
            assert!(SessionId::parse(good).is_ok(), "{good}");
            assert!(SnippetId::parse(good).is_ok(), "{good}");
            assert!(InteractionId::parse(good).is_ok(), "{good}");
        }
        assert!(SnippetId::parse("x".repeat(256)).is_ok());
        assert!(SnippetId::parse("x".repeat(257)).is_err());
        for bad in [
            "",
            "   ",
            "a\0b",
            "line\nbreak",
            "\u{fffe}",
            &"x".repeat(256),
        ] {
            assert!(ConversationId::parse(bad).is_err(), "{bad:?}");
            assert!(ArticleId::parse(bad).is_err(), "{bad:?}");
            assert!(SessionId::parse(bad).is_err(), "{bad:?}");
            assert!(
                SnippetId::parse(bad).is_err() || bad.len() == 256,
                "{bad:?}"
            );
            assert!(InteractionId::parse(bad).is_err(), "{bad:?}");
        }
        for bad in ["", "with space", "ü", "a\"b", &"x".repeat(129)] {
            assert!(CorrelationId::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn limits_count_characters_and_not_bytes() {
        for (letter, most) in [("x", 255), ("ü", 255), ("漢", 255)] {
            assert!(
                ConversationId::parse(letter.repeat(most)).is_ok(),
                "{letter}"
            );
            assert!(
                ConversationId::parse(letter.repeat(most + 1)).is_err(),
                "{letter}"
            );
        }
        assert!(ConversationId::parse("\u{ffff}").is_err());
        assert!(ConversationId::parse("\u{fffd}").is_ok());
    }

    #[test]
    fn an_id_cannot_be_smuggled_in_through_serde() {
        assert!(serde_json::from_str::<ConversationId>("\"a\\u0000b\"").is_err());
    }
}
