//! Each rule by itself, all of them at once, and the bytes that are sent.

use super::*;

#[test]
fn what_is_sent_is_what_the_documentation_shows() {
    let mut said = message(0);
    said["id"] = json!("msg_001");
    let answer = json!({
        "from": agent(), "to": customer(), "text": "\"Zoë\" \u{1f600}\u{feff}\n",
        "timestamp": "2024-06-15T11:00:15.250+02:00", "type": "rich/text", "format": "markdown",
    });
    let intake = parse(&body([said, answer])).unwrap();
    let expected = concat!(
        r#"{"channel":"webchat","from":{"id":"agt_456","type":"agent"},"to":{"id":"cust_789","type":"customer"},"#,
        r#""properties":{"interactionId":"ext_998877"},"messages":["#,
        r#"{"id":"msg_001","from":{"id":"cust_789","type":"customer"},"to":{"id":"agt_456","type":"agent"},"#,
        r#""text":"Where is my order?","timestamp":"2024-06-15T09:00:00Z","type":"text","format":"plain"},"#,
        r#"{"id":"msg_1","from":{"id":"agt_456","type":"agent"},"to":{"id":"cust_789","type":"customer"},"#,
        r#""text":"\"Zoë\" 😀"#,
        "\u{feff}",
        r#"\n","timestamp":"2024-06-15T09:00:15.25Z","type":"rich/text","format":"markdown"}]}"#,
    );
    assert_eq!(intake.parts.len(), 1);
    assert_eq!(str::from_utf8(&intake.parts[0].payload).unwrap(), expected);
    assert_eq!(intake.parts[0].messages, 2);
    assert_eq!(intake.interaction_id.as_str(), "ext_998877");
    assert_eq!((intake.archive_callback_url, intake.repairs), (None, None));
}

#[test]
fn each_rule_is_told_at_its_place() {
    let id = "must be 1 to 255 characters without control characters";
    let instant = "must be an ISO 8601 date and time with an offset, such as 2026-01-15T10:30:00Z";
    let url = "must be an https address of at most 2048 characters, without credentials";
    let word = "must be 1 to 64 letters, digits or -_./+";
    let list = "must hold 1 to 500 messages, or up to 10000 that are split";
    for (pointer, value, detail) in [
        ("/interaction_id", json!(null), "is required"),
        ("/interaction_id", json!(7), "must be a string"),
        ("/interaction_id", json!(" "), id),
        ("/interaction_id", json!("a\0"), "holds a NUL character"),
        ("/agent_id", json!(""), id),
        ("/customer_id", json!("x".repeat(256)), id),
        ("/archive_callback_url", json!("http://example.com/"), url),
        ("/repair", json!("yes"), "must be true or false"),
        ("/split", json!(1), "must be true or false"),
        ("/colour", json!("red"), "is no field of this object"),
        ("/messages", json!(null), "is required"),
        ("/messages", json!({}), "must be a list"),
        ("/messages", json!([]), list),
        ("/messages/0", json!("hello"), "must be a JSON object"),
        ("/messages/0/id", json!(""), id),
        (
            "/messages/1/id",
            json!("first"),
            "is the id of an earlier message",
        ),
        ("/messages/0/from", json!(null), "is required"),
        ("/messages/0/from", json!("agent"), "must be a JSON object"),
        ("/messages/0/from/id", json!(null), "is required"),
        (
            "/messages/0/from/id",
            json!("other"),
            "must be the customer_id of the transcript",
        ),
        (
            "/messages/0/to/id",
            json!("other"),
            "must be the agent_id of the transcript",
        ),
        (
            "/messages/0/from/type",
            json!("bot"),
            "must be agent or customer",
        ),
        (
            "/messages/0/from/name",
            json!("Zoë"),
            "is no field of this object",
        ),
        ("/messages/0/text", json!(""), "must not be empty"),
        ("/messages/0/text", json!("a\0b"), "holds a NUL character"),
        ("/messages/0/text", json!(null), "is required"),
        (
            "/messages/0/timestamp",
            json!("2024-06-15T09:00:00"),
            instant,
        ),
        ("/messages/0/timestamp", json!("soon"), instant),
        (
            "/messages/0/timestamp",
            json!(1_718_442_000),
            "must be a string",
        ),
        (
            "/messages/0/timestamp",
            json!("0000-06-15T09:00:00Z"),
            "must lie in the years 1 to 9999",
        ),
        (
            "/messages/1/timestamp",
            json!("2024-06-15T08:59:59Z"),
            "lies before that of the message before",
        ),
        (
            "/messages/1/timestamp",
            json!("2024-06-15T09:59:59+01:00"),
            "lies before that of the message before",
        ),
        ("/messages/0/type", json!("two words"), word),
        ("/messages/0/format", json!(""), word),
        (
            "/messages/0/language",
            json!("en"),
            "is no field of this object",
        ),
    ] {
        let mut wrong = body([message(0), message(1)]);
        wrong["messages"][0]["id"] = json!("first");
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match wrong.pointer_mut(parent).unwrap() {
            Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
            object => object[name] = value,
        }
        let expected = vec![(pointer.to_owned(), detail.to_owned())];
        assert_eq!(violations(parse(&wrong)), expected, "{wrong}");
    }
}

