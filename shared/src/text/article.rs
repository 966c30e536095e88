//! Cuts an article into pieces that a model takes whole, each under its headings.

use super::Turn;
use super::chunk::{self, Limits, Tokens};
use super::html::Section;

/// A piece of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The title and the headings that it stands under.
    pub heading: String,
    /// What is embedded and shown; it begins with the heading.
    pub text: String,
    /// How many tokens that is.
    pub tokens: usize,
}

/// Cuts the sections of an article.
pub fn chunk(title: &str, sections: &[Section], limits: Limits, tokens: &dyn Tokens) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for section in sections {
        let path: Vec<&str> = std::iter::once(title)
            .chain(section.heading_path.iter().map(String::as_str))
            .collect();
        let heading = path.join(" > ");
        let turn = Turn {
            label: heading.clone(),
            words: section.text.clone(),
        };
        for chunk in chunk::chunk(&[turn], limits, tokens) {
            pieces.push(Piece {
                heading: heading.clone(),
                text: chunk.text,
                tokens: chunk.tokens,
            });
        }
    }
    pieces
}
