use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::links::{LinkState, Unknown, Verdict, is_due, judge};

const NOW: &str = "2026-01-15T10:30:00Z";
const FINE: Verdict = Verdict::Fine;
const GONE: Verdict = Verdict::Broken(Some(404));
const BUSY: Verdict = Verdict::Unknown(Unknown::Status(429));

fn at(hours: i64) -> Timestamp {
    NOW.parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
}

fn state(strikes: u8, checked: i64, fine: Option<i64>) -> LinkState {
    LinkState {
        strikes,
        checked_at: at(checked),
        fine_at: fine.map(at),
    }
}

#[test]
fn three_strikes_in_a_row_make_a_link_broken() {
    for (verdicts, strikes, is_broken) in [
        (&[][..], 0, false),
        (&[GONE], 1, false),
        (&[GONE, GONE], 2, false),
        (&[GONE, GONE, GONE], 3, true),
        (&[GONE, GONE, GONE, GONE, GONE], 3, true),
        (&[GONE, GONE, FINE, GONE], 1, false),
        (&[GONE, GONE, GONE, FINE], 0, false),
        (&[GONE, BUSY, GONE, BUSY, BUSY, GONE], 3, true),
        (&[GONE, GONE, GONE, BUSY], 3, true),
        (&[BUSY, BUSY, BUSY, BUSY], 0, false),
        (
            &[Verdict::Broken(None), GONE, Verdict::Broken(Some(410))],
            3,
            true,
        ),
    ] {
        let hours = (0..).step_by(2);
        let judged = verdicts
            .iter()
            .zip(hours)
            .fold(None, |before, (verdict, hour)| {
                Some(judge(before, *verdict, at(hour)))
            });
        let (found, broken) = judged.map_or((0, false), |state| (state.strikes, state.is_broken()));
        assert_eq!((found, broken), (strikes, is_broken), "{verdicts:?}");
    }
}

#[test]
fn what_a_check_leaves_behind() {
    for (before, verdict, after) in [
        (None, FINE, state(0, 0, Some(0))),
        (None, GONE, state(1, 0, None)),
        (None, BUSY, state(0, 0, None)),
        (Some(state(2, -9, Some(-99))), FINE, state(0, 0, Some(0))),
        (Some(state(2, -9, Some(-99))), GONE, state(3, 0, Some(-99))),
        (Some(state(2, -9, Some(-99))), BUSY, state(2, 0, Some(-99))),
        (Some(state(255, -9, None)), GONE, state(3, 0, None)),
    ] {
        assert_eq!(
            judge(before, verdict, at(0)),
            after,
            "{before:?} {verdict:?}"
        );
    }
}

#[test]
fn what_was_fine_rests_for_a_week_and_everything_else_for_an_hour() {
    for (before, expected) in [
        (None, true),
        (Some(state(0, -1, Some(-1))), false),
        (Some(state(0, -167, Some(-167))), false),
        (Some(state(0, -168, Some(-168))), true),
        (Some(state(0, -2, Some(-167))), false),
        (Some(state(1, -2, Some(-3))), true),
        (Some(state(1, 0, Some(-3))), false),
        (Some(state(3, -1, None)), true),
        (Some(state(0, -1, None)), true),
        (Some(state(0, 0, None)), false),
        (Some(state(0, 200, Some(200))), true),
    ] {
        assert_eq!(is_due(before.as_ref(), at(0)), expected, "{before:?}");
    }
}

proptest! {
    #[test]
    fn no_history_breaks_a_link_without_three_strikes_since_it_was_fine(found in proptest::collection::vec(0_u8..3, 0..20)) {
        let mut before = None;
        let mut gone = 0;
        for (hour, kind) in (0..).zip(found) {
            let verdict = [FINE, GONE, BUSY][usize::from(kind)];
            gone = match kind { 0 => 0, 1 => gone + 1, _ => gone };
            let state = judge(before, verdict, at(hour));
            prop_assert_eq!(state.is_broken(), gone >= 3);
            prop_assert_eq!(state.checked_at, at(hour));
            prop_assert!(!is_due(Some(&state), at(hour)));
            before = Some(state);
        }
    }
}