#[test]
fn a_message_goes_from_one_side_to_the_other() {
    let mut wrong = body([message(0)]);
    wrong["messages"][0]["to"] = customer();
    assert_eq!(pointers(parse(&wrong)), ["/messages/0/to/type"]);
}

#[test]
fn a_default_id_does_not_hide_another_message() {
    let mut wrong = body([message(0), message(1)]);
    wrong["messages"][0]["id"] = json!("msg_1");
    assert_eq!(pointers(parse(&wrong)), ["/messages/1/id"]);
    wrong["messages"][0]["id"] = json!("msg_2");
    assert!(parse(&wrong).is_ok());
}

#[test]
fn equal_times_do_not_go_back() {
    assert!(parse(&body([message(1), message(1)])).is_ok());
    let told = pointers(parse(&body([message(3), message(1), message(2)])));
    assert_eq!(
        told,
        ["/messages/1/timestamp"],
        "each is beside the one before"
    );
}

#[test]
fn everything_is_told_at_once() {
    let mut wrong = body([message(5), message(1)]);
    wrong["agent_id"] = json!("");
    wrong["split"] = json!("no");
    wrong["messages"][0]["text"] = json!("");
    wrong["messages"][1]["from"] = json!(null);
    wrong["messages"][1]["to"] = json!({ "id": "agt_456", "type": "bot" });
    let expected = [
        "/agent_id",
        "/messages/0/text",
        "/messages/1/from",
        "/messages/1/timestamp",
        "/messages/1/to/type",
        "/split",
    ];
    assert_eq!(pointers(parse(&wrong)), expected);
}

#[test]
fn what_is_no_unicode_text_is_told_by_its_place() {
    let with_text = |text: &str| {
        let body = body([message(0), message(1)]).to_string();
        body.replacen("Where is my order?", text, 1).into_bytes()
    };
    let half = "holds half a surrogate pair";
    for (text, told) in [
        (r"\ud83d\ude00", None),
        ("\u{1f600}", None),
        ("\u{feff}", None),
        (r"\ud800", Some(half)),
        (r"\udc00 \ud800", Some(half)),
        (r"\u0000", Some("holds a NUL character")),
    ] {
        let told = told.map(|told| ("/messages/0/text".to_owned(), told.to_owned()));
        let expected: Vec<_> = told.into_iter().collect();
        assert_eq!(
            violations(Intake::parse(&with_text(text))),
            expected,
            "{text}"
        );
    }
    let marked = [b"\xef\xbb\xbf", &with_text("hello")[..]].concat();
    let cut = with_text("\u{1f600}");
    let place = cut.iter().position(|byte| *byte == 0xf0).unwrap();
    let holed = [&cut[..place + 3], &cut[place + 4..]].concat();
    for (body, told) in [
        (&marked[..], "begins with a byte order mark".to_owned()),
        (
            &cut[..place + 2],
            format!("ends within a character that begins at byte {place}"),
        ),
        (&holed, format!("is not UTF-8 at byte {place}")),
        (b"[]", "must be a JSON object".to_owned()),
        (b"{", "is not JSON: line 1, column 1".to_owned()),
    ] {
        assert_eq!(violations(Intake::parse(body)), [(String::new(), told)]);
    }
}

