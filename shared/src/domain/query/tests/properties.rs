//! What holds for every body.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// Any JSON, with the names of fields more often than others.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("2026-01-01T00:00:00Z")),
        Just(json!("rrf")),
        Just(json!("a\u{0}")),
    ];
    let name = prop_oneof![
        prop::sample::select(vec![
            "query",
            "limit",
            "cursor",
            "language",
            "territories",
            "categories",
            "statuses",
            "modified_from",
            "modified_to",
            "metadata",
            "weights",
            "vector",
            "lexical",
            "fusion",
            "min_score",
            "collapse",
            "highlight",
            "explain",
            "intents",
            "contains_pii",
            "from",
            "to",
            "sources",
            "conversation_id",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,4}",
    ];
    leaf.prop_recursive(4, 48, 10, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(name.clone(), inner, 0..10)
                .prop_map(|fields| fields.into_iter().collect::<Value>()),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_read_or_told_what_is_wrong(body in any_json()) {
        for found in [wrongs(knowledge(&body)), wrongs(conversations(&body))] {
            for wrong in &found {
                prop_assert!(body.pointer(&wrong.pointer).is_some() || wrong.detail == "is required", "{wrong:?}");
            }
        }
    }

    #[test]
    fn no_bytes_panic(bytes in "[{}\\[\\]\":,a0e.\\\\u d8query-]{0,60}") {
        let _ = (KnowledgeQuery::parse(bytes.as_bytes()), ConversationQuery::parse(bytes.as_bytes()));
    }

    #[test]
    fn what_postgres_cannot_keep_never_gets_through(text in "[a\u{0}ü ]{0,4}") {
        let is_sound = !text.trim().is_empty() && !text.contains('\0');
        let mut body = json!({ "query": text, "metadata": { "k": text, text.clone(): "v" } });
        body["territories"] = json!([text]);
        prop_assert_eq!(knowledge(&body).is_ok(), is_sound);
        body.as_object_mut().unwrap().remove("territories");
        body["conversation_id"] = json!(text);
        prop_assert_eq!(conversations(&body).is_ok(), is_sound);
        for place in ["query", "conversation_id"] {
            body[place] = json!("sound");
        }
        let is_sound = !text.is_empty() && !text.contains('\0');
        prop_assert_eq!(conversations(&body).is_ok(), is_sound);
    }
}
