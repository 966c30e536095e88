//! Long transcripts in parts.

use proptest::prelude::*;

use super::*;

fn split(messages: impl IntoIterator<Item = Value>) -> Value {
    with(body(messages), &[("split", json!(true))])
}

/// A message with a text of so many bytes.
fn sized(second: usize, bytes: usize) -> Value {
    let mut message = message(second);
    message["text"] = json!("x".repeat(bytes));
    message
}

#[test]
fn what_fits_is_one_part() {
    let plain = parse(&body([message(0)])).unwrap();
    assert_eq!(parse(&split([message(0)])).unwrap(), plain);
}

#[test]
fn parts_are_numbered_and_keep_order() {
    let intake = parse(&split((0..1_001).map(message))).unwrap();
    let counts: Vec<_> = intake.parts.iter().map(|part| part.messages).collect();
    assert_eq!(counts, [500, 500, 1]);
    let last = &payloads(&intake)[2];
    let properties = json!({ "interactionId": "ext_998877", "part": 3, "parts": 3 });
    assert_eq!(last["properties"], properties);
    assert_eq!(last["messages"][0]["id"], "msg_1000");
}

#[test]
fn a_message_that_is_too_large_for_a_part_is_refused() {
    let wrong = split([sized(0, 10), sized(1, MOST_PAYLOAD), sized(2, MOST_PAYLOAD)]);
    assert_eq!(pointers(parse(&wrong)), ["/messages/1", "/messages/2"]);
}

/// Parts are measured as if their numbers had five digits each; these have one.
#[test]
fn a_part_is_full_to_its_last_byte() {
    let counts = |texts: &[usize]| -> Result<Vec<(usize, usize)>, Error> {
        let messages = (0..)
            .zip(texts)
            .map(|(second, bytes)| sized(second, *bytes));
        let parts = parse(&split(messages))?.parts.into_iter();
        Ok(parts
            .map(|part| (part.messages, part.payload.len()))
            .collect())
    };
    let full = MOST_PAYLOAD - 8;
    let (one, two) = (
        full - (counts(&[600_000, 600_000]).unwrap()[0].1 - 600_000),
        full - (counts(&[1, 600_000, 600_000]).unwrap()[0].1 - 600_000),
    );
    assert_eq!(counts(&[one, 1]).unwrap()[0], (1, full));
    assert_eq!(pointers(counts(&[one + 1, 1])), ["/messages/0"]);
    assert_eq!(counts(&[1, two, 600_000]).unwrap()[0], (2, full));
    assert_eq!(counts(&[1, two + 1, 600_000]).unwrap()[0].0, 1);
}

#[test]
fn more_than_can_be_split_is_refused() {
    let wrong = split((0..=MOST_TO_SPLIT).map(|_| message(0)));
    assert_eq!(pointers(parse(&wrong)), ["/messages"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn parts_hold_everything_once_and_no_fewer_would_do(
        sizes in proptest::collection::vec(prop_oneof![9 => 1..5_000_usize, 1 => 1..1_040_000_usize], 1..60),
        small in 0..600_usize,
    ) {
        let sizes = sizes.into_iter().chain(std::iter::repeat_n(1, small));
        let messages: Vec<_> = sizes.enumerate().map(|(second, bytes)| sized(second, bytes)).collect();
        let sent = split(messages.iter().cloned());
        if sent.to_string().len() > MOST_BODY {
            return Ok(());
        }
        let intake = parse(&sent).unwrap();
        let payloads = payloads(&intake);
        let parts = payloads.len();
        let mut got = Vec::new();
        for (index, (part, payload)) in intake.parts.iter().zip(&payloads).enumerate() {
            let inside = payload["messages"].as_array().unwrap();
            prop_assert!(part.payload.len() <= MOST_PAYLOAD);
            prop_assert!(inside.len() <= MOST_MESSAGES);
            prop_assert_eq!(inside.len(), part.messages);
            if parts > 1 {
                prop_assert_eq!(&payload["properties"]["part"], index + 1);
                prop_assert_eq!(&payload["properties"]["parts"], parts);
            }
            got.extend(inside.iter().map(|it| (it["timestamp"].clone(), it["text"].clone())));
        }
        let sent: Vec<_> = messages.iter().map(|it| (it["timestamp"].clone(), it["text"].clone())).collect();
        prop_assert_eq!(got, sent);
        for (one, next) in intake.parts.iter().zip(intake.parts.iter().skip(1)) {
            // A part ends where the next message finds no room. What is said of all messages has less than 300 bytes.
            let first: Value = serde_json::from_slice(&next.payload).unwrap();
            let first = first["messages"][0].to_string().len();
            prop_assert!(one.messages == MOST_MESSAGES || one.payload.len() + first + 300 > MOST_PAYLOAD);
        }
    }
}
