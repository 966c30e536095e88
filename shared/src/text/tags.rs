//! What stands beside a piece of a conversation, for whoever filters or reads it.

use serde_json::{Value, json};

use super::chunk::Chunk;
use super::intent::Intent;
use super::language;
use super::reading::Reading;
use crate::domain::ConversationId;

/// What the pieces of a conversation have in common.
#[derive(Debug, Clone, Copy)]
pub struct Tags<'a> {
    /// Whose pieces they are.
    pub conversation: &'a ConversationId,
    /// What its words say of it.
    pub reading: &'a Reading,
    /// What it is about.
    pub intent: &'a Intent,
}

impl Tags<'_> {
    /// The tags of a piece. `why` is the word for why it has no vector, if it has none for good.
    pub fn of(&self, chunk: &Chunk, why: Option<&str>) -> Value {
        let Reading {
            pii_types,
            language,
            ..
        } = self.reading;
        let intent = self.intent;
        let mut tags = json!({
            "source": "cxone_data_action",
            "conversation_id": self.conversation,
            "content_length": chunk.text.chars().count(),
            "contains_pii": !pii_types.is_empty(),
            "pii_types": pii_types,
            "intent_category": intent.category,
            "intent_score": intent.score.map(|score| (f64::from(score) * 1e4).round() / 1e4),
            "language": language::code(*language),
        });
        if let Some(why) = why {
            tags["without_vector"] = json!(why);
        }
        tags
    }
}
