//! How right the intents are: labelled conversations, and the share of them that is classified as a person would.

use serde::Deserialize;

use crate::domain::Embedding;
use crate::error::Error;
use crate::text::intent::{Intent, IntentCategory, Intents};

const LINES: &str = include_str!("../../../tests/data/intents.jsonl");
/// Written after method, threshold and examples were settled, and looked at once.
const BLIND: &str = include_str!("../../../tests/data/intents.blind.jsonl");

/// A conversation and what a person says it is about.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labelled {
    /// As it is embedded.
    pub text: String,
    /// What a person says.
    pub category: IntentCategory,
    /// Method and threshold were not chosen by this line.
    #[serde(default)]
    pub held_out: bool,
}

/// The share of the lines that was classified right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accuracy {
    /// Of the lines by which the method was chosen.
    pub tuned: f64,
    /// Of the lines that were kept apart.
    pub held_out: f64,
    /// Of the lines that were written when everything was settled.
    pub blind: f64,
}

/// All labelled lines.
pub fn labelled() -> Result<Vec<Labelled>, Error> {
    read(LINES)
}

fn read(lines: &str) -> Result<Vec<Labelled>, Error> {
    let unreadable = |_| Error::misconfigured("a labelled line cannot be read");
    lines
        .lines()
        .map(|line| serde_json::from_str(line).map_err(unreadable))
        .collect()
}

/// How right `classify` is.
pub fn accuracy(classify: impl Fn(&str) -> Intent) -> Result<Accuracy, Error> {
    let share = |lines: &[&Labelled]| {
        let is_right = |line: &&&Labelled| classify(&line.text).category == line.category;
        let count = |number: usize| u32::try_from(number).map_or(f64::NAN, f64::from);
        count(lines.iter().filter(is_right).count()) / count(lines.len())
    };
    let (known, blind) = (labelled()?, read(BLIND)?);
    let (held_out, tuned): (Vec<_>, Vec<_>) = known.iter().partition(|line| line.held_out);
    Ok(Accuracy {
        tuned: share(&tuned),
        held_out: share(&held_out),
        blind: share(&blind.iter().collect::<Vec<_>>()),
    })
}

/// Prints and gives how right keywords are, and how right prototypes are in the space of `embed`.
#[expect(
    clippy::print_stdout,
    reason = "a measurement speaks through its output"
)]
pub fn measure(
    intents: &Intents,
    embed: impl Fn(&str) -> Embedding,
) -> Result<(Accuracy, Accuracy), Error> {
    let example = |(category, text): (&IntentCategory, &str)| (category.clone(), embed(text));
    let examples: Vec<_> = intents.examples().map(example).collect();
    let unusable = |_| Error::misconfigured("the vectors of the examples cannot stand together");
    let prototypes = intents.prototypes(&examples).map_err(unusable)?;
    let keywords = accuracy(|text| intents.by_keywords(text))?;
    let prototypes = accuracy(|text| prototypes.classify(&embed(text)))?;
    for (name, found) in [("keywords", keywords), ("prototypes", prototypes)] {
        let Accuracy {
            tuned,
            held_out,
            blind,
        } = found;
        println!(
            "intents by {name}: {tuned:.3} of the tuned, {held_out:.3} of the held-out, {blind:.3} of the blind lines"
        );
    }
    Ok((keywords, prototypes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_lines_are_balanced_and_no_example_is_among_them() {
        let lines = labelled().unwrap();
        let intents = Intents::default();
        for name in ["billing_dispute", "technical_support", "general_inquiry"] {
            let of = |held_out| {
                let is_one =
                    |line: &&Labelled| line.category.as_str() == name && line.held_out == held_out;
                lines.iter().filter(is_one).count()
            };
            assert_eq!((of(false), of(true)), (30, 30), "{name}");
        }
        let texts: BTreeSet<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts.len(), lines.len());
        assert!(
            intents
                .examples()
                .all(|(_, example)| !texts.contains(example))
        );
    }

    /// A stand-in for a model: it counts letters. The figures of a real one are its engineer's to assert.
    #[test]
    fn a_measurement_counts_what_is_right() {
        let letters = |text: &str| {
            let mut counts = vec![0.1_f32; 26];
            for letter in text
                .bytes()
                .map(|b| b.to_ascii_lowercase())
                .filter(u8::is_ascii_lowercase)
            {
                counts[usize::from(letter - b'a')] += 1.0;
            }
            Embedding::parse(counts, 26).unwrap()
        };
        let (keywords, _) = measure(&Intents::default(), letters).unwrap();
        assert!((keywords.tuned - 42.0 / 90.0).abs() < 1e-9, "{keywords:?}");
        let lines = [labelled().unwrap(), read(BLIND).unwrap()].concat();
        let right = |text: &str| Intent {
            category: lines
                .iter()
                .find(|line| line.text == text)
                .unwrap()
                .category
                .clone(),
            score: None,
        };
        let all = Accuracy {
            tuned: 1.0,
            held_out: 1.0,
            blind: 1.0,
        };
        assert_eq!(accuracy(right).unwrap(), all);
    }
}
