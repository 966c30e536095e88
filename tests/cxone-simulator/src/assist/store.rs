//! The screens: every card that was taken, and which interactions are over.

use std::{collections::HashMap, sync::Mutex};

use super::hand::Card;
use crate::world::lock;

/// Every interaction that was ever named, behind its lock.
#[derive(Default)]
pub(crate) struct Store(Mutex<HashMap<String, Screen>>);

#[derive(Default)]
struct Screen {
    is_over: bool,
    cards: Vec<Card>,
}

impl Store {
    /// Adds cards, and says how many there are; nothing if the interaction is over.
    pub(super) fn show(&self, id: &str, cards: Vec<Card>) -> Option<usize> {
        let mut screens = lock(&self.0);
        let screen = screens.entry(id.to_owned()).or_default();
        if screen.is_over {
            return None;
        }
        screen.cards.extend(cards);
        Some(screen.cards.len())
    }

    pub(super) fn end(&self, id: &str) {
        lock(&self.0).entry(id.to_owned()).or_default().is_over = true;
    }

    pub(super) fn cards(&self, id: &str) -> Vec<Card> {
        let screens = lock(&self.0);
        let cards = screens.get(id).map(|screen| screen.cards.clone());
        cards.unwrap_or_default()
    }

    /// No interactions.
    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }
}
