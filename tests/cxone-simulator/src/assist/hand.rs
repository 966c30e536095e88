//! The screens of agents, in Rust.

use jiff::Timestamp;
use serde::Serialize;

use crate::world::World;

/// A card that stands on a screen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Card {
    /// Since when.
    pub at: Timestamp,
    /// What stands above it.
    pub title: String,
    /// What it says.
    pub body: String,
    /// How well it fits, as it was said.
    pub score: f64,
}

/// What agents see in a running simulator.
#[derive(Clone, Copy)]
pub struct Assist<'a>(pub(crate) &'a World);

impl Assist<'_> {
    /// The cards of an interaction, the oldest first.
    pub fn cards(&self, interaction: &str) -> Vec<Card> {
        self.0.assist.cards(interaction)
    }

    /// Ends an interaction: it takes no more cards.
    pub fn end(&self, interaction: &str) {
        self.0.assist.end(interaction);
    }
}