#[test]
fn the_count_is_limited() {
    let many = |count| body((0..count).map(message));
    assert_eq!(parse(&many(MOST_MESSAGES)).unwrap().parts[0].messages, 500);
    assert_eq!(pointers(parse(&many(MOST_MESSAGES + 1))), ["/messages"]);
}

#[test]
fn too_many_messages_hide_no_other_mistake() {
    let mut wrong = body((0..501).map(message));
    wrong["messages"][500]["text"] = json!("");
    assert_eq!(pointers(parse(&wrong)), ["/messages", "/messages/500/text"]);
}

#[test]
fn too_many_messages_hide_no_byte_that_is_too_many() {
    let sent = |count, bytes: usize| {
        let mut sent = body((0..count).map(message));
        sent["messages"][0]["text"] = json!("x".repeat(bytes));
        sent
    };
    let size = |count| parse(&sent(count, 1)).unwrap().parts[0].payload.len();
    // The last messages differ in nothing that has another length.
    let with_one_more = size(MOST_MESSAGES) + (size(MOST_MESSAGES) - size(MOST_MESSAGES - 1));
    let room = MOST_PAYLOAD - with_one_more + 1;
    let told = |bytes| pointers(parse(&sent(MOST_MESSAGES + 1, bytes)));
    assert_eq!(told(room), ["/messages"]);
    assert_eq!(told(room + 1), ["/messages", "/messages"]);
}

#[test]
fn the_bytes_that_are_sent_are_counted() {
    let said = |text: String| {
        let mut said = message(0);
        said["text"] = json!(text);
        body([said])
    };
    let empty = parse(&said("x".to_owned())).unwrap().parts[0].payload.len() - 1;
    let room = MOST_PAYLOAD - empty;
    let full = parse(&said("x".repeat(room))).unwrap();
    assert_eq!(full.parts[0].payload.len(), MOST_PAYLOAD);
    for (text, is_taken) in [
        ("x".repeat(room + 1), false),
        ("\u{1f600}".repeat(room / 4), true),
        ("\u{1f600}".repeat(room / 4 + 1), false),
        ("\n".repeat(room / 2), true),
        ("\n".repeat(room / 2 + 1), false),
    ] {
        let told = pointers(parse(&said(text)));
        let expected: &[&str] = if is_taken { &[] } else { &["/messages"] };
        assert_eq!(told, expected);
    }
}

#[test]
fn whose_transcript_was_refused_is_known_if_it_can_be_read() {
    let of = |body: &Value| {
        let draft = Draft::read(body.to_string().as_bytes()).unwrap();
        assert!(draft.check().is_err());
        draft.interaction_id().map(|id| id.to_string())
    };
    assert_eq!(of(&body([])).as_deref(), Some("ext_998877"));
    assert_eq!(of(&with(body([]), &[("interaction_id", json!(" "))])), None);
}

#[test]
fn a_line_is_known_by_its_content_and_one_that_is_no_json_by_its_bytes() {
    // `printf '{"a":1,"b":2}' | sha256sum`, and of `no JSON`.
    let of_content = "line:43258cff783fe7036d8a43033f830adfc60ec037382473548ac742b888292777";
    let of_bytes = "line:29ecbeb830e3244605e5a88493e4088424a71780e5cf59bb3475f278f294335b";
    assert_eq!(content_key(br#"{ "b": 2, "a": 1 }"#), of_content);
    assert_eq!(content_key(b"no JSON"), of_bytes);
}
