//! The two languages of the corpus.

use super::material::Both;

/// A language; also the place of its text in a [`Both`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English = 0,
    German = 1,
}

impl Language {
    pub(super) fn tag(self) -> &'static str {
        self.of(["en-US", "de-DE"])
    }

    /// The text in this language.
    pub(super) fn of(self, both: Both) -> &'static str {
        both[self as usize]
    }
}
