//! The ranking by tables, and by what holds for every list of candidates.

use proptest::prelude::*;

use super::*;
use crate::search::normalise::Bm25;

fn candidate(doc: i64, cosine: f64, lexical: f64) -> Candidate<i64> {
    Candidate {
        doc,
        cosine: Cosine::computed(cosine),
        lexical: said(lexical, 40.0),
        found_by: FoundBy::Both,
    }
}

fn ranking(fusion: Fusion) -> Ranking {
    Ranking {
        fusion,
        weights: fusion.usual_weights(),
        normalisation: Normalisation::BestScore,
        min_score: Score::ZERO,
    }
}

fn said(score: f64, bound: f64) -> Lexical {
    let [score, bound] = [score, bound].map(|number| Bm25::computed(number).unwrap());
    Lexical { score, bound }
}

fn scores(ranked: &[Ranked<i64>]) -> Vec<(i64, f64)> {
    let round = |score: Score| (score.get() * 1e6).round() / 1e6;
    ranked
        .iter()
        .map(|one| (one.doc, round(one.score)))
        .collect()
}

/// Five candidates: good on both legs, on one, on the other, without a vector, and pointing away.
fn five() -> [Candidate<i64>; 5] {
    [
        candidate(5, 0.8, 10.0),
        candidate(4, 0.9, 0.0),
        candidate(3, 0.1, 20.0),
        Candidate {
            cosine: None,
            ..candidate(2, 0.0, 10.0)
        },
        candidate(1, -0.5, 0.0),
    ]
}

#[test]
fn sixty_to_forty_means_sixty_to_forty() {
    let mut by_score = ranking(Fusion::Weighted);
    let best = [(5, 0.68), (4, 0.54), (3, 0.46), (2, 0.2), (1, 0.0)];
    assert_eq!(scores(&fuse(&five(), &by_score)), best);
    by_score.normalisation = Normalisation::UpperBound;
    let of_bound = [(5, 0.58), (4, 0.54), (3, 0.26), (2, 0.1), (1, 0.0)];
    assert_eq!(scores(&fuse(&five(), &by_score)), of_bound);
}

#[test]
fn places_count_from_60_and_a_leg_that_says_nothing_adds_nothing() {
    let place = |rank: f64| 0.5 * 61.0 / (60.0 + rank);
    let expected = [
        (3, place(3.0) + place(1.0)),
        (5, place(2.0) + place(2.0)),
        (4, place(1.0)),
        (2, place(2.0)),
        (1, 0.0),
    ];
    let found = fuse(&five(), &ranking(Fusion::ReciprocalRank));
    for (found, (doc, score)) in found.iter().zip(expected) {
        assert_eq!(found.doc, doc);
        assert!((found.score.get() - score).abs() < 1e-12, "{doc}");
    }
    let of_first = [candidate(1, 0.5, 3.0), candidate(2, 0.4, 2.0)];
    let first = fuse(&of_first, &ranking(Fusion::ReciprocalRank));
    assert_eq!(first[0].score, Score::ONE, "first on both legs is 1");
}

#[test]
fn what_scores_too_little_is_left_out_and_the_rest_keeps_its_scores() {
    let all = fuse(&five(), &ranking(Fusion::Weighted));
    let some = Ranking {
        min_score: all[2].score,
        ..ranking(Fusion::Weighted)
    };
    assert_eq!(fuse(&five(), &some), all[..3]);
    assert_eq!(fuse::<i64>(&[], &some), []);
}

#[test]
fn each_share_says_what_it_was_made_of() {
    let ranked = fuse(&five(), &ranking(Fusion::Weighted));
    let of = |doc| *ranked.iter().find(|one| one.doc == doc).unwrap();
    let expected = Share {
        raw: Some(10.0),
        bound: Some(20.0),
        normalised: Score::parse(0.5).unwrap(),
        rank: Some(2),
        weight: 0.4,
        contribution: 0.2,
    };
    assert_eq!(of(5).lexical, expected);
    assert_eq!((of(2).vector.raw, of(2).vector.rank), (None, None));
    assert_eq!(
        (of(2).vector.bound, of(1).lexical.bound),
        (None, Some(20.0))
    );
    assert_eq!(
        (of(1).vector.raw, of(1).vector.normalised),
        (Some(-0.5), Score::ZERO)
    );
    assert_eq!(of(2).lexical.rank, Some(2), "equal scores share a place");
    assert_eq!(of(3).vector.rank, Some(3));
}

