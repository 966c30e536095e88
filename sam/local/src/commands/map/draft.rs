//! What becomes of a payload, before and after it is known what it is about.

use serde::Serialize;
use serde_json::Value;
use shared::domain::{DataActionEvent, EventName};
use shared::embedding::Embedder;
use shared::error::Error;
use shared::text::chunk::{self, Chunk, Limits};
use shared::text::intent::Intent;
use shared::text::pii::Policy;
use shared::text::reading::{Payload, Reading};
use shared::text::tags::Tags;

use super::Rules;

/// What comes out.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    pub(super) event: EventName,
    pub(super) conversation_id: String,
    pub(super) map_version: String,
    pub(super) supersedes: bool,
    /// Paths that the map requires and the payload lacks: then it has no text.
    pub(super) missing: Vec<String>,
    pub(super) policy: Policy,
    pub(super) model: String,
    /// Whether the examples of intents were looked at, or words alone, because the model is not here.
    pub(super) intent_by: &'static str,
    pub(super) text: String,
    pub(super) chunks: Vec<Piece>,
    /// What is kept of the payload, where the policy masks it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) masked_payload: Option<Value>,
}

/// What is embedded at once.
#[derive(Debug, Serialize)]
pub(super) struct Piece {
    pub(super) tokens: usize,
    pub(super) text: String,
    pub(super) tags: Value,
}

/// What is known before it is known what it is about.
pub(super) struct Draft {
    pub(super) event: DataActionEvent,
    pub(super) reading: Reading,
    pub(super) chunks: Vec<Chunk>,
}

impl Draft {
    pub(super) fn of(rules: &Rules, model: &Embedder, text: &str) -> Result<Self, Error> {
        let event = DataActionEvent::parse(text.as_bytes())?;
        let map = rules.maps.for_event(&event.event);
        let payload = Payload {
            text,
            is_masked: false,
        };
        let reading = Reading::of(payload, map, rules.policy)?;
        let limits = Limits::within(model.max_tokens(), rules.tokens, rules.overlap)
            .map_err(|why| Error::misconfigured(format!("CHUNK_TOKENS {why}")))?;
        Ok(Self {
            event,
            chunks: chunk::chunk(&reading.turns, limits, model.tokens()),
            reading,
        })
    }

    pub(super) fn finish(
        self,
        rules: &Rules,
        model: &Embedder,
        text: String,
        intent: &Intent,
    ) -> Outcome {
        let Self {
            event,
            reading,
            chunks,
        } = self;
        let is_withheld = rules.policy == Policy::Block
            && model.leaves_account()
            && !reading.pii_types.is_empty();
        let tags = Tags {
            conversation: &event.conversation_id,
            reading: &reading,
            intent,
        };
        let chunks = chunks.into_iter().map(|chunk| Piece {
            tags: tags.of(&chunk, is_withheld.then_some("withheld")),
            tokens: chunk.tokens,
            text: chunk.text,
        });
        let masked = reading.masked.as_deref();
        Outcome {
            chunks: chunks.collect(),
            conversation_id: event.conversation_id.to_string(),
            event: event.event,
            map_version: reading.map.as_str().to_owned(),
            supersedes: reading.supersedes,
            policy: rules.policy,
            model: model.space().name.clone(),
            intent_by: if intent.score.is_some() {
                "examples"
            } else {
                "words"
            },
            text,
            masked_payload: masked.and_then(|masked| serde_json::from_str(masked).ok()),
            missing: reading.missing,
        }
    }
}
