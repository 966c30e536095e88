//! The rules once more, written down differently: both say the same of every transcript.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// The pointers of everything that is wrong with a body whose fields have the right types.
fn broken(body: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let empty = Vec::new();
    let messages = body["messages"].as_array().unwrap_or(&empty);
    if messages.is_empty() {
        found.insert("/messages".to_owned());
    }
    for name in ["interaction_id", "agent_id", "customer_id"] {
        if !is_name(&body[name]) {
            found.insert(format!("/{name}"));
        }
    }
    for (place, message) in messages.iter().enumerate() {
        let wrong = wrong_inside(body, message).into_iter();
        found.extend(wrong.map(|name| format!("/messages/{place}{name}")));
        let is_id = |other: &&Value| other["id"].is_string() && other["id"] == message["id"];
        if is_name(&message["id"]) && messages[..place].iter().any(|it| is_id(&it)) {
            found.insert(format!("/messages/{place}/id"));
        }
        let earlier = messages[..place].iter().rev().find_map(seconds);
        if let (Some(now), Some(earlier)) = (seconds(message), earlier)
            && now < earlier
        {
            found.insert(format!("/messages/{place}/timestamp"));
        }
        let default = format!("msg_{place}");
        let is_taken = messages.iter().any(|it| it["id"] == default.as_str());
        if message["id"].is_null() && wrong_inside(body, message).is_empty() && is_taken {
            found.insert(format!("/messages/{place}/id"));
        }
    }
    found
}

fn wrong_inside(body: &Value, message: &Value) -> Vec<&'static str> {
    let of = |side: &Value| match side.as_str() {
        Some("agent") => Some(&body["agent_id"]),
        Some("customer") => Some(&body["customer_id"]),
        _ => None,
    };
    let (from, to) = (&message["from"], &message["to"]);
    let is_strange = |party: &Value| {
        of(&party["type"]).is_some_and(|known| is_name(known) && *known != party["id"])
    };
    let is_same = of(&from["type"]).is_some() && from["type"] == to["type"];
    let rules = [
        (!message["id"].is_null() && !is_name(&message["id"]), "/id"),
        (of(&from["type"]).is_none(), "/from/type"),
        (of(&to["type"]).is_none() || is_same, "/to/type"),
        (is_strange(from), "/from/id"),
        (is_strange(to), "/to/id"),
        (message["text"] == "", "/text"),
        (seconds(message).is_none(), "/timestamp"),
    ];
    let broken = rules.into_iter().filter(|(is_broken, _)| *is_broken);
    broken.map(|(_, name)| name).collect()
}

fn is_name(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    !text.is_empty() && text.len() < 256 && !text.contains('\n')
}

/// The times that are generated, by hand.
fn seconds(message: &Value) -> Option<u32> {
    match message["timestamp"].as_str()? {
        "2024-06-15T09:00:00Z" => Some(0),
        "2024-06-15T11:00:01+02:00" => Some(1),
        "2024-06-15 09:00:02.5-00:00" => Some(2),
        "2024-06-15T09:00:03.000001Z" => Some(3),
        _ => None,
    }
}

const TIMES: [&str; 6] = [
    "2024-06-15T09:00:00Z",
    "2024-06-15T11:00:01+02:00",
    "2024-06-15 09:00:02.5-00:00",
    "2024-06-15T09:00:03.000001Z",
    "2024-06-15T09:00:00",
    "yesterday",
];

fn any_name() -> impl Strategy<Value = Value> {
    prop_oneof![12 => Just("one"), 1 => Just(""), 1 => Just("a\nb")].prop_map(|text| json!(text))
}

fn any_party() -> impl Strategy<Value = Value> {
    let side = prop_oneof![8 => Just("agent"), 8 => Just("customer"), 1 => Just("bot")];
    let id = prop_oneof![12 => Just("one"), 1 => Just("other")];
    (id, side).prop_map(|(id, side)| json!({ "id": id, "type": side }))
}

fn any_message() -> impl Strategy<Value = Value> {
    let id = prop_oneof![
        3 => Just(Value::Null),
        1 => any_name(),
        4 => "[a-z]{4}".prop_map(|id| json!(id)),
        1 => "msg_[0-5]".prop_map(|id| json!(id)),
    ];
    let text = prop_oneof![9 => "\\PC{1,9}", 1 => Just(String::new())];
    let time = prop_oneof![3 => 0..4_usize, 1 => 0..6_usize];
    (id, any_party(), any_party(), text, time).prop_map(|(id, from, to, text, time)| {
        json!({ "id": id, "from": from, "to": to, "text": text, "timestamp": TIMES[time] })
    })
}

fn any_body() -> impl Strategy<Value = Value> {
    let messages = proptest::collection::vec(any_message(), 0..6);
    let names = (any_name(), any_name(), any_name());
    (names, messages).prop_map(|((interaction, agent, customer), messages)| {
        json!({ "interaction_id": interaction, "agent_id": agent, "customer_id": customer, "messages": messages })
    })
}

/// One message between the right people in both directions, so that some transcripts are sound.
fn likely_body() -> impl Strategy<Value = Value> {
    let message = ("[a-z]{0,9}x", any::<bool>(), 0..4_usize);
    proptest::collection::vec(message, 1..5).prop_map(|messages| {
        let messages = messages.into_iter().map(|(text, is_agents, time)| {
            let sides = if is_agents { ["agent", "customer"] } else { ["customer", "agent"] };
            let [from, to] = sides.map(|side| json!({ "id": "one", "type": side }));
            json!({ "from": from, "to": to, "text": text, "timestamp": TIMES[time] })
        });
        let messages: Vec<_> = messages.collect();
        json!({ "interaction_id": "i", "agent_id": "one", "customer_id": "one", "messages": messages })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn both_find_the_same(body in prop_oneof![any_body(), likely_body()]) {
        let told: BTreeSet<_> = pointers(parse(&body)).into_iter().collect();
        prop_assert_eq!(told, broken(&body));
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Intake::parse(&bytes);
    }

    #[test]
    fn a_body_that_is_broken_anywhere_is_refused_or_read(
        body in likely_body(),
        place in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = body.to_string().into_bytes();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        if let Ok(intake) = Intake::parse(&bytes) {
            prop_assert!(serde_json::from_slice::<Value>(&intake.parts[0].payload).is_ok());
        }
    }
}
