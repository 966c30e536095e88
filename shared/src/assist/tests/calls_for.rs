//! Whose words an article answers.

use proptest::prelude::*;

use crate::assist::is_called_for;
use crate::domain::ArticleId;

use super::prominences::found;

#[test]
fn what_was_not_found_has_no_score() {
    for (latest, before, share, is_called) in [
        (&[0.4][..], &[0.5][..], 1.0, false),
        (&[0.5], &[0.5], 1.0, true),
        (&[0.4], &[0.5], 0.8, true),
        (&[0.4], &[0.39], 1.1, false),
        (&[0.4], &[], 1.0, true),
        (&[], &[0.1], 1.0, false),
        (&[], &[], 1.0, true),
        (&[], &[0.9], 0.0, true),
    ] {
        let article = ArticleId::parse("0").unwrap();
        let got = is_called_for(share, &found(latest), &found(before), &article);
        assert_eq!(got, is_called, "{latest:?} {before:?} {share}");
    }
}

proptest! {
    #[test]
    fn the_more_the_turn_before_gives_the_less_is_called_for(
        latest in 0.0..1.0_f64, before in 0.0..1.0_f64, more in 0.0..1.0_f64, share in 0.0..2.0_f64,
    ) {
        let article = ArticleId::parse("0").unwrap();
        let is_called = |latest, before| is_called_for(share, &found(&[latest]), &found(&[before]), &article);
        // Whatever is called for still is where the customer's words give more, or the words before less.
        if is_called(latest, before) {
            prop_assert!(is_called(latest.max(more), before));
            prop_assert!(is_called(latest, before.min(more)));
        }
        prop_assert_eq!(is_called(latest, before), latest >= share * before);
    }
}
