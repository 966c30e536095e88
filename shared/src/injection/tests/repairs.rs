//! What is repaired, and that it is told.

use proptest::prelude::*;

use super::*;

fn repair(messages: impl IntoIterator<Item = Value>) -> Value {
    with(body(messages), &[("repair", json!(true))])
}

fn named(id: &str, second: usize) -> Value {
    let mut message = message(second);
    message["id"] = json!(id);
    message
}

/// The ids and times that are sent.
fn sent(intake: &Intake) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let payload = &payloads(intake)[0];
    let messages = payload["messages"].as_array().unwrap().iter();
    messages
        .map(|it| (text(&it["id"]), text(&it["timestamp"])))
        .collect()
}

#[test]
fn a_sound_transcript_is_left_alone() {
    let intake = parse(&repair([named("a", 0), named("b", 1)])).unwrap();
    assert_eq!(intake.repairs, Some(Repairs::default()));
    let plain = parse(&body([named("a", 0), named("b", 1)])).unwrap();
    assert_eq!(intake.parts, plain.parts);
}

#[test]
fn every_repair_is_counted() {
    let intake = parse(&repair([
        named("late", 5),
        message(1),
        named("late", 5),
        message(1),
        named("msg_0", 1),
        named("other", 1),
    ]))
    .unwrap();
    let repairs = Repairs {
        sorted: 4,
        defaulted: 1,
        dropped: 2,
        moved: 2,
    };
    assert_eq!(intake.repairs, Some(repairs));
    let expected = [
        ("msg_0_1", "2024-06-15T09:00:01Z"),
        ("msg_0", "2024-06-15T09:00:01.001Z"),
        ("other", "2024-06-15T09:00:01.002Z"),
        ("late", "2024-06-15T09:00:05Z"),
    ];
    let expected = expected.map(|(id, at)| (id.to_owned(), at.to_owned()));
    assert_eq!(sent(&intake), expected);
}

#[test]
fn an_id_that_is_made_gets_the_first_number_that_is_free() {
    let taken = ["msg_0", "msg_0_1"].into_iter().zip(1..);
    let taken = taken.map(|(id, second)| named(id, second));
    let intake = parse(&repair([message(0)].into_iter().chain(taken))).unwrap();
    assert_eq!(sent(&intake)[0].0, "msg_0_2");
}

#[test]
fn a_message_that_is_moved_moves_the_next_one() {
    let mut close = named("c", 1);
    close["timestamp"] = json!("2024-06-15T09:00:01.0005Z");
    let intake = parse(&repair([named("a", 1), named("b", 1), close])).unwrap();
    let times: Vec<_> = sent(&intake)
        .into_iter()
        .map(|(id, at)| (id, at[17..].to_owned()))
        .collect();
    // By time c stands behind both, and b is moved past it.
    let expected = [("a", "01Z"), ("b", "01.001Z"), ("c", "01.002Z")];
    assert_eq!(
        times,
        expected.map(|(id, at)| (id.to_owned(), at.to_owned()))
    );
    assert_eq!(intake.repairs.unwrap().moved, 2);
}

#[test]
fn nothing_is_repaired_that_would_be_a_guess() {
    let mut other = named("a", 1);
    other["text"] = json!("Something else");
    let mut vague = message(2);
    vague["timestamp"] = json!("2024-06-15T09:00:00");
    let told = pointers(parse(&repair([named("a", 0), other, vague])));
    assert_eq!(told, ["/messages/1/id", "/messages/2/timestamp"]);
}

#[test]
fn no_time_is_moved_out_of_the_calendar() {
    let mut last = message(0);
    last["timestamp"] = json!("9999-12-30T22:00:00.9999Z");
    let mut other = last.clone();
    other["text"] = json!("Something else");
    let told = pointers(parse(&repair([last, other])));
    assert_eq!(told, ["/messages/1/timestamp"]);
}

fn any_message() -> impl Strategy<Value = Value> {
    let id = proptest::option::of(prop_oneof!["msg_[0-3]", "[a-z]{6}"]);
    (id, 0..4_usize, "[xy]").prop_map(|(id, second, text)| {
        let mut message = message(second);
        message["text"] = json!(text);
        if let Some(id) = id {
            message["id"] = json!(id);
        }
        message
    })
}

proptest! {
    #[test]
    fn what_was_repaired_keeps_every_rule_and_every_word(messages in proptest::collection::vec(any_message(), 1..12)) {
        let Ok(intake) = parse(&repair(messages.clone())) else {
            // Two messages of one id that say different things: the only mistake that is possible here.
            return Ok(());
        };
        let repairs = intake.repairs.unwrap();
        let mut distinct: Vec<&Value> = Vec::new();
        for message in &messages {
            if !distinct.contains(&message) {
                distinct.push(message);
            }
        }
        prop_assert_eq!(repairs.dropped, messages.len() - distinct.len());
        prop_assert_eq!(repairs.defaulted, distinct.iter().filter(|it| it.get("id").is_none()).count());
        distinct.sort_by_key(|it| it["timestamp"].as_str().unwrap().to_owned());
        let payload = &payloads(&intake)[0];
        let got = payload["messages"].as_array().unwrap();
        let words: Vec<_> = got.iter().map(|it| &it["text"]).collect();
        let expected: Vec<_> = distinct.iter().map(|it| &it["text"]).collect();
        prop_assert_eq!(words, expected);
        let times: Vec<jiff::Timestamp> = got.iter().map(|it| it["timestamp"].as_str().unwrap().parse().unwrap()).collect();
        prop_assert!(times.is_sorted_by(|one, next| one < next));
        let again = parse(&repair(got.iter().cloned())).unwrap();
        prop_assert_eq!(again.repairs, Some(Repairs::default()));
        prop_assert_eq!(again.parts, intake.parts);
    }
}
