//! What the map finds, in which order, and what it refuses.

use proptest::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::path::Path;
use super::{Mapped, SchemaMap, SchemaMaps};
use crate::domain::EventName;
use crate::json::{self, MAX_DEPTH};

fn maps(text: &str) -> SchemaMaps {
    text.parse().unwrap()
}

fn map(config: &Value) -> SchemaMap {
    let maps = maps(&json!({ "default": config }).to_string());
    maps.for_event(&EventName::parse("any").unwrap()).clone()
}

fn fields(text: &str) -> SchemaMap {
    maps(text).default
}

fn read(map: &SchemaMap, payload: &str) -> Mapped {
    map.read(json::parse(payload.as_bytes()).unwrap()).unwrap()
}

/// The turns as lines.
fn lines(map: &SchemaMap, payload: &str) -> Vec<String> {
    read(map, payload)
        .turns
        .iter()
        .map(ToString::to_string)
        .collect()
}

const DOCUMENTED: &str = r#"{"event": "conversation.completed", "conversationId": "conv-1", "data": {
    "subject": "Order refund request",
    "transcript": {"agent": "How can I help?", "customer": "The item arrived damaged."}}}"#;

#[test]
fn the_documents_own_example_is_read_whole_and_in_its_order() {
    let map = fields(
        r#"{"transcript.agent": "Agent", "transcript.customer": "Customer", "data.subject": "Subject"}"#,
    );
    let expected = [
        "Agent: How can I help?",
        "Customer: The item arrived damaged.",
        "Subject: Order refund request",
    ];
    assert_eq!(lines(&map, DOCUMENTED), expected);
    assert!(map.supersedes());
}

#[test]
fn the_built_in_map_is_the_documented_one() {
    let written = json!({
        "turns": [{"each": "transcript.segments[*]", "who": "speaker", "what": "text"}],
        "fields": {},
    });
    let written = written.to_string().replace(
        "\"fields\":{}",
        r#""fields":{"subject":"Subject","transcript.agent":"Agent","transcript.customer":"Customer"}"#,
    );
    let built_in = SchemaMaps::default();
    assert_eq!(maps(&format!("{{\"default\":{written}}}")), built_in);
    assert_eq!(maps("{}"), built_in);
    assert_eq!(
        built_in.default.version().as_str(),
        "2c7f7148e9cb77d4",
        "every stored conversation would be read again"
    );
}

#[test]
fn fields_come_before_turns_and_each_in_the_written_order() {
    let map = fields(
        r#"{"default": {"turns": [{"each": "said[*]", "who": "by", "what": "words", "label": "Somebody"},
                                  {"each": "notes[*]", "what": "text", "label": "Note"}],
                        "fields": {"z": "Last letter", "a": "First letter"}}}"#,
    );
    let payload = r#"{"data": {"a": 1, "z": true, "notes": [{"text": "n"}],
        "said": [{"by": " Ann\nLee ", "words": "one"}, {"words": "two"}, {"by": null, "words": " "}, {"by": "Bo"}, 7]}}"#;
    let expected = [
        "Last letter: true",
        "First letter: 1",
        "Ann Lee: one",
        "Somebody: two",
        "Note: n",
    ];
    assert_eq!(lines(&map, payload), expected);
}