#[test]
fn the_union_knows_who_found_what() {
    let union = unite([3, 1, 3], [2, 3, 2]);
    let expected = [
        (1, FoundBy::Vector),
        (2, FoundBy::Lexical),
        (3, FoundBy::Both),
    ];
    assert_eq!(union.into_iter().collect::<Vec<_>>(), expected);
    let legs: Vec<_> = [FoundBy::Vector, FoundBy::Lexical, FoundBy::Both]
        .map(|by| serde_json::json!(by.legs()).to_string())
        .into();
    assert_eq!(
        legs,
        [r#"["vector"]"#, r#"["lexical"]"#, r#"["vector","lexical"]"#]
    );
}

/// Few different scores, so that ties are common, and any at all.
fn candidates() -> impl Strategy<Value = Vec<Candidate<i64>>> {
    let cosine = prop_oneof![
        Just(None),
        (-4..=4_i8).prop_map(|n| Some(f64::from(n) / 4.0)),
        (-1.0..=1.0).prop_map(Some)
    ];
    let lexical = prop_oneof![(0..4_u8).prop_map(f64::from), 0.0..30.0, 0.0..f64::MAX];
    let bound = prop_oneof![Just(40.0), Just(7.0), 0.0..60.0];
    proptest::collection::vec((cosine, lexical, bound), 1..24).prop_map(|all| {
        let candidate =
            |(doc, (cosine, lexical, bound)): (i64, (Option<f64>, f64, f64))| Candidate {
                cosine: cosine.and_then(Cosine::computed),
                lexical: said(lexical, bound),
                ..candidate(doc, 0.0, lexical)
            };
        (0..).zip(all).map(candidate).collect()
    })
}

fn rankings() -> impl Strategy<Value = Ranking> {
    let fusion = prop_oneof![Just(Fusion::Weighted), Just(Fusion::ReciprocalRank)];
    let normalisation = prop_oneof![
        Just(Normalisation::BestScore),
        Just(Normalisation::UpperBound)
    ];
    let weights = (0..=8_u8, 1..=8_u8, any::<bool>()).prop_map(|(one, other, is_swapped)| {
        let (one, other) = (f64::from(one) / 8.0, f64::from(other) / 8.0);
        let (one, other) = if is_swapped {
            (other, one)
        } else {
            (one, other)
        };
        Weights::parse(one, other).unwrap()
    });
    (fusion, normalisation, weights).prop_map(|(fusion, normalisation, weights)| Ranking {
        fusion,
        weights,
        normalisation,
        min_score: Score::ZERO,
    })
}

proptest! {
    #[test]
    fn scores_are_bounded_and_the_order_is_total(all in candidates(), ranking in rankings()) {
        let ranked = fuse(&all, &ranking);
        prop_assert_eq!(ranked.len(), all.len());
        for one in &ranked {
            prop_assert!((0.0..=1.0).contains(&one.score.get()));
            let sum = one.vector.contribution + one.lexical.contribution;
            prop_assert!((sum - one.score.get()).abs() < 1e-12);
        }
        for pair in ranked.windows(2) {
            prop_assert!(pair[0].score > pair[1].score || pair[0].score == pair[1].score && pair[0].doc < pair[1].doc);
        }
    }

    #[test]
    fn the_order_of_the_candidates_does_not_matter(
        (all, shuffled) in candidates().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        ranking in rankings(),
    ) {
        prop_assert_eq!(fuse(&all, &ranking), fuse(&shuffled, &ranking));
    }

    #[test]
    fn who_is_better_on_a_leg_never_ranks_worse_for_it(
        all in candidates(),
        ranking in rankings(),
        which in any::<prop::sample::Index>(),
        (cosine, lexical) in (0.0..1.0_f64, 0.0..20.0_f64),
    ) {
        let place = |all: &[Candidate<i64>], doc| {
            let ranked = fuse(all, &ranking);
            let place = ranked.iter().position(|one| one.doc == doc).unwrap();
            (place, ranked[place].score)
        };
        let mut better = all.clone();
        let changed = which.get(&all);
        let index = which.index(all.len());
        let cosine = changed.cosine.map_or(cosine, |own| own.get() + cosine);
        better[index].cosine = Cosine::computed(cosine);
        let score = changed.lexical.score.get();
        better[index].lexical = said(score.max(score.min(1e9) + lexical), changed.lexical.bound.get());
        let (before, after) = (place(&all, changed.doc), place(&better, changed.doc));
        prop_assert!(after.1.get() >= before.1.get() - 1e-12, "the score falls from {:?} to {:?}", before.1, after.1);
        prop_assert!(after.0 <= before.0, "the place falls from {} to {}", before.0, after.0);
    }

    #[test]
    fn only_the_ratio_of_the_weights_matters(all in candidates(), ranking in rankings(), factor in 0.01..1.0_f64) {
        let weights = Weights::parse(ranking.weights.vector_share() * factor, ranking.weights.lexical_share() * factor).unwrap();
        let docs = |weights| {
            let mut ranked = fuse(&all, &Ranking { weights, ..ranking });
            ranked.sort_by_key(|one| one.doc);
            ranked
        };
        for (one, other) in docs(ranking.weights).iter().zip(docs(weights)) {
            prop_assert!((one.score.get() - other.score.get()).abs() < 1e-12);
        }
    }

    #[test]
    fn a_leg_alone_ranks_as_it_scores(all in candidates(), ranking in rankings()) {
        let alone = |vector, lexical| {
            let weights = Weights::parse(vector, lexical).unwrap();
            fuse(&all, &Ranking { weights, ..ranking })
        };
        prop_assert!(alone(1.0, 0.0).windows(2).all(|pair| pair[0].vector.normalised >= pair[1].vector.normalised));
        prop_assert!(alone(0.0, 1.0).windows(2).all(|pair| pair[0].lexical.normalised >= pair[1].lexical.normalised));
    }
}
