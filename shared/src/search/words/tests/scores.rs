//! Scores against the formula, document by document.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::worlds::{Stored, World, query, world};
use super::*;
use crate::search::bm25::{Parameters, Statistics};
use crate::search::normalise::Lexical;

type Query = BTreeMap<&'static str, u32>;

fn hits<'block>(
    stored: &'block Stored,
    live: &BTreeMap<Doc, Terms>,
    query: &Query,
) -> [AnalysisHits<&'block [u8]>; 1] {
    let with_terms = live.values().filter(|terms| terms.length > 0);
    let lengths = with_terms.map(|terms| u64::from(terms.length));
    let statistics = Statistics {
        documents: lengths.clone().count() as u64,
        length: lengths.sum(),
    };
    let term = |(term, repeats): (&&str, &u32)| TermHits {
        term: (*term).to_owned(),
        repeats: *repeats,
        buckets: stored
            .blocks
            .iter()
            .filter_map(|block| bytes_of(block, term))
            .collect(),
    };
    let terms = query.iter().map(term).collect();
    [AnalysisHits { statistics, terms }]
}

/// BM25 as it is written down, over the texts themselves.
fn brute_force(
    live: &BTreeMap<Doc, Terms>,
    query: &Query,
    parameters: Parameters,
) -> BTreeMap<Doc, f64> {
    let (k1, b) = (parameters.k1(), parameters.b());
    let docs: Vec<_> = live.iter().filter(|(_, terms)| terms.length > 0).collect();
    let tf = |terms: &Terms, word: &str| {
        let found = terms.counts.iter().find(|(term, _)| &**term == word);
        f64::from(found.map_or(0, |(_, count)| *count))
    };
    let documents = docs.iter().map(|_| 1.0).sum::<f64>();
    let all: f64 = docs.iter().map(|(_, terms)| f64::from(terms.length)).sum();
    let mut scores = BTreeMap::new();
    for (word, repeats) in query {
        let df = docs.iter().filter(|(_, terms)| tf(terms, word) > 0.0);
        let df = df.map(|_| 1.0).sum::<f64>();
        let idf = (1.0 + (documents - df + 0.5) / (df + 0.5)).ln();
        for (doc, terms) in &docs {
            let tf = tf(terms, word);
            let norm = 1.0 - b + b * f64::from(terms.length) / (all / documents);
            let score = f64::from(*repeats) * idf * tf * (k1 + 1.0) / (tf + k1 * norm);
            if tf > 0.0 {
                *scores.entry(**doc).or_insert(0.0) += score;
            }
        }
    }
    scores
}

fn parameters() -> impl Strategy<Value = Parameters> {
    let any = (0.0..3.0, 0.0..=1.0).prop_map(|(k1, b)| Parameters::new(k1, b).unwrap());
    prop_oneof![Just(Parameters::default()), any]
}

fn check(world: &World, query: &Query, parameters: Parameters) -> Result<(), TestCaseError> {
    let (stored, live) = (world.stored(), world.live());
    let hits = hits(&stored, &live, query);
    let scores = score(&hits, &stored.dead, parameters).unwrap();
    let expected = brute_force(&live, query, parameters);
    let best = scores.best(usize::MAX);
    prop_assert_eq!(
        best.iter().map(|(doc, _)| *doc).collect::<BTreeSet<_>>(),
        expected.keys().copied().collect()
    );
    prop_assert_eq!(scores.count(), expected.len());
    let docs: Vec<_> = best.iter().map(|(doc, _)| *doc).collect();
    let reasons = explain(&hits, &scores, &docs).unwrap();
    for ((doc, part), reasons) in best.iter().zip(reasons) {
        let said = scores.get(*doc);
        prop_assert_eq!(said.part(), *part);
        let score = said.score.get();
        prop_assert!((score - expected[doc]).abs() < 1e-9, "{:?}", doc);
        let sum: f64 = reasons.iter().map(|reason| reason.score).sum();
        prop_assert!((score - sum).abs() < 1e-9);
        prop_assert!(score <= said.bound.get() + 1e-9);
    }
    for doc in world.docs.keys().filter(|doc| !expected.contains_key(doc)) {
        prop_assert_eq!(scores.get(*doc), Lexical::NONE);
    }
    Ok(())
}

