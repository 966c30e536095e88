//! Cuts a conversation into pieces that a model can take whole.
//!
//! A chunk is lines `Label: words`, at most as long as the model's own count allows. A turn that fits is never cut. One that does not is
//! cut at the ends of sentences, else between words, else between characters, and every piece carries the label. A chunk
//! begins with the end of the one before: its last whole turns, or the last sentences of a turn that was cut.

mod boundaries;
mod cutter;
mod overlap;
mod piece;
mod script;
mod search;

#[cfg(test)]
mod tests;

use std::ops::Range;

use super::Turn;
use cutter::Cutter;
use script::Script;

/// How a model counts text.
pub trait Tokens: Send + Sync {
    /// How many tokens the model makes of this text. The same text always counts the same.
    fn count(&self, text: &str) -> usize;
}

/// How long a chunk may be, and how much of it may repeat the chunk before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    tokens: usize,
    overlap: usize,
}

impl Limits {
    /// At most `tokens` in a chunk, at most `overlap` of them repeated; no more than half can be repetition.
    pub fn new(tokens: usize, overlap: usize) -> Result<Self, &'static str> {
        match (tokens, overlap) {
            (0, _) => Err("a chunk must have room for at least one token"),
            _ if overlap > tokens / 2 => Err("the overlap must be at most half of a chunk"),
            _ => Ok(Self { tokens, overlap }),
        }
    }

    /// The same for a model that reads `most` tokens. The overlap gives way, and stays a quarter of a chunk at most.
    pub fn within(most: usize, tokens: usize, overlap: usize) -> Result<Self, &'static str> {
        let tokens = tokens.min(most);
        Self::new(tokens, overlap.min(tokens / 4))
    }

    /// The most tokens of a chunk.
    pub fn tokens(self) -> usize {
        self.tokens
    }
}

/// A piece of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// What is embedded and shown.
    pub text: String,
    /// How many tokens that is. Never more than the limit, unless a single character is more; nor is the text longer than so many tokens
    /// can be, however few a tokenizer makes of it.
    pub tokens: usize,
    /// What of which turn stands here, in order. Those that are not repeated give, over all chunks, every turn exactly once.
    pub passages: Vec<Passage>,
}

/// A part of a turn's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The index of the turn.
    pub turn: usize,
    /// Which bytes of its words. Blanks at both ends are not shown.
    pub words: Range<usize>,
    /// Whether the chunk before has it already.
    pub repeated: bool,
}

/// A text of more bytes per token of the limit hardly fits into one chunk. Most languages have two to five bytes in a token.
const MOST_BYTES_PER_TOKEN: usize = 6;

/// So many bytes count as a token at least. Some tokenizers make one token of a word without end and none of blanks, but what is stored,
/// sent and shown is bytes.
const BYTES_OF_A_TOKEN: usize = 64;

/// What the text takes of a chunk.
fn measure(tokens: &dyn Tokens, text: &str) -> usize {
    tokens.count(text).max(bytes_as_tokens(text))
}

fn bytes_as_tokens(text: &str) -> usize {
    text.len().div_ceil(BYTES_OF_A_TOKEN)
}

/// Cuts the turns into chunks, each nearly as full as it can be.
pub fn chunk(turns: &[Turn], limits: Limits, tokens: &dyn Tokens) -> Vec<Chunk> {
    match uncut(turns, limits, tokens) {
        Some(chunk) => vec![chunk],
        None => Cutter::new(Script::new(turns, limits, tokens)).collect(),
    }
}

/// All turns in one chunk, if they fit. Most conversations do, and then one count says so; to count every turn and to look for the
/// last that fits costs three. A long text is not counted for nothing.
fn uncut(turns: &[Turn], limits: Limits, tokens: &dyn Tokens) -> Option<Chunk> {
    let bytes: usize = turns.iter().map(|turn| turn.words.len()).sum();
    if turns.is_empty() || bytes > limits.tokens.saturating_mul(MOST_BYTES_PER_TOKEN) {
        return None;
    }
    let text = script::whole_text(turns);
    if bytes_as_tokens(&text) > limits.tokens {
        return None;
    }
    let tokens = tokens.count(&text);
    let whole = |(turn, Turn { words, .. }): (usize, &Turn)| Passage {
        turn,
        words: 0..words.len(),
        repeated: false,
    };
    (tokens <= limits.tokens).then(|| Chunk {
        text,
        tokens,
        passages: turns.iter().enumerate().map(whole).collect(),
    })
}
