//! Marks: the words that say what the digits near them are.

use std::borrow::Cow;
use std::ops::Range;

use super::words::{class, is_number, is_owner};

/// A set of meanings, one bit each.
pub(super) type Class = u8;

/// A payment card follows.
pub(super) const CARD: Class = 1;
/// A social security number follows.
pub(super) const SOCIAL: Class = 2;
/// A telephone number follows.
pub(super) const PHONE: Class = 4;
/// A date of birth follows.
pub(super) const BIRTH: Class = 8;
/// A number of something else follows: of an order, a ticket, a contract.
pub(super) const REFERENCE: Class = 16;
/// A date of something else follows: of an order, a delivery, an appointment.
pub(super) const EVENT: Class = 32;

/// No word of the lists is longer, in bytes.
const LONGEST: usize = 40;

/// A word with a meaning, and where it stands.
pub(super) struct Mark {
    pub(super) range: Range<usize>,
    pub(super) class: Class,
}

/// Gathers the marks of a text, word by word.
pub(super) struct Words<'t> {
    /// The text with its ASCII in small letters.
    small: &'t str,
    marks: Vec<Mark>,
    previous: Cow<'t, str>,
    /// The last mark is a bare `number`, which `of` something else would take away.
    is_bare: bool,
}

impl<'t> Words<'t> {
    pub(super) fn new(small: &'t str) -> Self {
        Self {
            small,
            marks: Vec::new(),
            previous: Cow::default(),
            is_bare: false,
        }
    }

    pub(super) fn see(&mut self, range: Range<usize>) {
        let word = self.word(&range);
        if self.is_bare && matches!(&*word, "de" | "du" | "d" | "of") {
            self.marks.pop();
        }
        self.is_bare = is_number(&word) && is_owner(&self.previous);
        let class = match &*word {
            "b" if self.small[..range.end].ends_with("d.o.b") => BIRTH,
            "case" | "order" if self.previous == "in" => 0,
            _ if self.is_bare => PHONE,
            _ => class(&word),
        };
        if class != 0 {
            self.marks.push(Mark { range, class });
        }
        self.previous = word;
    }

    /// In small letters, and nothing where no list has so long a word.
    fn word(&self, range: &Range<usize>) -> Cow<'t, str> {
        let word = &self.small[range.clone()];
        match word.len() {
            0..=LONGEST if word.is_ascii() => Cow::Borrowed(word),
            0..=LONGEST => Cow::Owned(word.to_lowercase()),
            _ => Cow::default(),
        }
    }

    pub(super) fn into_marks(self) -> Vec<Mark> {
        self.marks
    }
}
