//! What the holders of keys may do.

use serde::{Deserialize, Serialize};

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    /// Search in articles.
    #[serde(rename = "search:read")]
    SearchRead,
    /// Search in what was said, and read what is stored of a conversation.
    #[serde(rename = "conversations:read")]
    ConversationsRead,
    /// Start a knowledge sync and follow it.
    #[serde(rename = "knowledge:refresh")]
    KnowledgeRefresh,
    /// Rank snippets, record clicks.
    #[serde(rename = "assist:write")]
    AssistWrite,
    /// Read the figures of assist.
    #[serde(rename = "assist:read")]
    AssistRead,
    /// Hand in transcripts.
    #[serde(rename = "transcripts:write")]
    TranscriptsWrite,
    /// Follow transcripts.
    #[serde(rename = "transcripts:read")]
    TranscriptsRead,
    /// Open the console.
    #[serde(rename = "ops:read")]
    OpsRead,
}

impl Scope {
    /// Every scope there is.
    pub const ALL: [Self; 8] = [
        Self::SearchRead,
        Self::ConversationsRead,
        Self::KnowledgeRefresh,
        Self::AssistWrite,
        Self::AssistRead,
        Self::TranscriptsWrite,
        Self::TranscriptsRead,
        Self::OpsRead,
    ];

    /// The scope as it is written in keys and documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SearchRead => "search:read",
            Self::ConversationsRead => "conversations:read",
            Self::KnowledgeRefresh => "knowledge:refresh",
            Self::AssistWrite => "assist:write",
            Self::AssistRead => "assist:read",
            Self::TranscriptsWrite => "transcripts:write",
            Self::TranscriptsRead => "transcripts:read",
            Self::OpsRead => "ops:read",
        }
    }
}

impl std::str::FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|scope| scope.as_str() == text);
        known.ok_or_else(|| {
            format!(
                "is no scope; there are {}",
                Self::ALL.map(Self::as_str).join(", ")
            )
        })
    }
}
