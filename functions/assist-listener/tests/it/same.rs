//! What was said beside what was told.

use std::collections::{BTreeMap, HashSet};

/// What of an interaction is not as it should be.
pub(crate) fn difference(
    name: &str,
    said: &[String],
    told: &BTreeMap<String, Vec<String>>,
) -> String {
    let said: Vec<_> = said
        .iter()
        .flat_map(|channel| channel.split_whitespace())
        .collect();
    let none = Vec::new();
    let told = told.get(name).unwrap_or(&none);
    let lost: Vec<_> = said
        .iter()
        .filter(|word| !told.iter().any(|it| it == **word))
        .collect();
    let mut seen = HashSet::new();
    let double: Vec<_> = told.iter().filter(|word| !seen.insert(*word)).collect();
    format!(
        "{name}: {} said, lost {lost:?}, double {double:?}",
        said.len()
    )
}

/// Whether the words that were told are those of the channels, each in its order.
pub(crate) fn is_same(channels: &[String], told: &[String]) -> bool {
    let is_of = |words: &HashSet<&str>| {
        told.iter()
            .filter(|word| words.contains(word.as_str()))
            .collect::<Vec<_>>()
    };
    let mut count = 0;
    let all = channels.iter().all(|channel| {
        let said: Vec<_> = channel.split_whitespace().collect();
        count += said.len();
        is_of(&said.iter().copied().collect()) == said
    });
    all && count == told.len()
}
