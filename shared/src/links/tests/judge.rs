use proptest::prelude::*;

use crate::links::{Unknown, Verdict, is_broken, judge, rest};

const FINE: Verdict = Verdict::Fine;
const GONE: Verdict = Verdict::Broken(Some(404));
const BUSY: Verdict = Verdict::Unknown(Unknown::Status(429));

#[test]
fn three_strikes_in_a_row_make_a_link_broken() {
    for (verdicts, strikes, broken) in [
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
        let found = verdicts.iter().fold(0, |before, one| judge(before, *one));
        assert_eq!((found, is_broken(found)), (strikes, broken), "{verdicts:?}");
    }
}

#[test]
fn what_was_fine_rests_for_a_week_what_is_broken_for_a_day_and_everything_else_for_an_hour() {
    for (strikes, verdict, hours) in [
        (0, FINE, 168),
        (1, GONE, 1),
        (2, BUSY, 1),
        (0, BUSY, 1),
        (3, GONE, 24),
        (3, BUSY, 24),
    ] {
        assert_eq!(
            rest(strikes, verdict).as_hours(),
            hours,
            "{strikes} {verdict:?}"
        );
    }
}

proptest! {
    #[test]
    fn no_history_breaks_a_link_without_three_strikes_since_it_was_fine(found in proptest::collection::vec(0_u8..3, 0..20)) {
        let (mut strikes, mut gone) = (0, 0);
        for kind in found {
            gone = match kind { 0 => 0, 1 => gone + 1, _ => gone };
            strikes = judge(strikes, [FINE, GONE, BUSY][usize::from(kind)]);
            prop_assert_eq!(is_broken(strikes), gone >= 3);
        }
    }
}
