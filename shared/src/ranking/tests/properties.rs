//! What holds for every request, every order and every body.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::domain::SnippetId;

/// Snippets, their window, and what was learned of each. Few different numbers, so that many are equal.
fn any_request() -> impl Strategy<Value = (RankingRequest, Vec<f64>)> {
    let coarse = prop_oneof![0.0..=1.0, (0_u8..=4).prop_map(|n| f64::from(n) / 4.0)];
    let boost = prop_oneof![0.0..=10.0, Just(1.0), Just(0.0)];
    let learned = prop_oneof![0.5..=2.0, Just(1.0)];
    let snippets = proptest::collection::vec((coarse, boost, learned), 1..80);
    let all = (snippets, 1_u64..=50, any::<bool>());
    all.prop_map(|(snippets, window, is_stretched)| {
        let pairs: Vec<_> = snippets
            .iter()
            .map(|(score, boost, _)| (*score, *boost))
            .collect();
        let mut body = body_of(&pairs);
        body["max_result_window"] = json!(window);
        body["normalization"] = json!(if is_stretched { "min-max" } else { "none" });
        let learned = snippets.into_iter().map(|(_, _, learned)| learned);
        (request(&body).unwrap(), learned.collect())
    })
}

/// Where a snippet stood in the request.
fn place_of(id: &SnippetId) -> usize {
    id.as_str()[1..].parse().unwrap()
}

/// The rules once more, in the plainest way.
fn products(request: &RankingRequest, learned: &[f64]) -> Vec<f64> {
    let round = |number: f64| (number * 10_000.0).round() / 10_000.0;
    let scores = request
        .snippets
        .iter()
        .map(|one| round(one.relevance_score.get()));
    let scores: Vec<f64> = scores.collect();
    let lowest = scores.iter().copied().reduce(f64::min).unwrap();
    let highest = scores.iter().copied().reduce(f64::max).unwrap();
    let scores = scores.into_iter().map(|score| match request.normalization {
        Normalization::None => score,
        Normalization::MinMax if highest > lowest => (score - lowest) / (highest - lowest),
        Normalization::MinMax => 1.0,
    });
    let factors = request.snippets.iter().zip(learned);
    let factors = factors.map(|(one, learned)| (one.boost_factor.get(), learned));
    scores
        .zip(factors)
        .map(|(score, (boost, learned))| (score * boost * learned * 1e12).round() / 1e12)
        .collect()
}

proptest! {
    #[test]
    fn an_order_keeps_all_rules((request, learned) in any_request()) {
        let ranking = rank(request.clone(), |id| learned[place_of(id)]);
        let products = products(&request, &learned);
        let places: Vec<_> = ranking.snippets.iter().map(|one| place_of(&one.snippet_id)).collect();
        let window = request.max_result_window.get();
        prop_assert_eq!(places.len(), window.min(request.snippets.len()));
        prop_assert_eq!(places.iter().collect::<BTreeSet<_>>().len(), places.len(), "no snippet stands there twice");
        for pair in places.windows(2) {
            let (one, next) = (products[pair[0]], products[pair[1]]);
            let order = next.total_cmp(&one).then(pair[0].cmp(&pair[1]));
            prop_assert!(order.is_lt(), "best first, ties stable");
        }
        let last = places.last().map(|place| products[*place]).unwrap();
        let left_out = (0..products.len()).filter(|place| !places.contains(place));
        for place in left_out {
            prop_assert!(products[place] <= last, "nothing better was cut off");
        }
        let largest = products.iter().copied().fold(1.0, f64::max);
        for (ranked, place) in ranking.snippets.iter().zip(places) {
            let (score, before) = (ranked.relevance_score.get(), &request.snippets[place]);
            prop_assert!((0.0..=1.0).contains(&score));
            prop_assert!((score - products[place] / largest).abs() <= 0.000_05 + 1e-12);
            let text = format!("{score}");
            prop_assert!(text.split_once('.').is_none_or(|(_, digits)| digits.len() <= 4), "{}", text);
            prop_assert_eq!(ranked.boost_factor.to_bits(), 1.0_f64.to_bits());
            prop_assert_eq!(&ranked.metadata, &before.metadata);
        }
    }

    #[test]
    fn what_was_ranked_is_ranked_the_same_again((request, learned) in any_request()) {
        let once = rank(request.clone(), |id| learned[place_of(id)]);
        let written: Ranking = serde_json::from_str(&once.to_json()).unwrap();
        prop_assert_eq!(&written, &once);
        let again = rank(super::request(&json!({
            "max_result_window": once.max_result_window,
            "snippets": serde_json::to_value(&once.snippets).unwrap(),
        })).unwrap(), |_| 1.0);
        prop_assert_eq!(again.checksum(), once.checksum());
    }

    #[test]
    fn a_higher_score_never_stands_lower((request, learned) in any_request(), chosen: prop::sample::Index, score in 0.0..=1.0_f64) {
        // A window that shows all: only places count here.
        let (mut low, chosen) = (request, chosen);
        low.snippets.truncate(50);
        low.max_result_window = crate::domain::query::Limit::parse(50).unwrap();
        low.normalization = Normalization::None;
        let chosen = chosen.index(low.snippets.len());
        let mut high = low.clone();
        let raised = score.max(low.snippets[chosen].relevance_score.get());
        high.snippets[chosen].relevance_score = crate::domain::Score::parse(raised).unwrap();
        let place = |request: &RankingRequest| {
            let ranking = rank(request.clone(), |id| learned[place_of(id)]);
            ranking.snippets.iter().position(|one| place_of(&one.snippet_id) == chosen)
        };
        prop_assert!(place(&high) <= place(&low));
    }

    #[test]
    fn any_json_is_read_or_told_what_is_wrong(body in any_json()) {
        let text = body.to_string();
        let found = [
            RankingRequest::parse(&session(), text.as_bytes()).err(),
            Click::parse(&session(), text.as_bytes()).err(),
        ];
        for wrong in found.iter().flatten().flat_map(Error::violations) {
            prop_assert!(body.pointer(&wrong.pointer).is_some() || wrong.detail == "is required", "{wrong:?}");
        }
    }

    #[test]
    fn a_glance_takes_what_a_look_takes(body in any_body()) {
        let text = body.to_string();
        let looked = RankingRequest::examine(&session(), text.as_bytes());
        let glanced = RankingRequest::glance(&session(), text.as_bytes());
        prop_assert_eq!(glanced.as_ref(), looked.as_ref().ok(), "{}", text);
    }

    #[test]
    fn no_bytes_panic(bytes in "[{}\\[\\]\":,a0e.\\\\u d8snippet_-]{0,60}") {
        let _ = RankingRequest::parse(&session(), bytes.as_bytes());
        let _ = Click::parse(&session(), bytes.as_bytes());
    }
}

