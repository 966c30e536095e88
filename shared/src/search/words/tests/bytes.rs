//! Whatever bytes come from the database, there is an answer or an error.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::worlds::world;
use super::*;
use crate::domain::Score;
use crate::search::bm25::{Parameters, Statistics};

/// Does everything that can be done with the bytes of a bucket.
fn read_every_way(bytes: &[u8], term: &str) {
    if let Ok(Some(postings)) = read_postings(bytes, term) {
        let counted = postings.counted();
        let read: Result<Vec<_>, _> = postings.collect();
        assert!(read.is_err() || read.unwrap().len() as u64 == counted);
    }
    let docs = docs_of(&[bytes]);
    let folded = fold(&[bytes], &BTreeSet::from([Doc(1)]));
    assert!(docs.is_ok() || folded.is_err());
    let hits = AnalysisHits {
        statistics: Statistics {
            documents: 3,
            length: 12,
        },
        terms: vec![TermHits {
            term: term.to_owned(),
            repeats: 1,
            buckets: vec![bytes],
        }],
    };
    let hits = [hits];
    if let Ok(scores) = score(&hits, &BTreeSet::from([Doc(2)]), Parameters::default()) {
        let best = scores.best(5);
        let score = |(doc, _): &(Doc, Score)| scores.get(*doc).score.get();
        assert!(best.iter().map(score).all(f64::is_finite));
        let docs: Vec<_> = best.iter().map(|(doc, _)| *doc).collect();
        explain(&hits, &scores, &docs).unwrap();
    }
}

#[test]
fn damage_is_told() {
    let good = [4, 1, b'a', 2, 6, 0, 1, 1, 1, 2, 9];
    assert_eq!(read_postings(&good, "a").unwrap().unwrap().counted(), 2);
    for (name, bytes) in [
        ("empty", &[][..]),
        ("cut in the term", &good[..2]),
        ("cut in the postings", &good[..9]),
        ("fewer postings than counted", &[4, 1, b'a', 2, 3, 0, 1, 1]),
        (
            "more postings than counted",
            &[4, 1, b'a', 1, 6, 0, 1, 1, 1, 2, 9],
        ),
        (
            "the same document twice",
            &[4, 1, b'a', 2, 6, 0, 1, 1, 0, 2, 9],
        ),
        ("a term that stands nowhere", &[4, 1, b'a', 1, 3, 0, 0, 1]),
        (
            "a text shorter than its terms",
            &[4, 1, b'a', 1, 3, 0, 2, 1],
        ),
    ] {
        let read = read_postings(bytes, "a");
        let postings = read.map(|postings| postings.unwrap().collect::<Result<Vec<_>, _>>());
        assert!(matches!(postings, Err(_) | Ok(Err(_))), "{name}");
        read_every_way(bytes, "a");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes: Vec<u8>, term in "[a-c]{0,2}") {
        read_every_way(&bytes, &term);
    }

    #[test]
    fn no_damage_panics(world in world(), change: u8, place: prop::sample::Index, end: prop::sample::Index) {
        let block = world.block();
        for (_, bytes) in block.iter().flat_map(|block| &block.buckets) {
            let mut bytes = bytes.clone();
            let place = place.index(bytes.len());
            bytes[place] ^= change;
            read_every_way(&bytes, "a");
            bytes.truncate(end.index(bytes.len() + 1));
            read_every_way(&bytes, "b");
        }
    }
}
