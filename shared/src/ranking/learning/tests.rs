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
    // 100 looks each, 30 clicks together: the mean is 0.15. The first: (20 + 5) / (100 · 0.15 + 5), the second: (10 + 5) / (100 · 0.15 + 5).
    let found = boosts(&[counts("a", &[(1, 100)], 20), counts("b", &[(1, 100)], 10)]);
    assert!(near(found[0], 1.25) && near(found[1], 0.75), "{found:?}");
    let learned =
        Learning::default().learn(&[counts("a", &[(1, 100)], 20), counts("b", &[(1, 100)], 10)]);
    let told = &learned[0].explanation;
    assert!(near(told.mean, 0.15) && near(told.prior, 0.15) && near(told.examined, 100.0));
    assert!(near(told.prior_views, 5.0 / 0.15));
    assert!(near(told.rate, 0.1875) && near(told.rate / told.prior, learned[0].boost));
    assert_eq!(
        (&told.impressions_by_position[..], told.clicks.click),
        (&[100][..], 20)
    );
}

/// Where one look in a hundred is clicked, or two, one click more or less is no verdict; many of them are.
#[test]
fn of_rare_clicks_one_decides_nothing() {
    for (rate, views) in [(0.01, 100), (0.02, 50)] {
        // Many others, which make the mean, and two snippets that were seen as often as makes one click usually.
        let boosts_of = |one: u32, times: u32| {
            let own = counts("own", &[(1, views * times)], one);
            let others = counts("others", &[(1, 100_000)], 100_000 / views);
            boosts(&[own, others])[0]
        };
        let [none, usual, two] = [0, 1, 2].map(|clicks| boosts_of(clicks, 1));
        assert!(none > 0.8 && none < 1.0, "{rate}: {none}");
        assert!((usual - 1.0).abs() < 0.01, "{rate}: {usual}");
        assert!(two > 1.0 && two < 1.2, "{rate}: {two}");
        // Seen ten times as much, none at all is a verdict, and thrice as many as usual too.
        assert!(near(boosts_of(0, 10), 1.5_f64.recip()), "{rate}");
        assert!(near(boosts_of(30, 10), 1.5), "{rate}");
    }
    // Where clicks are common, the prior counts for twenty looks as ever.
    let common = Tuning::default().views_of(0.5);
    assert!(near(common, 20.0), "{common}");
    // A rate that is next to nothing takes no prior beyond all bounds, and none at all is no rate.
    for (rate, views) in [(1e-300, 1e6), (0.0, 20.0)] {
        assert!(near(Tuning::default().views_of(rate), views), "{rate}");
    }
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
    let clicks = |prior_clicks| Tuning {
        prior_clicks,
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
        clicks(0.0),
        clicks(1_000.0),
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
        clicks(-0.1),
        clicks(1_001.0),
        clicks(f64::NAN),
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
        0.0..=20.0_f64,
        proptest::option::of(0.000_001..=100.0_f64),
    )
        .prop_map(|(bound, prior_views, prior_clicks, prior_rate)| {
            let tuning = Tuning {
                bound,
                prior_views,
                prior_clicks,
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