proptest! {
    #[test]
    fn scores_are_those_of_the_formula(world in world(), query in query(), parameters in parameters()) {
        check(&world, &query, parameters)?;
    }

    #[test]
    fn scores_do_not_depend_on_the_blocks(world in world(), query in query()) {
        let (stored, live) = (world.stored(), world.live());
        let together = Stored {
            blocks: fold(&buckets_of(&stored.blocks), &stored.dead).unwrap().into_iter().collect(),
            dead: BTreeSet::new(),
        };
        let best = |stored: &Stored| {
            let hits = hits(stored, &live, &query);
            score(&hits, &stored.dead, Parameters::default()).unwrap().best(usize::MAX)
        };
        prop_assert_eq!(best(&stored), best(&together));
    }

    /// Documents are left out wherever their blocks lie among the dead, and whatever other dead there are.
    #[test]
    fn those_who_died_elsewhere_change_nothing(
        world in world(), query in query(), numbers in prop::collection::vec(prop_oneof![0..400_i64, any::<i64>()], 0..60),
    ) {
        let (stored, live) = (world.stored(), world.live());
        let hits = hits(&stored, &live, &query);
        let best = |dead: &BTreeSet<Doc>| {
            score(&hits, dead, Parameters::default()).unwrap().best(usize::MAX)
        };
        let elsewhere = numbers.into_iter().map(Doc).filter(|doc| !world.docs.contains_key(doc));
        let dead = stored.dead.iter().copied().chain(elsewhere).collect();
        prop_assert_eq!(best(&dead), best(&stored.dead));
    }

    #[test]
    fn fewer_are_the_first_of_all(world in world(), query in query(), limit in 0..50_usize) {
        let (stored, live) = (world.stored(), world.live());
        let scores = score(&hits(&stored, &live, &query), &stored.dead, Parameters::default()).unwrap();
        let all = scores.best(usize::MAX);
        prop_assert!(all.is_sorted_by(|one, next| one.1 > next.1 || one.1 >= next.1 && one.0 < next.0));
        prop_assert_eq!(scores.best(limit), &all[..limit.min(all.len())]);
    }
}

/// The scores of `parcel`, where so many documents have so many words.
fn of_parcels(blocks: &[Block], documents: u64, length: u64) -> LexicalScores {
    let buckets = blocks.iter().filter_map(|block| bytes_of(block, "parcel"));
    let hits = AnalysisHits {
        statistics: Statistics { documents, length },
        terms: vec![TermHits {
            term: "parcel".to_owned(),
            repeats: 1,
            buckets: buckets.collect(),
        }],
    };
    score(&[hits], &BTreeSet::new(), Parameters::default()).unwrap()
}

/// What stands in the texts of one language says nothing of those of another, and least of all what stands in none of them.
#[test]
fn a_language_in_which_nothing_is_found_changes_no_score_of_another() {
    let (fits, other) = (terms(&[("parcel", 1)]), terms(&[("lamp", 1)]));
    let block = build_block(&[(Doc(1), &fits), (Doc(2), &other)]).unwrap();
    let leg = |documents, buckets: Option<&'static [u8]>| AnalysisHits {
        statistics: Statistics {
            documents,
            length: documents,
        },
        terms: vec![TermHits {
            term: "parcel".to_owned(),
            repeats: 1,
            buckets: buckets.into_iter().collect(),
        }],
    };
    let own: &'static [u8] = bytes_of(&block, "parcel").unwrap().to_vec().leak();
    let part = |hits: &[AnalysisHits<&[u8]>]| {
        let scores = score(hits, &BTreeSet::new(), Parameters::default()).unwrap();
        scores.best(1)[0]
    };
    let alone = part(&[leg(2, Some(own))]);
    let beside = part(&[leg(1_000_000, None), leg(2, Some(own))]);
    assert_eq!(alone, beside);
}

