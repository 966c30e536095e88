//! How `OpenAI`'s embedding models count.

use crate::text::chunk::Tokens;

/// Counts with `cl100k_base`: exact for the `text-embedding` models, an estimate for all others.
#[derive(Debug, Clone, Copy)]
pub struct Cl100k;

impl Tokens for Cl100k {
    fn count(&self, text: &str) -> usize {
        bpe_openai::cl100k_base().count(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_of_the_public_tokenizer() {
        for (text, tokens) in [
            ("", 0),
            ("hello world", 2),
            ("tiktoken is great!", 6),
            ("antidisestablishmentarianism", 6),
        ] {
            assert_eq!(Cl100k.count(text), tokens, "{text}");
        }
    }
}