#[test]
fn values_are_words_as_written_or_nothing() {
    let map = fields(r#"{"x": "X"}"#);
    for (value, expected) in [
        (r#""  plain  ""#, Some("plain")),
        ("12.50", Some("12.50")),
        ("1e999", Some("1e999")),
        (
            "123456789012345678901234567890",
            Some("123456789012345678901234567890"),
        ),
        ("false", Some("false")),
        ("null", None),
        (r#"" \t\n\u0000 ""#, None),
        ("{\"x\": \"deeper\"}", None),
        ("[\"one\", \"two\"]", None),
        (
            r#""a\u0000b\u001b[1mc\td\r\ne\u0085f""#,
            Some("a b [1mc\td\ne f"),
        ),
        (r#""\u00e9\ud83d\ude00""#, Some("é😀")),
    ] {
        let found = lines(&map, &format!("{{\"data\": {{\"x\": {value}}}}}"));
        let expected: Vec<_> = expected.iter().map(|words| format!("X: {words}")).collect();
        assert_eq!(found, expected, "{value}");
    }
}

#[test]
fn paths_find_what_they_name() {
    let payload = r#"{"top": "t", "data": {"a": {"b.c": {"d": "quoted"}, "e": "plain", "e": "last", "\u00e9": "escaped"}, "": "empty",
        "rows": [["00", "01"], ["10"], [], "flat"], "list": [{"x": "1"}, {"y": "-"}, {"x": "2"}]}}"#;
    for (path, expected) in [
        ("a.\"b.c\".d", &["quoted"][..]),
        ("a.e", &["last"]),
        ("a.é", &["escaped"]),
        ("\"\"", &["empty"]),
        ("data.a.e", &["last"]),
        ("\"data\".\"a\"[0]", &[]),
        ("top", &["t"]),
        ("rows[0][1]", &["01"]),
        ("rows[*][0]", &["00", "10"]),
        ("rows[*][*]", &["00", "01", "10"]),
        ("rows[3]", &["flat"]),
        ("rows[4]", &[]),
        ("list[*].x", &["1", "2"]),
        ("list.x", &[]),
        ("a[*]", &[]),
        ("[0]", &[]),
    ] {
        let map = fields(&json!({ path: "X" }).to_string());
        let expected: Vec<_> = expected.iter().map(|words| format!("X: {words}")).collect();
        assert_eq!(lines(&map, payload), expected, "{path}");
    }
}

#[test]
fn data_comes_first_but_only_where_it_says_something() {
    let map = fields(r#"{"subject": "Subject"}"#);
    assert_eq!(
        lines(&map, r#"{"subject": "top", "data": {"subject": "inner"}}"#),
        ["Subject: inner"]
    );
    assert_eq!(
        lines(&map, r#"{"subject": "top", "data": {"subject": " "}}"#),
        ["Subject: top"]
    );
    for payload in [
        r#"{"subject": "top", "data": null}"#,
        r#"{"subject": "top"}"#,
    ] {
        assert_eq!(lines(&map, payload), ["Subject: top"]);
    }
    for payload in ["[]", "null", "\"subject\"", "{}"] {
        assert!(lines(&map, payload).is_empty(), "{payload}");
    }
}

#[test]
fn missing_required_paths_are_named() {
    let map = map(
        &json!({"fields": {"a": "A"}, "required": ["transcript", "a", "data.b[0]", "c[*]", "d"]}),
    );
    let payload =
        r#"{"data": {"transcript": {"x": 1}, "a": "", "b": [false], "c": [], "d": null}}"#;
    assert_eq!(read(&map, payload).missing, ["a", "c[*]", "d"]);
}

#[test]
fn an_event_has_its_own_map_or_the_default() {
    let maps = maps(
        r#"{"default": {"fields": {"a": "A"}}, "events": {"conversation.note": {"fields": {"note": "Note"}, "supersedes": false}}}"#,
    );
    let map = |event: &str| maps.for_event(&EventName::parse(event).unwrap());
    assert!(!map("conversation.note").supersedes() && map("conversation.completed").supersedes());
    assert_eq!(
        lines(map("conversation.note"), r#"{"note": "n", "a": "a"}"#),
        ["Note: n"]
    );
    assert_eq!(
        lines(map("conversation.completed"), r#"{"note": "n", "a": "a"}"#),
        ["A: a"]
    );
    let only_events = r#"{"events": {"conversation.note": {"fields": {"note": "Note"}}}}"#
        .parse::<SchemaMaps>()
        .unwrap();
    assert_eq!(only_events.default, SchemaMap::default());
}

#[test]
fn a_speakers_name_is_a_short_line() {
    let map = SchemaMap::default();
    let payload = json!({"transcript": {"segments": [{"speaker": "é".repeat(200), "text": "x"}, {"speaker": 7, "text": "y"}]}});
    assert_eq!(
        lines(&map, &payload.to_string()),
        [format!("{}: x", "é".repeat(80)), "7: y".to_owned()]
    );
}

#[test]
fn half_a_surrogate_pair_is_the_senders_mistake() {
    for payload in [
        r#"{"data": {"subject": "\ud800"}}"#,
        r#"{"data": {"\ud800": 1}}"#,
    ] {
        let refused = SchemaMap::default().read(json::parse(payload.as_bytes()).unwrap());
        assert!(
            matches!(refused, Err(crate::Error::Invalid(_))),
            "{payload}"
        );
    }
}

#[test]
fn what_is_wrong_is_named() {
    for (text, names) in [
        ("no", &["line 1"][..]),
        ("[]", &["expected"]),
        (r#"{"subject": 5}"#, &["`subject`", "`default`"]),
        (r#"{"default": {"feilds": {}}}"#, &["feilds"]),
        (
            r#"{"default": {"fields": {"a.b": 5}}}"#,
            &["a.b", "integer"],
        ),
        (
            r#"{"events": {"note": {"turns": [{"each": "x[*]"}]}}}"#,
            &["note", "`what`"],
        ),
        (
            r#"{"events": {"note": {"turns": [{"each": "x[*]", "what": "y", "whom": "z"}]}}}"#,
            &["note", "`whom`"],
        ),
        (
            r#"{"events": {"note": {"fields": {"a..b": "A"}}}}"#,
            &["note", "a..b", "empty name"],
        ),
        (
            r#"{"events": {"note": {"fields": {"a": "A"}}, "note": {"fields": {"b": "B"}}}}"#,
            &["note", "twice"],
        ),
        (
            r#"{"events": {"bad\u0000name": {"fields": {"a": "A"}}}}"#,
            &["bad", "control characters"],
        ),
        (
            r#"{"default": {"fields": {"a": "A", "\"a\"": "B"}}}"#,
            &["\"a\"", "twice"],
        ),
        (r#"{"a": "A", "a": "B"}"#, &["\"a\"", "twice"]),
        (
            r#"{"default": {"fields": {"a": "A"}, "required": ["x", "x"]}}"#,
            &["\"x\"", "twice"],
        ),
        (
            r#"{"default": {"fields": {"a": "A"}, "required": ["x["]}}"#,
            &["x[", "without its ]"],
        ),
        (
            r#"{"default": {"turns": [{"each": "x[*]", "who": ".y", "what": "z"}]}}"#,
            &[".y", "dot"],
        ),
        (
            r#"{"default": {}}"#,
            &["default", "neither fields nor turns"],
        ),
        (r#"{"a": " "}"#, &["\"a\"", "label"]),
        (r#"{"a": "two\nlines"}"#, &["\"a\"", "label"]),
    ] {
        let error = text.parse::<SchemaMaps>().unwrap_err();
        assert!(
            names.iter().all(|name| error.contains(name)),
            "{text}: {error}"
        );
    }
}

#[test]
fn paths_that_name_nothing_are_refused() {
    for bad in [
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "[",
        "[]",
        "[x]",
        "[-1]",
        "[+1]",
        "[1",
        "a[0]b",
        "a]",
        "a\"b\"",
        "\"a",
        "\"a\"b",
        " a",
        "a. b",
        "[99999999999999999999999]",
    ] {
        let error = bad.parse::<Path>().unwrap_err();
        assert!(error.contains(&format!("{bad:?}")), "{error}");
    }
    assert!("[0]".repeat(MAX_DEPTH).parse::<Path>().is_ok());
    assert!("[0]".repeat(MAX_DEPTH + 1).parse::<Path>().is_err());
}

#[test]
fn versions_tell_maps_apart() {
    let version = |text: &str| fields(text).version().as_str().to_owned();
    let base = version(r#"{"a": "A", "b": "B"}"#);
    assert_eq!(base.len(), 16);
    for same in [
        r#" { "\u0061" : "A", "\"b\"":"B" } "#,
        r#"{"default": {"supersedes": true, "fields": {"a": "A", "b": "B"}, "required": [], "turns": []}}"#,
    ] {
        assert_eq!(version(same), base, "{same}");
    }
    let turns = |turns: &str| {
        format!(r#"{{"default": {{"fields": {{"a": "A", "b": "B"}}, "turns": [{turns}]}}}}"#)
    };
    let mut others = vec![
        version(r#"{"b": "B", "a": "A"}"#),
        version(r#"{"a": "A"}"#),
        version(r#"{"a": "A", "b": "C"}"#),
        version(r#"{"default": {"fields": {"a": "A", "b": "B"}, "supersedes": false}}"#),
        version(r#"{"default": {"fields": {"a": "A", "b": "B"}, "required": ["a"]}}"#),
        version(&turns(r#"{"each": "x", "what": "y"}"#)),
        version(&turns(r#"{"each": "x", "what": "y", "label": "Z"}"#)),
        version(&turns(r#"{"each": "x", "what": "y", "who": "y"}"#)),
        base,
    ];
    others.sort_unstable();
    others.dedup();
    assert_eq!(others.len(), 9);
    let required = |order: &str| {
        version(&format!(
            r#"{{"default": {{"fields": {{"a": "A"}}, "required": {order}}}}}"#
        ))
    };
    assert_eq!(required(r#"["x", "y"]"#), required(r#"["y", "x"]"#));
}

#[test]
fn a_million_values_are_read_in_one_pass_each() {
    let payload = format!("{{\"data\": {{\"x\": [{}0]}}}}", "0,".repeat(1_000_000));
    let payload: Box<RawValue> = serde_json::from_str(&payload).unwrap();
    assert_eq!(
        fields(r#"{"x[*]": "X"}"#)
            .read(&payload)
            .unwrap()
            .turns
            .len(),
        1_000_001
    );
    let deeper =
        fields(&json!({ format!("x[*]{}", "[*]".repeat(MAX_DEPTH - 2)): "X" }).to_string());
    assert!(deeper.read(&payload).unwrap().turns.is_empty());
}

/// JSON of names and values that the paths below can hit.
fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map("[abc.]|data", inner, 0..5).prop_map(Value::from_iter),
        ]
    })
}

fn step() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "\\.[abc]",
        1 => Just(".\".\"".to_owned()),
        1 => any::<String>().prop_map(|name| format!(".{}", Value::from(name))),
        1 => (0_usize..4).prop_map(|index| format!("[{index}]")),
        1 => Just("[*]".to_owned()),
    ]
}

fn path() -> impl Strategy<Value = String> {
    proptest::collection::vec(step(), 1..6)
        .prop_map(|steps| steps.concat().trim_start_matches('.').to_owned())
}

/// The same search over a tree.
fn oracle<'tree>(path: &str, document: &'tree Value) -> Vec<&'tree Value> {
    path.parse::<Path>()
        .unwrap()
        .steps()
        .iter()
        .fold(vec![document], |found, step| {
            let inside = |value: &'tree Value| -> Vec<&'tree Value> {
                match (step, value) {
                    (super::path::Step::Name(name), Value::Object(map)) => {
                        map.get(name).into_iter().collect()
                    }
                    (super::path::Step::Index(index), Value::Array(items)) => {
                        items.get(*index).into_iter().collect()
                    }
                    (super::path::Step::Each, Value::Array(items)) => items.iter().collect(),
                    _ => Vec::new(),
                }
            };
            found.into_iter().flat_map(inside).collect()
        })
}

proptest! {
    #[test]
    fn no_text_panics_the_path_parser(text in any::<String>()) {
        let _ = text.parse::<Path>();
    }

    #[test]
    fn near_paths_do_not_panic_and_good_ones_come_back(text in "[ab.\\[\\]*\"\\\\0-9 \u{e9}]{0,12}") {
        if let Ok(path) = text.parse::<Path>() {
            prop_assert_eq!(path.to_string().parse::<Path>(), Ok(path));
        }
    }

    #[test]
    fn every_path_comes_back(text in path()) {
        let path: Path = text.parse().unwrap();
        prop_assert_eq!(path.to_string().parse::<Path>(), Ok(path));
    }

    #[test]
    fn a_walk_over_text_finds_what_a_walk_over_the_tree_finds(document in document(), path in path()) {
        let text = document.to_string();
        let raw = json::parse(text.as_bytes()).unwrap();
        let found = path.parse::<Path>().unwrap().select(raw).unwrap();
        let found: Vec<Value> = found.into_iter().map(|raw| serde_json::from_str(raw.get()).unwrap()).collect();
        prop_assert_eq!(found.iter().collect::<Vec<_>>(), oracle(&path, &document));
    }

    #[test]
    fn arbitrary_payloads_never_panic_and_turns_are_fit_to_store(document in document(), one in path(), two in path()) {
        let map = map(&json!({"fields": {one.clone(): "One"}, "turns": [{"each": two, "who": one, "what": "a"}], "required": [one]}));
        for turn in read(&map, &document.to_string()).turns {
            prop_assert_eq!(turn.words.trim(), &turn.words);
            prop_assert!(!turn.words.is_empty() && !turn.label.is_empty());
            prop_assert!(!turn.to_string().contains(|c: char| c.is_control() && c != '\n' && c != '\t'));
        }
    }

    #[test]
    fn the_order_is_that_of_the_map(names in Just(vec!["a", "b", "c", "d", "e"]).prop_shuffle()) {
        let config: Vec<_> = names.iter().map(|name| format!("\"{name}\": \"{name}\"")).collect();
        let map = fields(&format!("{{{}}}", config.join(", ")));
        let expected: Vec<_> = names.iter().map(|name| format!("{name}: words")).collect();
        let payload = json!({"data": {"a": "words", "b": "words", "c": "words", "d": "words", "e": "words"}});
        prop_assert_eq!(lines(&map, &payload.to_string()), expected);
    }

    #[test]
    fn below_data_and_from_the_top_find_the_same(document in document(), path in path()) {
        let lines_of = |path: &str| lines(&fields(&json!({ path: "X" }).to_string()), &json!({ "data": document }).to_string());
        let dot = if path.starts_with('[') { "" } else { "." };
        let relative = lines_of(&path);
        let hidden = !oracle("data", &document).is_empty() || path.starts_with("data");
        if !relative.is_empty() && !hidden {
            prop_assert_eq!(lines_of(&format!("data{dot}{path}")), relative);
        }
    }
}
