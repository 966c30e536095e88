//! The figures of the proof: recall and precision over labelled lines, for those that were tuned on and those that were not.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::text::pii::{Kind, find};

const LINES: &str = include_str!("../../../../../tests/data/pii.jsonl");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) expected: Vec<(Kind, String)>,
    #[serde(default)]
    pub(super) held_out: bool,
}

#[derive(Default)]
struct Score {
    expected: u32,
    hit: u32,
    found: u32,
}

impl Score {
    fn recall(&self) -> f64 {
        f64::from(self.hit) / f64::from(self.expected)
    }

    fn precision(&self) -> f64 {
        f64::from(self.hit) / f64::from(self.found)
    }

    fn add(&mut self, other: &Self) {
        self.expected += other.expected;
        self.hit += other.hit;
        self.found += other.found;
    }
}

pub(super) fn lines(held_out: bool) -> Vec<Line> {
    let all = LINES
        .lines()
        .map(|line| serde_json::from_str::<Line>(line).unwrap());
    all.filter(|line| line.held_out == held_out).collect()
}

/// A hit is the same kind at exactly the same place.
fn score(lines: &[Line]) -> BTreeMap<Kind, Score> {
    let mut scores: BTreeMap<Kind, Score> = BTreeMap::new();
    for line in lines {
        let mut found: Vec<_> = find(&line.text)
            .into_iter()
            .map(|finding| (finding.kind, line.text[finding.range].to_owned()))
            .collect();
        for (kind, _) in &found {
            scores.entry(*kind).or_default().found += 1;
        }
        for expected in &line.expected {
            let score = scores.entry(expected.0).or_default();
            score.expected += 1;
            if let Some(at) = found.iter().position(|one| one == expected) {
                found.swap_remove(at);
                score.hit += 1;
            } else {
                println!("missed {expected:?} in {:?}", line.text);
            }
        }
        for wrong in found {
            println!("wrong {wrong:?} in {:?}", line.text);
        }
    }
    scores
}

/// Holds the figures of these lines to their targets.
pub(super) fn prove(lines: &[Line]) {
    let scores = score(lines);
    let mut all = Score::default();
    for kind in Kind::ALL {
        let score = &scores[&kind];
        println!(
            "{}: recall {:.3} of {}, precision {:.3}",
            kind.as_str(),
            score.recall(),
            score.expected,
            score.precision()
        );
        all.add(score);
    }
    println!(
        "all {} lines: recall {:.3} of {}, precision {:.3}",
        lines.len(),
        all.recall(),
        all.expected,
        all.precision()
    );
    for kind in [Kind::Card, Kind::Ssn, Kind::Iban] {
        assert!(scores[&kind].recall() >= 0.99, "{kind:?}");
    }
    // The many of one kind do not hide the false ones of another.
    for kind in Kind::ALL {
        assert!(scores[&kind].precision() >= 0.95, "{kind:?}");
    }
    assert!(all.recall() >= 0.95 && all.precision() >= 0.95);
}

#[test]
fn the_targets_hold_on_the_lines_that_were_tuned_on() {
    prove(&lines(false));
}

#[test]
fn the_targets_hold_on_the_lines_that_were_held_out() {
    prove(&lines(true));
}

#[test]
fn the_labels_are_what_they_say() {
    assert!(lines(false).len() + lines(true).len() >= 600);
    assert!(lines(true).len() * 3 >= lines(false).len());
    for line in lines(false).into_iter().chain(lines(true)) {
        for (_, value) in &line.expected {
            assert!(line.text.contains(value), "{}", line.text);
        }
    }
}
