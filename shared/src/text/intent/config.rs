//! The categories as configuration: `{"default": …, "threshold": …, "examples": {…}, "keywords": {…}}`.

use std::fmt;
use std::str::FromStr;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::keywords::Keywords;
use super::{Intent, IntentCategory, Prototypes, builtin};
use crate::domain::{Embedding, VectorFlaw};

/// Which categories there are, and by what a text is known to belong to one.
#[derive(Debug, Clone, PartialEq)]
pub struct Intents {
    default: IntentCategory,
    threshold: f32,
    examples: Vec<(IntentCategory, Vec<String>)>,
    keywords: Keywords,
}

/// What is not written stays as it is built in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    default: Option<String>,
    threshold: Option<f32>,
    examples: Option<Lists>,
    keywords: Option<Lists>,
}

/// Lists by name, in the order in which they were written.
struct Lists(Vec<(String, Vec<String>)>);

impl Intents {
    /// Every example with its category, for whoever turns them into vectors.
    pub fn examples(&self) -> impl Iterator<Item = (&IntentCategory, &str)> {
        self.examples
            .iter()
            .flat_map(|(category, texts)| texts.iter().map(move |text| (category, text.as_str())))
    }

    /// The prototypes, given the vectors of [`Self::examples`].
    pub fn prototypes(
        &self,
        examples: &[(IntentCategory, Embedding)],
    ) -> Result<Prototypes, VectorFlaw> {
        Prototypes::new(self.default.clone(), self.threshold, examples)
    }

    /// The category whose word stands in the text; the first that has one wins.
    pub fn by_keywords(&self, text: &str) -> Intent {
        let category = self.keywords.category(text).unwrap_or(&self.default);
        Intent {
            category: category.clone(),
            score: None,
        }
    }
}

impl Default for Intents {
    fn default() -> Self {
        let lists = |lists: &[(&'static str, &[&str])]| -> Vec<(IntentCategory, Vec<String>)> {
            let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
            lists
                .iter()
                .map(|(name, texts)| (IntentCategory::builtin(name), owned(texts)))
                .collect()
        };
        Self {
            default: IntentCategory::builtin(builtin::DEFAULT),
            threshold: builtin::THRESHOLD,
            examples: lists(&builtin::EXAMPLES),
            keywords: Keywords::new(lists(&builtin::KEYWORDS)),
        }
    }
}

/// Reads the JSON of the configuration; an error names what to change.
impl FromStr for Intents {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let written: Written =
            serde_json::from_str(text).map_err(|error| format!("cannot be read: {error}"))?;
        let mut intents = Self::default();
        if let Some(name) = written.default {
            intents.default =
                IntentCategory::parse(name).map_err(|rule| format!("has a default that {rule}"))?;
        }
        if let Some(threshold) = written.threshold {
            if !(-1.0..=1.0).contains(&threshold) {
                return Err("has a threshold that is not between -1 and 1".to_owned());
            }
            intents.threshold = threshold;
        }
        if let Some(lists) = written.examples {
            intents.examples = lists.check("examples", |text| !text.trim().is_empty())?;
        }
        if let Some(lists) = written.keywords {
            let lists = lists.check("keywords", Keywords::is_one_word)?;
            intents.keywords = Keywords::new(lists);
        }
        Ok(intents)
    }
}

impl Lists {
    /// Every list has a sound name, which stands once, and at least one text; every text keeps the rule.
    fn check(
        self,
        what: &str,
        rule: impl Fn(&str) -> bool,
    ) -> Result<Vec<(IntentCategory, Vec<String>)>, String> {
        let mut checked: Vec<(IntentCategory, Vec<String>)> = Vec::new();
        for (name, texts) in self.0 {
            let wrong = |problem: &str| format!("has {what} of {name:?}: {problem}");
            let category = IntentCategory::parse(&*name)
                .map_err(|rule| wrong(&format!("a category {rule}")))?;
            if checked.iter().any(|(known, _)| *known == category) {
                return Err(wrong("the category stands twice"));
            }
            if texts.is_empty() {
                return Err(wrong("the list is empty"));
            }
            if let Some(bad) = texts.iter().position(|text| !rule(text)) {
                return Err(wrong(&format!("item {bad} is empty or not one word")));
            }
            checked.push((category, texts));
        }
        Ok(checked)
    }
}

impl<'de> Deserialize<'de> for Lists {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

/// A map would sort the names; their order decides between keywords.
struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Lists;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lists of texts by category")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut lists = Vec::new();
        while let Some(entry) = map.next_entry()? {
            lists.push(entry);
        }
        Ok(Lists(lists))
    }
}
