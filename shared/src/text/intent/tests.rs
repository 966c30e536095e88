use super::*;
use crate::domain::{Embedding, VectorFlaw};

fn category(name: &str) -> IntentCategory {
    IntentCategory::parse(name).unwrap()
}

fn vector(numbers: &[f32]) -> Embedding {
    Embedding::parse(numbers.to_vec(), u16::try_from(numbers.len()).unwrap()).unwrap()
}

#[test]
fn names_keep_their_rule() {
    for good in ["a", "billing_dispute", "t2_", &"x".repeat(64)] {
        assert!(IntentCategory::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "Billing",
        "a b",
        "a-b",
        "2fa",
        "_a",
        "ä",
        &"x".repeat(65),
    ] {
        assert!(IntentCategory::parse(bad).is_err(), "{bad}");
    }
    for (built_in, _) in Intents::default().examples() {
        assert_eq!(
            IntentCategory::parse(built_in.as_str()).as_ref(),
            Ok(built_in)
        );
    }
}

#[test]
fn words_count_not_letters() {
    let intents = Intents::default();
    for (text, expected) in [
        ("I want a REFUND.", "billing_dispute"),
        ("they cancelled it, the cancelling fee", "billing_dispute"),
        ("Two issues: errors.", "technical_support"),
        ("the issue is my refund", "billing_dispute"),
        ("he is unhelpful, irreturnable, scancel", "general_inquiry"),
        ("helper returnable refunder", "general_inquiry"),
        ("", "general_inquiry"),
    ] {
        let intent = intents.by_keywords(text);
        assert_eq!(intent.category.as_str(), expected, "{text}");
        assert_eq!(intent.score, None);
    }
}

#[test]
fn the_order_of_the_keywords_is_kept() {
    let of = |json: &str| {
        let intents: Intents = json.parse().unwrap();
        intents.by_keywords("Zebra and ape").category
    };
    assert_eq!(
        of(r#"{"keywords": {"z": ["zebra"], "a": ["ape"]}}"#),
        category("z")
    );
    assert_eq!(
        of(r#"{"keywords": {"a": ["Ape"], "z": ["zebra"]}}"#),
        category("a")
    );
    assert_eq!(
        of(r#"{"keywords": {}, "default": "other"}"#),
        category("other")
    );
}

#[test]
fn what_is_not_written_stays_as_built_in() {
    assert_eq!("{}".parse::<Intents>(), Ok(Intents::default()));
    let intents: Intents = r#"{"examples": {"b": ["one", "two"], "a": ["three"]}}"#
        .parse()
        .unwrap();
    let examples: Vec<_> = intents
        .examples()
        .map(|(name, text)| (name.as_str(), text))
        .collect();
    assert_eq!(examples, [("b", "one"), ("b", "two"), ("a", "three")]);
    assert_eq!(
        intents.by_keywords("refund"),
        Intents::default().by_keywords("refund")
    );
}

#[test]
fn a_bad_configuration_is_refused_by_name() {
    for (text, reason) in [
        ("[]", "cannot be read"),
        (r#"{"exmaples": {}}"#, "exmaples"),
        (r#"{"default": "Other"}"#, "default that must be 1 to 64"),
        (r#"{"threshold": 1.5}"#, "threshold"),
        (r#"{"examples": {"Billing": ["x"]}}"#, "Billing"),
        (
            r#"{"examples": {"billing": []}}"#,
            "examples of \"billing\"",
        ),
        (
            r#"{"examples": {"billing": [" "]}}"#,
            "examples of \"billing\"",
        ),
        (r#"{"examples": {"a": ["x"], "a": ["y"]}}"#, "stands twice"),
        (
            r#"{"keywords": {"billing": ["money back"]}}"#,
            "keywords of \"billing\": item 0",
        ),
        (r#"{"keywords": {"billing": [7]}}"#, "cannot be read"),
    ] {
        let error = text.parse::<Intents>().unwrap_err();
        assert!(error.contains(reason), "{text}: {error}");
    }
}

#[test]
fn the_nearest_category_wins_and_the_far_goes_to_the_default() {
    let examples = [
        (category("east"), vector(&[10.0, 0.0])),
        (category("east"), vector(&[0.9, 0.1])),
        (category("north"), vector(&[0.0, 1.0])),
    ];
    let prototypes = Prototypes::new(category("nowhere"), 0.5, &examples).unwrap();
    let name = |numbers: &[f32]| prototypes.classify(&vector(numbers)).category;
    assert_eq!(name(&[0.8, 0.2]), category("east"));
    assert_eq!(name(&[0.2, 30.0]), category("north"));
    assert_eq!(name(&[-1.0, -1.0]), category("nowhere"));
    let score = prototypes.classify(&vector(&[0.0, 2.0])).score.unwrap();
    assert!((score - 1.0).abs() < 1e-6);
}

#[test]
fn a_long_example_counts_no_more_than_a_short_one() {
    let examples = [
        (category("a"), vector(&[1000.0, 0.0])),
        (category("a"), vector(&[0.0, 1.0])),
    ];
    let prototypes = Prototypes::new(category("z"), -1.0, &examples).unwrap();
    let score = prototypes.classify(&vector(&[1.0, 1.0])).score.unwrap();
    assert!((score - 1.0).abs() < 1e-6, "{score}");
}

#[test]
fn examples_that_cannot_stand_together_are_refused() {
    let of = |one: &[f32], other: &[f32]| {
        let examples = [(category("a"), vector(one)), (category("a"), vector(other))];
        Prototypes::new(category("z"), 0.0, &examples).map(drop)
    };
    assert_eq!(of(&[1.0, 0.0], &[-1.0, 0.0]), Err(VectorFlaw::Zero));
    assert_eq!(
        of(&[1.0, 0.0], &[1.0]),
        Err(VectorFlaw::Dimension {
            expected: 2,
            found: 1
        })
    );
    let none = Prototypes::new(category("z"), 0.0, &[]).unwrap();
    assert_eq!(
        none.classify(&vector(&[1.0])),
        Intent {
            category: category("z"),
            score: None
        }
    );
}
