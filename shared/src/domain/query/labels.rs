//! The words that a list of a filter may hold: territories, categories, statuses, intents, sources.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::domain::body::{Flaws, value};

/// What a label must look like, as those are told who wrote another one.
const RULE: &str = "must be 1 to 255 characters without control characters";
/// A list holds no more.
const MOST_ITEMS: usize = 50;
/// What a list of labels must look like.
const ITEMS: &str = "must hold 1 to 50 items; left out, it filters nothing";
/// No label is longer.
const MOST: usize = 255;

/// A word that stands in the metadata, compared letter by letter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Label(String);

impl Label {
    /// Takes the text as it is.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let is_short = !text.is_empty() && text.chars().nth(MOST).is_none();
        if is_short && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(RULE)
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The labels that a filter lets through, each once; without any it lets everything through.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Labels(BTreeSet<Label>);

impl Labels {
    /// Whether the filter lets everything through.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The texts, sorted.
    pub fn as_strs(&self) -> Vec<&str> {
        self.0.iter().map(Label::as_str).collect()
    }

    pub(super) fn read(written: &RawValue) -> Result<Self, Flaws> {
        let label = |item: &RawValue| value::parsed(item, Label::parse);
        let labels = value::list(written, 1..=MOST_ITEMS, ITEMS, label)?;
        Ok(Self::from_iter(labels))
    }
}

impl FromIterator<Label> for Labels {
    fn from_iter<I: IntoIterator<Item = Label>>(labels: I) -> Self {
        Self(labels.into_iter().collect())
    }
}
