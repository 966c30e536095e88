//! Cuts a conversation into pieces that a model can take whole.

/// How a model counts text.
pub trait Tokens: Send + Sync {
    /// How many tokens the model makes of this text.
    fn count(&self, text: &str) -> usize;
}
