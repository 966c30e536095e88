//! Reads a text once: its words, and its digits in groups with what stands between them. Digits may be spoken: `four one double two`.

use std::ops::Range;

use super::Kind;

/// Digits without anything between them, or one spoken digit.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) range: Range<usize>,
    /// The values, 0 to 9.
    pub(super) digits: Vec<u8>,
    /// What stands between this group and the one before.
    pub(super) gap: Gap,
    /// A letter stands directly before: `SN4711`, `SN-4711`.
    pub(super) glued_before: bool,
    /// A letter stands directly after: `4711A`, `4711-A`.
    pub(super) glued_after: bool,
    /// Already known to be something; no part of anything else.
    pub(super) closed: bool,
}

/// What stands between two groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    Break,
    Nothing,
    Space,
    Dash,
    Dot,
    Slash,
    Comma,
    Paren,
}

/// What a word says of digits.
enum Said {
    Digit(u8),
    /// The next digit so often.
    Repeat(usize),
}

/// Goes through a text. Its words come out one by one; its digits gather.
pub(super) struct Reader<'t> {
    text: &'t str,
    /// The same with its ASCII in small letters.
    small: &'t str,
    at: usize,
    groups: Vec<Group>,
    /// `double` or `triple`, until the digit comes.
    repeat: Option<(usize, usize)>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, small: &'t str) -> Self {
        Self {
            text,
            small,
            at: 0,
            groups: Vec::new(),
            repeat: None,
        }
    }

    pub(super) fn into_groups(self) -> Vec<Group> {
        self.groups
    }

    /// The next run of letters.
    pub(super) fn next_word(&mut self) -> Option<Range<usize>> {
        while let Some(letter) = self.text[self.at..].chars().next() {
            let start = self.at;
            if letter.is_ascii_digit() {
                self.at = self.end_of(|c| c.is_ascii_digit());
                let digits = self.text.as_bytes()[start..self.at]
                    .iter()
                    .map(|b| b - b'0');
                self.push(start, digits.collect(), false);
            } else if letter.is_alphabetic() {
                self.at = self.end_of(char::is_alphabetic);
                self.hear(start..self.at);
                return Some(start..self.at);
            } else if let Some(token) = token_at(&self.text[start..]) {
                self.at += token.len();
                self.push(start, Vec::new(), true);
            } else {
                self.at += letter.len_utf8();
            }
        }
        None
    }

    fn end_of(&self, belongs: impl Fn(char) -> bool) -> usize {
        let rest = &self.text[self.at..];
        let length = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at + length
    }

    /// A spoken digit is a group of its own; `double` and `triple` repeat the next.
    fn hear(&mut self, word: Range<usize>) {
        let repeat = self.repeat.take();
        match said(&self.small[word.clone()]) {
            Some(Said::Repeat(times)) => self.repeat = Some((word.start, times)),
            Some(Said::Digit(digit)) => {
                let next_to = |(start, _): &(usize, usize)| word.start - start <= "double ".len();
                let (start, times) = repeat.filter(next_to).unwrap_or((word.start, 1));
                self.push(start, vec![digit; times], false);
            }
            _ => {}
        }
    }

    fn push(&mut self, start: usize, digits: Vec<u8>, closed: bool) {
        let end = self.at;
        self.repeat = None;
        let gap = self
            .groups
            .last()
            .map_or(Gap::Break, |last| gap(&self.text[last.range.end..start]));
        self.groups.push(Group {
            range: start..end,
            digits,
            gap,
            glued_before: is_glued(self.text[..start].chars().rev()),
            glued_after: is_glued(self.text[end..].chars()),
            closed,
        });
    }
}

fn said(word: &str) -> Option<Said> {
    Some(match word {
        "double" => Said::Repeat(2),
        "triple" => Said::Repeat(3),
        "zero" | "oh" | "o" => Said::Digit(0),
        "one" => Said::Digit(1),
        "two" => Said::Digit(2),
        "three" => Said::Digit(3),
        "four" => Said::Digit(4),
        "five" => Said::Digit(5),
        "six" => Said::Digit(6),
        "seven" => Said::Digit(7),
        "eight" => Said::Digit(8),
        "nine" => Said::Digit(9),
        _ => return None,
    })
}

/// The token of an earlier masking that stands here.
fn token_at(text: &str) -> Option<&'static str> {
    if !text.starts_with('[') {
        return None;
    }
    let tokens = Kind::ALL.into_iter().map(Kind::token);
    tokens.into_iter().find(|token| text.starts_with(token))
}

/// A letter, or a hyphen or underscore and a letter: then the digits are part of a longer name.
fn is_glued(mut outwards: impl Iterator<Item = char>) -> bool {
    match outwards.next() {
        Some('-') => is_letter(outwards.next()),
        Some('_') => true,
        next => is_letter(next),
    }
}

/// Scripts that write without spaces do not glue.
pub(super) fn is_letter(letter: Option<char>) -> bool {
    letter.is_some_and(|c| c.is_alphabetic() && c < '\u{250}')
}

pub(super) fn before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

pub(super) fn after(text: &str, at: usize) -> Option<char> {
    text[at..].chars().next()
}

/// Every kind of space that keeps a number on its line.
pub(super) fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\u{a0}' | '\u{2009}' | '\u{202f}')
}

fn gap(between: &str) -> Gap {
    if between.len() > 8 {
        return Gap::Break;
    }
    let bare: String = between.chars().filter(|c| !is_space(*c)).collect();
    let spaces = between.chars().count() - bare.chars().count();
    match &*bare {
        "" if spaces == 0 => Gap::Nothing,
        "" if spaces <= 2 => Gap::Space,
        "-" | "\u{2010}" | "\u{2011}" | "\u{2013}" => Gap::Dash,
        "." if spaces == 0 => Gap::Dot,
        "/" if spaces == 0 => Gap::Slash,
        "," => Gap::Comma,
        "(" | ")" | ")-" | ")(" | ")/" => Gap::Paren,
        _ => Gap::Break,
    }
}
