//! What a supervisor may choose.

use jiff::SignedDuration;

use crate::assist::{CalmRules, Trigger};
use crate::domain::{Locale, Speaker};

#[test]
fn what_is_not_chosen_is_as_a_supervisor_would_have_it() {
    let rules = CalmRules::default();
    assert_eq!("{}".parse(), Ok(rules.clone()));
    assert_eq!(
        (rules.trigger(), rules.per_post(), rules.per_minute()),
        (Trigger::Customer, 2, 4)
    );
    assert_eq!(rules.cooldown(), SignedDuration::from_secs(5));
    assert_eq!(rules.turn_words(), 8);
}

#[test]
fn all_of_it_can_be_chosen() {
    let rules: CalmRules = r#"{"trigger": "agent", "cooldown_seconds": 2.5, "cards_per_post": 1, "cards_per_minute": 2, "new_terms": 0, "turn_words": 3,
        "beside_best": 0.5, "beside_before": 1.5, "prominence": 0.5, "floor": 0.3, "floors": {"de": 0.5, "de-ch": 0.6}}"#.parse().unwrap();
    assert_eq!(
        (
            rules.trigger(),
            rules.per_post(),
            rules.per_minute(),
            rules.new_terms(),
            rules.turn_words(),
        ),
        (Trigger::Agent, 1, 2, 0, 3)
    );
    assert!((rules.prominence() - 0.5).abs() < 1e-12);
    assert!((rules.beside_before() - 1.5).abs() < 1e-12);
    assert_eq!(rules.cooldown(), SignedDuration::from_millis(2_500));
    for (locale, floor) in [
        ("en-US", 0.3),
        ("de", 0.5),
        ("de-AT", 0.5),
        ("de-CH", 0.6),
        ("de-CH-1996", 0.6),
    ] {
        let got = rules.floor(&Locale::parse(locale).unwrap()).get();
        assert!((got - floor).abs() < 1e-12, "{locale}: {got}");
    }
}

#[test]
fn an_error_names_what_to_change() {
    for (written, named) in [
        ("", "cannot be read"),
        ("[]", "cannot be read"),
        (r#"{"trigger": "nobody"}"#, "nobody"),
        (r#"{"cool": 1}"#, "cool"),
        (
            r#"{"cooldown_seconds": -1}"#,
            "cooldown_seconds that is not from 0 to 3600",
        ),
        (
            r#"{"cards_per_post": 4}"#,
            "cards_per_post that is not from 1 to 3",
        ),
        (r#"{"cards_per_minute": 0}"#, "cards_per_minute"),
        (r#"{"new_terms": 21}"#, "new_terms"),
        (
            r#"{"turn_words": 51}"#,
            "turn_words that is not from 0 to 50",
        ),
        (
            r#"{"prominence": 1.1}"#,
            "prominence that is not from 0 to 1",
        ),
        (
            r#"{"beside_best": 1.1}"#,
            "beside_best that is not from 0 to 1",
        ),
        (
            r#"{"beside_before": 2.1}"#,
            "beside_before that is not from 0 to 2",
        ),
        (r#"{"floor": 2}"#, "a floor that"),
        (r#"{"floors": {"de": 2}}"#, "floor for de"),
        (r#"{"floors": {"no tag": 0.2}}"#, "language tag"),
    ] {
        let error = written.parse::<CalmRules>().unwrap_err();
        assert!(error.contains(named), "{written}: {error}");
    }
}

#[test]
fn who_is_not_named_counts_as_a_customer() {
    for (trigger, taken) in [
        (Trigger::Customer, [true, false, true]),
        (Trigger::Agent, [false, true, false]),
        (Trigger::Both, [true; 3]),
    ] {
        let speakers = [Speaker::Customer, Speaker::Agent, Speaker::Unknown];
        assert_eq!(speakers.map(|speaker| trigger.takes(speaker)), taken);
    }
}
