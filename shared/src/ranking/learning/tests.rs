//! Boosts worked out by hand, and what holds for all.

use proptest::prelude::*;

use super::*;
use crate::ranking::{Action, RankPosition};

fn place(number: u8) -> RankPosition {
    RankPosition::parse(number.into()).unwrap()
}

/// A snippet that was shown so often at these places, and clicked so often.
fn counts(name: &str, views: &[(u8, u32)], clicks: u32) -> SnippetCounts {
    let mut counts = SnippetCounts::new(SnippetId::parse(name).unwrap());
    for (number, count) in views {
        counts.add_views(place(*number), *count);
    }
    counts.add_clicks(Action::Click, clicks);
    counts
}

fn boosts(counts: &[SnippetCounts]) -> Vec<f64> {
    let learned = Learning::default().learn(counts);
    learned.iter().map(|one| one.boost).collect()
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-9
}

#[test]
fn a_boost_is_the_rate_beside_the_usual_one() {
    // 100 looks each, 30 clicks together: the mean is 0.15. The first: (20 / 0.15 + 20) / 120, the second: (10 / 0.15 + 20) / 120.
    let found = boosts(&[counts("a", &[(1, 100)], 20), counts("b", &[(1, 100)], 10)]);
    assert!(
        near(found[0], 1.277_777_777_8) && near(found[1], 0.722_222_222_2),
        "{found:?}"
    );
    let learned =
        Learning::default().learn(&[counts("a", &[(1, 100)], 20), counts("b", &[(1, 100)], 10)]);
    let told = &learned[0].explanation;
    assert!(near(told.mean, 0.15) && near(told.prior, 0.15) && near(told.examined, 100.0));
    assert!(near(told.rate, 23.0 / 120.0) && near(told.rate / told.prior, learned[0].boost));
    assert_eq!(
        (&told.impressions_by_position[..], told.clicks.click),
        (&[100][..], 20)
    );
}

#[test]
fn a_click_further_down_says_more() {
    let found = boosts(&[
        counts("top", &[(1, 1_000)], 100),
        counts("low", &[(10, 1_000)], 50),
    ]);
    assert!(found[0] < 1.0 && found[1] > 1.0, "{found:?}");
    let same = boosts(&[
        counts("a", &[(1, 50), (4, 50)], 9),
        counts("b", &[(1, 50), (4, 50)], 9),
    ]);
    assert!(same.iter().all(|boost| near(*boost, 1.0)), "{same:?}");
}

#[test]
fn waving_away_is_worth_nothing() {
    let mut waved = counts("a", &[(1, 100)], 5);
    let before = boosts(&[waved.clone(), counts("b", &[(1, 100)], 5)]);
    waved.add_clicks(Action::Dismiss, 50);
    assert_eq!(boosts(&[waved, counts("b", &[(1, 100)], 5)]), before);
    for action in [Action::Click, Action::Copy, Action::Insert] {
        let mut used = counts("a", &[(1, 100)], 0);
        used.add_clicks(action, 5);
        assert_eq!(boosts(&[used, counts("b", &[(1, 100)], 5)]), before);
    }
}

#[test]
fn without_clicks_there_is_nothing_to_learn() {
    assert!(boosts(&[]).is_empty());
    let found = boosts(&[counts("a", &[(1, 1_000)], 0), counts("b", &[], 0)]);
    assert_eq!(found, [1.0, 1.0]);
    // Views got lost, clicks did not: there is no rate to compare with.
    assert_eq!(boosts(&[counts("a", &[], 9)]), [1.0]);
}

