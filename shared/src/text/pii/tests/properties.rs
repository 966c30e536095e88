//! What holds for every text, and that hostile texts cost no more than others.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::Value;

use crate::testing::proof_size;
use crate::text::pii::{Kind, find, mask, mask_json};

/// Texts out of the pieces that the rules turn on, so that chance finds their seams.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "4111 1111 1111 1111",
        "4111111111111111",
        "5555-5555-5555-4444",
        "078-05-1120",
        "078051120",
        "DE89370400440532013000",
        "a@b.de",
        "+49 30 23125123",
        "030/23125123",
        "(212) 555-0123",
        "2125550123",
        "12.03.1984",
        "12 March 1984",
        "19840312",
        "ssn",
        "call",
        "born",
        "order",
        "card",
        "my number",
        "one",
        "double",
        "five five five",
        "is my birthday",
        "[CARD]",
        "[PHONE]",
        "[SSN]",
        "[EMAIL]",
        " ",
        " ",
        " ",
        "-",
        ".",
        ",",
        ", ",
        "/",
        "(",
        ")",
        "+",
        "@",
        "_",
        ":",
        "\n",
        "1",
        "4",
        "41",
        "0171",
        "00",
        "1984",
        "é",
        "漢",
        "\u{a0}",
        "x",
        "４１１１１１１１１１１１１１１１",
        "＋４９",
        "ＴＥＬ",
        "＠ｂ．ｄｅ",
        "\u{200b}",
        "－",
        "ー",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

fn same_shape(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| same_shape(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .values()
                    .zip(other.values())
                    .all(|(one, other)| same_shape(one, other))
        }
        (Value::Number(_), Value::String(token)) => {
            Kind::ALL.iter().any(|kind| kind.token() == token)
        }
        (Value::Number(_) | Value::Null | Value::Bool(_), _) => one == other,
        (Value::String(_), other) => other.is_string(),
        _ => false,
    }
}

fn documents() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (1_000_000_u64..20_000_000_000).prop_map(Value::from),
        pieces().prop_map(Value::from),
    ];
    // Keys that are never personal data, so that none falls together with another.
    let key = prop::sample::select(vec![
        "phone",
        "ssn",
        "cardNumber",
        "dob",
        "event",
        "a\"b",
        "note",
    ]);
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let object = prop::collection::hash_map(key.clone(), inner.clone(), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            object.prop_map(|fields| fields
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: u32::try_from(proof_size(500, 20_000)).unwrap(),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn findings_are_in_order_and_on_whole_characters(text in prop_oneof![any::<String>(), pieces()]) {
        let mut end = 0;
        for finding in find(&text) {
            prop_assert!(finding.range.start >= end && finding.range.start < finding.range.end);
            prop_assert!(text.get(finding.range.clone()).is_some());
            end = finding.range.end;
        }
    }

    #[test]
    fn masking_twice_is_masking_once(text in pieces()) {
        let once = mask(&text).text;
        prop_assert_eq!(find(&once), vec![], "{} -> {}", &text, &once);
    }

    #[test]
    fn a_masked_document_has_the_same_shape_and_is_masked(document in documents()) {
        let once = mask_json(&document.to_string()).unwrap();
        let read: Value = serde_json::from_str(&once).unwrap();
        prop_assert!(same_shape(&document, &read), "{} -> {}", document, once);
        prop_assert_eq!(mask_json(&once).unwrap(), once);
    }

    #[test]
    fn no_document_panics(text in "[\\[\\]{}:,\"a0 .e\\\\@4-]{0,60}") {
        let _ = mask_json(&text);
    }
}

#[test]
fn hostile_texts_cost_no_more_than_others() {
    let pieces = [
        "4",
        "4 ",
        "4 1 1 1 ",
        "4111 ",
        "4111-",
        "@",
        "a@",
        "a.",
        "a@b.",
        "DE89 ",
        "de89",
        "one ",
        "double ",
        "+",
        "+1 ",
        "(",
        "0171 ",
        "born ",
        "call ",
        "call 1",
        "order ",
        "12 March ",
        "12/03/",
        "[CARD]",
        "a@b.de ",
        "078-05-1120 ",
        "ssn 078051120 ",
        "é",
        "-",
        "my number ",
        "４",
        "４１１１　",
        "4\u{200b}",
        "ａ＠",
        "ー",
    ];
    for piece in pieces {
        let text = piece.repeat(proof_size(100_000, 1_000_000) / piece.len());
        let start = Instant::now();
        mask(&text);
        let spent = start.elapsed();
        println!("{piece:?}: {} ms", spent.as_millis());
        // A debug build on a busy machine; anything quadratic takes minutes.
        assert!(spent < Duration::from_secs(20), "{piece:?}: {spent:?}");
    }
    let document = format!("{{\"phone\":[{}\"\"]}}", "\"2125550123\",".repeat(70_000));
    let start = Instant::now();
    mask_json(&document).unwrap();
    assert!(start.elapsed() < Duration::from_secs(20));
}
