//! The unit of text that chunks try not to cut.

use std::fmt;

/// What one party said, or one labelled field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The label of the field, or who spoke.
    pub label: String,
    /// The words, not empty.
    pub words: String,
}

/// `Label: words`, as it is embedded and shown.
impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.label, self.words)
    }
}
