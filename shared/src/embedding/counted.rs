//! A text that need not be counted again.

use std::collections::HashMap;

use crate::text::chunk::Chunk;

/// A text, and its tokens by the count of the embedder that it is for: see [`Embedder::counted`](super::Embedder::counted).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted<'a> {
    /// What is embedded.
    pub text: &'a str,
    /// How many tokens that is. Requests are planned by it, and texts refused for their length.
    pub tokens: usize,
}

impl<'a> From<&'a Chunk> for Counted<'a> {
    fn from(chunk: &'a Chunk) -> Self {
        Self {
            text: &chunk.text,
            tokens: chunk.tokens,
        }
    }
}

/// The texts without repetition, and for each text its place among them. An empty one has none: no model embeds nothing.
pub(super) fn distinct<'a>(texts: &[Counted<'a>]) -> (Vec<Counted<'a>>, Vec<Option<usize>>) {
    let mut distinct = Vec::new();
    let mut known = HashMap::new();
    let mut place = |counted: &Counted<'a>| {
        *known.entry(counted.text).or_insert_with(|| {
            distinct.push(*counted);
            distinct.len() - 1
        })
    };
    let places = texts
        .iter()
        .map(|counted| (!counted.text.is_empty()).then(|| place(counted)))
        .collect();
    (distinct, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_place_however_often_it_comes() {
        let texts = ["b", "a", "", "b", "a", "c"].map(|text| Counted { text, tokens: 1 });
        let (distinct, places) = distinct(&texts);
        assert_eq!(distinct, [texts[0], texts[1], texts[5]]);
        assert_eq!(places, [Some(0), Some(1), None, Some(0), Some(1), Some(2)]);
    }
}