#[test]
fn of_equal_scores_the_older_document_is_first() {
    let (same, better) = (terms(&[("parcel", 1)]), terms(&[("parcel", 2)]));
    let docs = [
        (Doc(700), &better),
        (Doc(9), &same),
        (Doc(500), &same),
        (Doc(7), &same),
    ];
    let block = build_block(&docs).unwrap();
    let scores = of_parcels(&[block], 4, 5);
    for limit in 0..6 {
        let best: Vec<_> = scores.best(limit).iter().map(|(doc, _)| doc.0).collect();
        assert_eq!(best, [700, 7, 9, 500][..limit.min(4)], "{limit}");
    }
}

/// Blocks come in any order: there may be enough of a score when the oldest of them come.
#[test]
fn of_many_equal_scores_the_oldest_stay_in_whichever_block_they_stand() {
    let same = terms(&[("parcel", 1)]);
    let block = |docs: std::ops::Range<i64>| {
        let docs: Vec<_> = docs.map(|doc| (Doc(doc), &same)).collect();
        build_block(&docs).unwrap()
    };
    let scores = of_parcels(&[block(1_000..1_100), block(0..10)], 110, 110);
    let best: Vec<_> = scores.best(5).iter().map(|(doc, _)| doc.0).collect();
    assert_eq!(best, [0, 1, 2, 3, 4]);
}

/// Two analyses: each with its own statistics, its documents in one list.
#[test]
fn languages_are_scored_side_by_side() {
    let (english, german) = (
        terms(&[("refund", 1)]),
        terms(&[("haus", 2), ("refund", 2)]),
    );
    let other = terms(&[("parcel", 1)]);
    let blocks = [
        build_block(&[(Doc(1), &english), (Doc(2), &other)]).unwrap(),
        build_block(&[(Doc(3), &german)]).unwrap(),
    ];
    let leg = |block, documents, length| AnalysisHits {
        statistics: Statistics { documents, length },
        terms: vec![TermHits {
            term: "refund".to_owned(),
            repeats: 2,
            buckets: bytes_of(block, "refund").into_iter().collect(),
        }],
    };
    let hits = [leg(&blocks[0], 2, 2), leg(&blocks[1], 1, 4)];
    let scores = score(&hits, &BTreeSet::new(), Parameters::default()).unwrap();
    // idf(2, 1) = ln 2, idf(1, 1) = ln 4/3; each text is as long as the average.
    let (english, german) = (2.0 * 2.0_f64.ln(), 2.0 * (4.0_f64 / 3.0).ln() * 4.4 / 3.2);
    assert!((scores.get(Doc(1)).score.get() - english).abs() < 1e-12);
    assert!((scores.get(Doc(3)).score.get() - german).abs() < 1e-12);
    assert_eq!(scores.get(Doc(2)), Lexical::NONE);
    // Each is measured by the most that its own analysis allows: the German text scores less, and is the better match.
    let bounds = [2.0 * 2.0_f64.ln() * 2.2, 2.0 * (4.0_f64 / 3.0).ln() * 2.2];
    for (doc, bound) in [Doc(1), Doc(3)].into_iter().zip(bounds) {
        assert!((scores.get(doc).bound.get() - bound).abs() < 1e-12);
    }
    assert!(english > german);
    let best: Vec<_> = scores.best(2).iter().map(|(doc, _)| doc.0).collect();
    assert_eq!(best, [3, 1]);
    let reasons = explain(&hits, &scores, &[Doc(3), Doc(2)]).unwrap();
    assert_eq!(reasons[1], []);
    let [reason] = &reasons[0][..] else {
        panic!("{reasons:?}")
    };
    assert_eq!(
        (reason.term.as_str(), reason.tf, reason.df),
        ("refund", 2, 1)
    );
    assert!(
        (reason.idf - (4.0_f64 / 3.0).ln()).abs() < 1e-12 && (reason.score - german).abs() < 1e-12
    );
}
