//! One word decides: the rule for a deployment without vectors.

use super::IntentCategory;

/// What English puts behind a word without making it another one.
const ENDINGS: [&str; 8] = ["", "s", "es", "d", "ed", "ing", "led", "ling"];

/// Words by category, lower-case, in the order of their weight.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Keywords(Vec<(IntentCategory, Vec<String>)>);

impl Keywords {
    pub(super) fn new(lists: Vec<(IntentCategory, Vec<String>)>) -> Self {
        let lower = |words: Vec<String>| words.iter().map(|word| word.to_lowercase()).collect();
        Self(
            lists
                .into_iter()
                .map(|(category, words)| (category, lower(words)))
                .collect(),
        )
    }

    /// Texts are compared word by word, so that a keyword of two words would never be found.
    pub(super) fn is_one_word(text: &str) -> bool {
        !text.is_empty() && text.chars().all(char::is_alphanumeric)
    }

    /// The first category of which a word stands in the text.
    pub(super) fn category(&self, text: &str) -> Option<&IntentCategory> {
        let text = text.to_lowercase();
        let said: Vec<_> = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let is_said = |word: &String| said.iter().any(|said| is_form_of(said, word));
        let found = |(_, words): &&(IntentCategory, Vec<String>)| words.iter().any(is_said);
        self.0.iter().find(found).map(|(category, _)| category)
    }
}

fn is_form_of(said: &str, word: &str) -> bool {
    said.strip_prefix(word)
        .is_some_and(|ending| ENDINGS.contains(&ending))
}
