//! The figures of the proof over lines that are made from patterns: sentences of callers and forms around values of real shapes, and what
//! looks like personal data and is none. The generator knows what it put where; the detectors are not asked.

mod negatives;
mod people;
mod phones;
mod sentences;
mod speech;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;

use super::labelled::{Line, prove};
use crate::testing::proof_size;
use crate::text::pii::{Kind, find};

use negatives::{imei, negative};
use sentences::around;
use values::Context;

/// The lines are the same every time.
const SEED: u64 = 2_026;

fn lines(count: usize) -> Vec<Line> {
    let mut rng = Rng::with_seed(SEED);
    let mut kinds = Kind::ALL.into_iter().cycle();
    let line = |_: usize| match rng.u8(..20) {
        0..12 => positive(&mut rng, kinds.next().unwrap(), |_| true),
        12..17 => of(negative(&mut rng), Vec::new()),
        _ => mixed(&mut rng),
    };
    (0..count).map(line).collect()
}

fn of(text: String, expected: Vec<(Kind, String)>) -> Line {
    let held_out = true;
    Line {
        text,
        expected,
        held_out,
    }
}

/// A value of this kind in a sentence.
fn positive(rng: &mut Rng, kind: Kind, fits: impl Fn(Context) -> bool) -> Line {
    let sentences = around(kind).iter().filter(|(_, context, _)| fits(*context));
    let (language, context, sentence) = rng.choice(sentences.collect::<Vec<_>>()).unwrap();
    let value = values::value(rng, kind, *language, *context);
    of(sentence.replacen("{}", &value, 1), vec![(kind, value)])
}

/// Several sentences of one conversation. Beside others, each says what its value is.
fn mixed(rng: &mut Rng) -> Line {
    let mut parts = vec![positive_of_any(rng), of(negative(rng), Vec::new())];
    if rng.bool() {
        parts.push(positive_of_any(rng));
    }
    rng.shuffle(&mut parts);
    let between = *rng.choice(&[". ", "\n", "; "]).unwrap();
    let texts: Vec<_> = parts.iter().map(|part| part.text.as_str()).collect();
    let text = texts.join(between);
    of(
        text,
        parts.into_iter().flat_map(|part| part.expected).collect(),
    )
}

fn positive_of_any(rng: &mut Rng) -> Line {
    let kind = *rng.choice(&Kind::ALL).unwrap();
    positive(rng, kind, |context| context == Context::Said)
}

#[test]
fn the_targets_hold_on_generated_lines() {
    let lines = lines(proof_size(4_000, 200_000));
    let texts: BTreeSet<_> = lines.iter().map(|line| &line.text).collect();
    assert!(texts.len() > 3_500, "{} different lines", texts.len());
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    for (kind, value) in lines.iter().flat_map(|line| &line.expected) {
        *counts.entry(*kind).or_default() += 1;
        assert!(!value.is_empty());
    }
    assert!(
        Kind::ALL.iter().all(|kind| counts[kind] > 400),
        "{counts:?}"
    );
    let free = lines.iter().filter(|line| line.expected.is_empty());
    assert!(
        free.count() * 5 > lines.len(),
        "enough lines without anything"
    );
    prove(&lines);
}

/// The numbers of devices have the check digit of cards; only their beginnings tell them apart.
#[test]
fn a_device_is_no_card() {
    let mut rng = Rng::with_seed(SEED);
    for _ in 0..proof_size(500, 20_000) {
        let text = format!("My phone's number is {}", imei(&mut rng));
        let cards = find(&text)
            .into_iter()
            .filter(|found| found.kind == Kind::Card);
        assert_eq!(cards.count(), 0, "{text}");
    }
}
