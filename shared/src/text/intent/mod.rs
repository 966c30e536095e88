//! What a conversation is about: one category out of those that the configuration names.
//!
//! With vectors, the category is the one whose examples lie nearest ([`Prototypes`]); without, a word decides ([`Intents::by_keywords`]).

mod builtin;
mod category;
mod config;
mod keywords;
mod prototypes;

pub use category::IntentCategory;
pub use config::Intents;
pub use prototypes::Prototypes;

/// What was found out about a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// The category, or the default where nothing pointed to one.
    pub category: IntentCategory,
    /// The cosine to the nearest category, from -1 to 1; keywords have none.
    pub score: Option<f32>,
}

#[cfg(test)]
mod tests;
