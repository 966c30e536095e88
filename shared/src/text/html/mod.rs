//! Reads the HTML body of an article as text that people and models understand, and collects its links.
//!
//! - **Headings** open sections; a section knows the headings above it.
//! - **Lists** keep their markers and nesting, **code** its lines and indentation, **tables** become rows `Header: cell | Header: cell`.
//! - **Gone** are scripts, styles, templates, form fields, comments and what is hidden. Links leave their text, images their `alt`.
//! - **Whitespace** collapses outside of code; blocks always separate words.
//!
//! The text is plain: it must be escaped like any other text when it is shown in a page. No markup of the source reads as a tag in it,
//! not even one that is put together from pieces. What the author had escaped, such as `&lt;b&gt;` in a sample of code, is
//! shown as the characters `<b>`.
//!
//! HTML of any kind is read, in one pass over its tokens and without a tree, because trees cost quadratic time on foul input. What that
//! gives up: text that stands in the wrong place of a table is not moved before the table, as a browser would do.

mod element;
mod flow;
mod hidden;
mod links;
mod open;
mod outline;
mod row;

mod table;
mod walk;
mod walk_table;
mod writer;

#[cfg(test)]
pub(crate) mod tests;

use html5gum::{Token, Tokenizer};
use url::Url;

use walk::Walk;

/// No more of a body is read.
const MOST_INPUT: usize = 8 << 20;
/// Reading ends when the text, with the headings that each section repeats, is longer.
const MOST_TEXT: usize = 4 << 20;

/// What an article says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// In the order of the article.
    pub sections: Vec<Section>,
    /// Every address that the visible part refers to over HTTP, once, in order, without fragments.
    pub links: Vec<Url>,
    /// Whether the article was longer than what is read of one.
    pub is_cut: bool,
}

/// The text between two headings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The headings that it stands under, the outermost first; empty before the first heading.
    pub heading_path: Vec<String>,
    /// Lines without blanks at the end. Empty where one heading follows the other.
    pub text: String,
}

/// Reads an article. Relative links are resolved against `base`, or against what the article itself names; without either they
/// are left out.
pub fn read(html: &str, base: Option<&Url>) -> Page {
    let input = &html[..html.floor_char_boundary(MOST_INPUT)];
    // The tokenizer glues together what stands around an end tag without a name, so that `<</>b>` would read as a tag.
    let input = input.replace("</>", "<!---->");
    let mut walk = Walk::default();
    let mut tokens = Tokenizer::new(&input);
    while let Some(Ok(token)) = tokens.next() {
        match token {
            Token::StartTag(tag) => {
                if let Some(state) = walk.start(&tag) {
                    tokens.set_state(state);
                }
            }
            Token::EndTag(tag) => walk.end(&String::from_utf8_lossy(&tag.name)),
            Token::String(text) => walk.text(&String::from_utf8_lossy(&text)),
            Token::Comment(_) | Token::Doctype(_) => walk.skip(),
            Token::Error(_) => {}
        }
        if walk.size() > MOST_TEXT {
            return walk.finish(base, true);
        }
    }
    walk.finish(base, html.len() > MOST_INPUT)
}
