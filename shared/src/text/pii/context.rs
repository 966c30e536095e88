//! Marks: the words that say what the digits near them are.

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
#[derive(Default)]
pub(super) struct Words {
    marks: Vec<Mark>,
    previous: String,
    /// The last mark is a bare `number`, which `of` something else would take away.
    is_bare: bool,
}

impl Words {
    pub(super) fn see(&mut self, text: &str, range: Range<usize>) {
        let word = if range.len() <= LONGEST {
            text[range.clone()].to_lowercase()
        } else {
            String::new()
        };
        if self.is_bare && matches!(&*word, "de" | "du" | "d" | "of") {
            self.marks.pop();
        }
        self.is_bare = is_number(&word) && is_owner(&self.previous);
        let class = match &*word {
            "b" if ends_with_initials(&text[..range.end]) => BIRTH,
            "case" | "order" if self.previous == "in" => 0,
            _ if self.is_bare => PHONE,
            _ => class(&word),
        };
        if class != 0 {
            self.marks.push(Mark { range, class });
        }
        self.previous = word;
    }

    pub(super) fn into_marks(self) -> Vec<Mark> {
        self.marks
    }
}

/// `D.O.B`
fn ends_with_initials(text: &str) -> bool {
    let start = text.len().saturating_sub("d.o.b".len());
    text.get(start..)
        .is_some_and(|tail| tail.eq_ignore_ascii_case("d.o.b"))
}
