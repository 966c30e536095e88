//! Orders that were worked out by hand, and the form in which CXone gets them.

use super::*;
use crate::json;

fn ranked(body: &Value) -> Ranking {
    rank(request(body).unwrap(), |_| 1.0)
}

#[test]
fn orders_are_those_worked_out_by_hand() {
    for (snippets, normalization, expected) in [
        // The example of the contract: 0.92 × 1.2 is above 1, so all are divided by it.
        (
            &[
                (0.92, 1.2),
                (0.85, 1.0),
                (0.78, 1.1),
                (0.65, 0.9),
                (0.55, 1.0),
            ][..],
            "none",
            &[
                ("s0", 1.0),
                ("s2", 0.7772),
                ("s1", 0.7699),
                ("s3", 0.5299),
                ("s4", 0.4982),
            ][..],
        ),
        (
            &[(0.2, 1.0), (0.4, 1.0), (0.3, 1.0)],
            "none",
            &[("s1", 0.4), ("s2", 0.3), ("s0", 0.2)],
        ),
        (
            &[(0.2, 1.0), (0.4, 1.0), (0.3, 1.0)],
            "min-max",
            &[("s1", 1.0), ("s2", 0.5), ("s0", 0.0)],
        ),
        // All are equal, so all are the highest: boosts decide.
        (
            &[(0.3, 0.5), (0.3, 0.8)],
            "min-max",
            &[("s1", 0.8), ("s0", 0.5)],
        ),
        (&[(0.3, 1.0)], "min-max", &[("s0", 1.0)]),
        // Equals stay as they were handed in; what differs in the fifth place only is equal.
        (
            &[(0.5, 1.0), (0.500_04, 1.0), (0.25, 2.0)],
            "none",
            &[("s0", 0.5), ("s1", 0.5), ("s2", 0.5)],
        ),
        // Products are compared before they are rounded.
        (
            &[(0.1, 0.333_31), (0.1, 0.333_33)],
            "none",
            &[("s1", 0.0333), ("s0", 0.0333)],
        ),
        // Nor does it count how floats multiply: of the second they make 0.09000000000000001.
        (
            &[(0.09, 1.0), (0.1, 0.9)],
            "none",
            &[("s0", 0.09), ("s1", 0.09)],
        ),
        (
            &[(0.5, 1.0), (0.500_1, 1.0)],
            "min-max",
            &[("s1", 1.0), ("s0", 0.0)],
        ),
        (
            &[(0.000_05, 1.0), (0.000_04, 1.0)],
            "none",
            &[("s0", 0.0001), ("s1", 0.0)],
        ),
        (
            &[(1.0, 10.0), (1.0, 5.0), (0.0, 10.0)],
            "none",
            &[("s0", 1.0), ("s1", 0.5), ("s2", 0.0)],
        ),
        (
            &[(0.0, 0.0), (1.0, 0.0)],
            "none",
            &[("s0", 0.0), ("s1", 0.0)],
        ),
    ] {
        let mut body = body_of(snippets);
        body["normalization"] = json!(normalization);
        assert_eq!(
            places(&ranked(&body)),
            expected,
            "{snippets:?} {normalization}"
        );
    }
}

#[test]
fn what_was_learned_counts_and_cannot_break_the_order() {
    let request = request(&body_of(&[(0.6, 1.0), (0.5, 1.0)])).unwrap();
    let with = |of_second: f64| {
        let learned = move |id: &crate::domain::SnippetId| {
            if id.as_str() == "s1" { of_second } else { 1.0 }
        };
        rank(request.clone(), learned)
    };
    assert_eq!(places(&with(1.5)), [("s1", 0.75), ("s0", 0.6)]);
    assert_eq!(places(&with(0.5)), [("s0", 0.6), ("s1", 0.25)]);
    assert_eq!(places(&with(f64::NAN)), [("s0", 0.6), ("s1", 0.5)]);
    assert_eq!(places(&with(f64::NEG_INFINITY)), [("s0", 0.6), ("s1", 0.0)]);
    assert_eq!(places(&with(f64::INFINITY)), [("s1", 1.0), ("s0", 0.12)]);
}

#[test]
fn the_window_cuts_after_sorting() {
    let mut body = body_of(&[(0.1, 1.0), (0.3, 1.0), (0.2, 1.0)]);
    body["max_result_window"] = json!(2);
    let ranking = ranked(&body);
    assert_eq!(places(&ranking), [("s1", 0.3), ("s2", 0.2)]);
    assert_eq!(ranking.max_result_window, 2);
}

#[test]
fn cxone_gets_the_canonical_form() {
    let mut body = body_of(&[(0.5, 2.0)]);
    body["snippets"][0]["metadata"] = json!({ "b": "\u{1}\"ü", "a": "1" });
    let ranking = ranked(&body);
    let text = ranking.to_json();
    let expected = r#"{"max_result_window":50,"session_id":"session-1","snippets":[{"boost_factor":1.0,"metadata":{"a":"1","b":"\u0001\"ü"},"relevance_score":1.0,"snippet_id":"s0"}]}"#;
    assert_eq!(text, expected);
    let canonical = json::canonical(json::parse(text.as_bytes()).unwrap()).unwrap();
    assert_eq!(text, canonical);
    assert_eq!(serde_json::from_str::<Ranking>(&text).unwrap(), ranking);
    // What `sha256sum` says of the text above.
    assert_eq!(
        crate::domain::hex(&ranking.checksum()),
        "6df9980deb3fb390835df2168d6371b6e10cd5596de25776f63865c2560dc599"
    );
}
