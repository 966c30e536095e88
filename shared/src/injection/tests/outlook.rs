//! Whoever waits is told of a turn that neither limit alone would let come earlier.

use proptest::prelude::*;

use crate::injection::Outlook;
use crate::injection::pace::REMEMBERED;

const HOUR: f64 = REMEMBERED.as_secs_f64();

fn outlook() -> impl Strategy<Value = Outlook> {
    let remembered = prop::collection::vec((-5.0..HOUR, 1..200_i64), 0..20);
    (0.0..300.0_f64, 0.01..2.0_f64, 1.0..700.0_f64, remembered).prop_map(
        |(tokens, per_second, per_hour, mut remembered)| {
            remembered.sort_by(|one, other| one.0.total_cmp(&other.0));
            Outlook {
                tokens,
                per_second,
                per_hour,
                remembered,
            }
        },
    )
}

/// The turns of the first so many, one after the other: each is in the bucket, and no hour has more than it may.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "small numbers"
)]
fn turns(outlook: &Outlook, count: usize) -> Vec<f64> {
    let forgotten = outlook.remembered.iter();
    let mut forgotten: Vec<_> = forgotten
        .flat_map(|(seconds, posts)| (0..*posts).map(|_| *seconds))
        .collect();
    let known = forgotten.len();
    for place in 1..=count {
        let in_bucket = (place as f64 - outlook.tokens) / outlook.per_second;
        let before = (known + place).checked_sub(outlook.per_hour as usize + 1);
        let in_hour = before.map_or(0.0, |before| forgotten[before]);
        forgotten.push(in_bucket.max(in_hour).max(0.0) + HOUR);
    }
    forgotten[known..].iter().map(|at| at - HOUR).collect()
}

proptest! {
    #[test]
    fn neither_limit_alone_would_be_later(outlook in outlook(), places in prop::collection::vec(1..5_000_i64, 1..20)) {
        let by_bucket = Outlook { per_hour: f64::INFINITY, ..outlook.clone() };
        let by_hour = Outlook { tokens: f64::INFINITY, ..outlook.clone() };
        for place in places {
            let wait = outlook.wait(place);
            prop_assert!(wait >= by_bucket.wait(place), "the bucket says {:?}, both {wait:?}", by_bucket.wait(place));
            prop_assert!(wait >= by_hour.wait(place), "the hour says {:?}, both {wait:?}", by_hour.wait(place));
        }
    }

    #[test]
    fn a_turn_is_that_of_posting_one_by_one(outlook in outlook()) {
        for (place, turn) in (1..).zip(turns(&outlook, 1_500)) {
            let wait = outlook.wait(place).as_secs_f64();
            prop_assert!((wait - turn).abs() < 1e-3, "{place}: {wait} for {turn}");
        }
    }
}

#[test]
fn a_real_tenant_takes_an_hours_posts_and_then_the_next_hours() {
    let fresh = Outlook {
        tokens: 249.0,
        per_second: 17.0 / 60.0,
        per_hour: 1_020.0,
        remembered: Vec::new(),
    };
    let spent = Outlook {
        tokens: 0.0,
        remembered: vec![(-1.0, 100), (60.0, 900), (3_000.0, 20)],
        ..fresh.clone()
    };
    for (outlook, place, seconds) in [
        (&fresh, 1, 0),
        (&fresh, 249, 0),
        (&fresh, 250, 3),
        (&fresh, 1_020, 2_721),
        (&fresh, 1_021, 3_612),
        (&fresh, 2_041, 7_224),
        (&spent, 1, 3),
        (&spent, 101, 356),
        (&spent, 1_001, 3_532),
        (&spent, 1_021, 3_615),
    ] {
        let wait = outlook.wait(place).as_secs();
        assert_eq!(wait, seconds, "{place} of {outlook:?}");
    }
}
