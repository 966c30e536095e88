//! Lists with commas, as settings have them.

use std::fmt::Display;
use std::str::FromStr;

/// A list with commas.
pub(super) struct List<T>(pub(super) Vec<T>);

impl<T: FromStr<Err: Display>> FromStr for List<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words = text
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty());
        let parsed = words.map(|word| {
            word.parse()
                .map_err(|wrong| format!("has an entry that {wrong}"))
        });
        parsed.collect::<Result<_, _>>().map(Self)
    }
}

/// Names without regard to case, from a list with commas.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Names(Vec<String>);

impl Names {
    /// None.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn listed(text: &str) -> Self {
        let words = text
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty());
        Self(words.map(str::to_lowercase).collect())
    }

    pub(super) fn contain(&self, word: &str) -> bool {
        let word = word.trim().to_lowercase();
        self.0.contains(&word)
    }
}

impl FromStr for Names {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::listed(text))
    }
}