/// Any JSON, with the names of fields more often than others.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i8>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0.0..=1.0).prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
        Just(json!("min-max")),
        Just(json!("a\u{0}")),
    ];
    let names = vec![
        "snippets",
        "snippet_id",
        "relevance_score",
        "boost_factor",
        "metadata",
        "session_id",
        "max_result_window",
        "callback_url",
        "normalization",
        "expected_version",
        "rank_position",
        "action",
        "at",
    ];
    let name = prop_oneof![
        prop::sample::select(names).prop_map(str::to_owned),
        "\\PC{0,4}"
    ];
    leaf.prop_recursive(4, 48, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map(name.clone(), inner, 0..8)
                .prop_map(|fields| fields.into_iter().collect::<Value>()),
        ]
    })
}

/// A body that is sound, or sound but for a detail.
fn any_body() -> impl Strategy<Value = Value> {
    let detail = prop_oneof![
        Just(json!("")),
        Just(json!("session-1")),
        Just(json!("s0")),
        Just(json!("min-max")),
        Just(json!("https://example.com/")),
        Just(json!("a\u{0}")),
        Just(json!(-1)),
        Just(json!(0.5)),
        Just(json!(3)),
        Just(json!(11)),
        Just(json!(51)),
        Just(json!([])),
        Just(json!({})),
        Just(json!({ "b": "2", "a": "\u{e9}\"" })),
        Just(json!({ "a": "x".repeat(4_096) })),
        Just(json!({ "a\u{0}": "" })),
        Just(
            (0..51)
                .map(|key| (key.to_string(), json!("")))
                .collect::<Value>()
        ),
    ];
    let places = vec![
        "/session_id",
        "/max_result_window",
        "/callback_url",
        "/normalization",
        "/expected_version",
        "/other",
        "/snippets",
        "/snippets/0",
        "/snippets/1/snippet_id",
        "/snippets/1/relevance_score",
        "/snippets/1/boost_factor",
        "/snippets/1/metadata",
        "/snippets/1/other",
    ];
    let changes = proptest::collection::vec((prop::sample::select(places), detail), 0..4);
    (1_usize..5, changes).prop_map(|(count, changes)| {
        let mut body = body_of(&vec![(0.5, 1.0); count]);
        for (place, detail) in changes {
            let (parent, name) = place.rsplit_once('/').unwrap();
            match body.pointer_mut(parent) {
                Some(Value::Object(fields)) => drop(fields.insert(name.to_owned(), detail)),
                Some(Value::Array(items)) if items.len() > 1 => items[0] = detail,
                _ => {}
            }
        }
        body
    })
}
