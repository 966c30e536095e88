//! Text for a screen that may read it as HTML, as Markdown, or as neither.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation as _};

use crate::text::html;

/// The text without anything that acts or formats: no tags, no links, no pictures; on one line. What is left of the signs that make markup
/// looks as it did and means nothing.
pub(super) fn clean(text: &str) -> String {
    let page = html::read(text, None);
    let mut words = String::with_capacity(text.len());
    for section in &page.sections {
        let heading = section.heading_path.last().map_or("", String::as_str);
        for part in [heading, &section.text] {
            words.push_str(part);
            words.push('\n');
        }
    }
    let words = inert(&without_links(&words));
    let words: Vec<_> = words.split_whitespace().collect();
    without_mark(&words.join(" ")).to_owned()
}

/// A line without what would make a heading of it. `#4471` is a number: a mark has a blank after it.
fn without_mark(line: &str) -> &str {
    let bare = line.trim_start_matches('#');
    if bare.is_empty() || bare.starts_with(' ') {
        bare.trim_start()
    } else {
        line
    }
}

/// `[words](address)` becomes its words, and `![words](address)` too.
fn without_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("](") {
        out.push_str(&rest[..at]);
        if let Some(opened) = out.rfind('[') {
            out.remove(opened);
            if out[..opened].ends_with('!') {
                out.remove(opened - 1);
            }
        }
        rest = after_address(&rest[at + 2..]);
    }
    out.push_str(rest);
    out
}

/// What follows the bracket that ends an address. Brackets within it come in pairs.
fn after_address(text: &str) -> &str {
    let mut depth = 1_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[at + 1..];
        }
    }
    ""
}

/// Signs of which markup could still be made go by others that look like them.
fn inert(text: &str) -> String {
    let letters = text
        .chars()
        .filter(|letter| !matches!(letter, '*' | '`' | '\\'));
    let letters = letters.map(|letter| match letter {
        '<' => '\u{2039}',
        '>' => '\u{203a}',
        '[' => '(',
        ']' => ')',
        control if control.is_control() => ' ',
        other => other,
    });
    letters.collect()
}

/// The text if it has at most so many characters, else as many of its words as have, with the sign that there is more.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept = prefix(text, text.split_word_bounds(), most - 1);
    let bare = kept.trim_end_matches(|letter: char| {
        letter.is_whitespace() || matches!(letter, ',' | ';' | ':' | '(' | '-' | '–')
    });
    // In some scripts a sign is a part of what it follows.
    let kept = if is_between_letters(text, bare.len()) {
        bare
    } else {
        kept
    };
    // One word may be longer than all there is room for.
    let kept = if kept.is_empty() {
        prefix(text, text.graphemes(true), most - 1)
    } else {
        kept
    };
    format!("{kept}…")
}

/// The longest beginning of at most so many characters that ends between two pieces, and not within a letter.
fn prefix<'a>(text: &'a str, pieces: impl Iterator<Item = &'a str>, most: usize) -> &'a str {
    let (mut end, mut characters, mut kept) = (0, 0, 0);
    for piece in pieces {
        end += piece.len();
        characters += piece.chars().count();
        if characters > most {
            break;
        }
        if is_between_letters(text, end) {
            kept = end;
        }
    }
    &text[..kept]
}

fn is_between_letters(text: &str, at: usize) -> bool {
    let mut cursor = GraphemeCursor::new(at, text.len(), true);
    cursor.is_boundary(text, 0).unwrap_or(false)
}