#[test]
fn unsound_assumptions_are_refused() {
    let usual = Tuning::default();
    assert_eq!(Learning::new(usual), Ok(Learning::default()));
    let with_look = |look: f64| {
        let mut positions = usual.positions;
        positions[49] = look;
        Tuning { positions, ..usual }
    };
    let with_copy = |copy: f64| {
        let values = Values {
            copy,
            ..usual.values
        };
        Tuning { values, ..usual }
    };
    let bound = |bound| Tuning { bound, ..usual };
    let views = |prior_views| Tuning {
        prior_views,
        ..usual
    };
    let rate = |rate| Tuning {
        prior_rate: Some(rate),
        ..usual
    };
    for fine in [
        bound(1.0),
        bound(10.0),
        views(1.0),
        rate(0.01),
        with_look(1.0),
        with_copy(0.0),
    ] {
        assert!(Learning::new(fine).is_ok(), "{fine:?}");
    }
    for wrong in [
        bound(0.99),
        bound(f64::NAN),
        bound(11.0),
        views(0.0),
        views(f64::INFINITY),
        rate(0.0),
        rate(f64::NAN),
        with_look(0.0),
        with_look(1.1),
        with_look(f64::NAN),
        with_copy(-1.0),
        with_copy(f64::NAN),
    ] {
        assert!(Learning::new(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn places_are_looked_at_less_and_less() {
    let looks = Tuning::default().positions;
    assert_eq!(looks.len(), usize::from(RankPosition::LAST.get()));
    assert!(near(looks[0], 1.0) && looks.is_sorted_by(|one, next| one > next));
    assert!(
        (looks[1] - 0.62).abs() < 0.01
            && (looks[9] - 0.20).abs() < 0.01
            && (looks[49] - 0.065).abs() < 0.01
    );
}

#[test]
fn what_was_learned_comes_back_from_json_and_modes_are_words() {
    let learned =
        Learning::default().learn(&[counts("a", &[(1, 100)], 20), counts("b", &[(3, 7)], 1)]);
    let text = serde_json::to_string(&learned).unwrap();
    let read: Vec<Learned> = serde_json::from_str(&text).unwrap();
    for (read, learned) in read.iter().zip(&learned) {
        // The last digit of a float is not read back exactly.
        assert!(near(read.boost, learned.boost));
        assert_eq!(read.explanation.clicks, learned.explanation.clicks);
    }
    for mode in LearningMode::ALL {
        assert_eq!(mode.as_str().parse(), Ok(*mode));
    }
    assert!("On".parse::<LearningMode>().is_err());
}

fn any_counts() -> impl Strategy<Value = Vec<SnippetCounts>> {
    let views =
        proptest::collection::vec((1_u8..=50, prop_oneof![0_u32..200, Just(u32::MAX)]), 0..4);
    let clicks = prop_oneof![4 => 0_u32..100, 1 => Just(0), 1 => Just(u32::MAX)];
    proptest::collection::vec((views, clicks), 1..12).prop_map(|all| {
        let named = all.into_iter().enumerate();
        named
            .map(|(number, (views, clicks))| counts(&number.to_string(), &views, clicks))
            .collect()
    })
}

fn any_learning() -> impl Strategy<Value = Learning> {
    (
        1.0..=10.0_f64,
        1.0..=200.0_f64,
        proptest::option::of(0.000_001..=100.0_f64),
    )
        .prop_map(|(bound, prior_views, prior_rate)| {
            let tuning = Tuning {
                bound,
                prior_views,
                prior_rate,
                ..Tuning::default()
            };
            Learning::new(tuning).unwrap()
        })
}

proptest! {
    #[test]
    fn every_boost_is_within_its_bounds(learning in any_learning(), counts in any_counts()) {
        let bound = learning.tuning().bound;
        for (learned, counts) in learning.learn(&counts).iter().zip(&counts) {
            prop_assert!((bound.recip()..=bound).contains(&learned.boost), "{learned:?}");
            prop_assert_eq!(&learned.snippet_id, &counts.snippet_id);
            let told = &learned.explanation;
            prop_assert!([told.rate, told.mean, told.prior, told.examined].iter().all(|one| one.is_finite()));
        }
    }

    #[test]
    fn more_clicks_never_lower_a_boost(
        learning in any_learning(), counts in any_counts(), chosen: prop::sample::Index, more in 1_u32..50, action in 0_usize..4,
    ) {
        let chosen = chosen.index(counts.len());
        let before = learning.learn(&counts)[chosen].boost;
        let mut after = counts;
        after[chosen].add_clicks(Action::ALL[action], more);
        let boost = learning.learn(&after)[chosen].boost;
        prop_assert!(boost >= before - 1e-12, "{before} became {boost}");
    }

    #[test]
    fn of_what_was_never_shown_nothing_is_known(learning in any_learning(), mut all in any_counts()) {
        all.push(counts("new", &[], 0));
        let boost = learning.learn(&all).last().unwrap().boost;
        prop_assert_eq!(boost.to_bits(), 1.0_f64.to_bits());
    }

    #[test]
    fn those_who_were_shown_alike_are_ordered_by_their_clicks(
        learning in any_learning(), others in any_counts(), views in 1_u32..500, number in 1_u8..=50, clicks in (0_u32..300, 0_u32..300),
    ) {
        let mut all = others;
        all.push(counts("one", &[(number, views)], clicks.0));
        all.push(counts("other", &[(number, views)], clicks.1));
        let learned = learning.learn(&all);
        let [one, other] = [all.len() - 2, all.len() - 1].map(|place| learned[place].boost);
        let (few, many) = if clicks.0 <= clicks.1 { (one, other) } else { (other, one) };
        prop_assert!(few <= many);
    }
}
