//! Texts and their terms.

mod languages;
mod properties;
mod tables;

use super::*;

/// The terms in the order of the text.
fn terms_of(text: &str, tag: &str) -> Vec<String> {
    let spans = term_spans(text, Analysis::of(tag));
    spans.into_iter().map(|(_, term)| term).collect()
}
