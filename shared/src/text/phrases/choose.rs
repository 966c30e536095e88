//! Which phrases are shown.

use std::collections::BTreeSet;
use std::ops::Range;

/// A phrase that may be shown.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    /// Where it stands.
    pub(super) range: Range<usize>,
    /// What it says, whatever the forms and the order of its words.
    pub(super) terms: BTreeSet<&'a str>,
    pub(super) weight: f32,
}

/// The heaviest so many, the heaviest first. None overlaps with another
/// or says only what another one says: the longer one is shown, in the place of the heavier.
pub(super) fn choose(mut phrases: Vec<Candidate<'_>>, most: usize) -> Vec<Candidate<'_>> {
    phrases.sort_by(|one, other| {
        let by_weight = other.weight.total_cmp(&one.weight);
        by_weight.then(one.range.start.cmp(&other.range.start))
    });
    let mut chosen: Vec<Candidate<'_>> = Vec::new();
    for mut phrase in phrases {
        if chosen.len() == most {
            break;
        }
        let is_said = |other: &Candidate<'_>| {
            phrase.terms.is_subset(&other.terms) || overlap(&phrase.range, &other.range)
        };
        if chosen.iter().any(is_said) {
            continue;
        }
        let is_part = |other: &Candidate<'_>| other.terms.is_subset(&phrase.terms);
        let place = chosen.iter().position(is_part).unwrap_or(chosen.len());
        if let Some(part) = chosen.get(place) {
            phrase.weight = part.weight;
        }
        chosen.retain(|other| !other.terms.is_subset(&phrase.terms));
        chosen.insert(place.min(chosen.len()), phrase);
    }
    chosen
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}
