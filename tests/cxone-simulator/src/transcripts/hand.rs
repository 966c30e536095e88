//! The conversations, in Rust.

use jiff::Timestamp;
use serde::Serialize;

use crate::world::World;

/// A transcript that was taken.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Conversation {
    /// What it is called.
    pub id: String,
    /// Whose transcript it is.
    pub interaction: String,
    /// When it was taken.
    pub at: Timestamp,
    /// The ids of its messages, in their order.
    pub message_ids: Vec<String>,
    /// The body, as it was sent.
    pub body: String,
}

/// What came of the transcripts that a running simulator got.
#[derive(Clone, Copy)]
pub struct Transcripts<'a>(pub(crate) &'a World);

impl Transcripts<'_> {
    /// Every conversation, in the order in which they were made.
    pub fn conversations(&self) -> Vec<Conversation> {
        self.0.transcripts.all()
    }

    /// The conversations of an interaction, the oldest first.
    pub fn of(&self, interaction: &str) -> Vec<Conversation> {
        self.0.transcripts.of(interaction)
    }

    /// How often a transcript came again and was the conversation that it was.
    pub fn repeats(&self) -> u64 {
        self.0.transcripts.repeats()
    }

    /// How often the tenant was too fast.
    pub fn hurries(&self) -> u64 {
        self.0.transcripts.hurries()
    }
}
