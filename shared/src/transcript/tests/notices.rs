//! NICE's own notification socket: what is asked, and what becomes of what it tells.

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::domain::{InteractionId, Speaker};
use crate::transcript::Interaction;
use crate::transcript::contacts::Contacts;
use crate::transcript::dialect::{Command, Dialect, Listener, Upshot};
use crate::transcript::frame::{FrameFields, FrameFlaw, Line, MOST_TEXT};
use crate::transcript::notice::{Notice, NoticeFields};

fn listener() -> Listener {
    let names = NoticeFields {
        topics: vec!["contacts".to_owned()],
        ..NoticeFields::default()
    };
    Listener::new(Dialect::Notices, &FrameFields::default(), &names)
}

fn message(data: &Value) -> String {
    json!({"command": "MESSAGE", "body": {"Topic": "c-1_transcript", "Data": data}}).to_string()
}

fn utterance(number: u64, text: &str) -> String {
    message(
        &json!({"contactId": "c-1", "messageBody": text, "messageIsCompletedUtterance": true,
        "transcriptionSrNo": number, "languageCode": "en-US", "channelTag": "customer"}),
    )
}

fn subscribe(topic: &str) -> Command {
    Command::Subscribe(topic.to_owned())
}

/// What is forwarded after these messages, by somebody who goes on with `interaction`.
fn told(
    listener: &mut Listener,
    interaction: &mut Interaction,
    messages: &[String],
) -> Vec<String> {
    let mut told = Vec::new();
    for message in messages {
        let Ok(Upshot { heard, .. }) = listener.read(message.as_bytes()) else {
            continue;
        };
        if let Some(heard) = heard {
            let said = interaction.hear(&heard.lines, Timestamp::UNIX_EPOCH);
            told.extend(said.into_iter().map(|one| one.text));
        }
    }
    told
}

#[test]
fn whoever_connects_asks_for_everything_again() {
    let mut listener = listener();
    assert_eq!(listener.greet(), [Command::Connect, subscribe("contacts")]);
    let present = message(&json!({"contactId": 17, "state": "active"}));
    let upshot = listener.read(present.as_bytes()).unwrap();
    assert_eq!(upshot.commands, [subscribe("17_transcript")]);
    assert!(upshot.heard.is_none());
    assert!(
        listener
            .read(present.as_bytes())
            .unwrap()
            .commands
            .is_empty()
    );
    let greeting = [
        Command::Connect,
        subscribe("contacts"),
        subscribe("17_transcript"),
    ];
    assert_eq!(listener.greet(), greeting);
    let over = message(&json!({"contactId": 17, "state": "ended"}));
    let upshot = listener.read(over.as_bytes()).unwrap();
    assert_eq!(
        upshot.commands,
        [Command::Unsubscribe("17_transcript".to_owned())]
    );
    assert!(upshot.heard.is_some_and(|heard| heard.has_ended));
    assert_eq!(listener.greet(), greeting[..2]);
}

#[test]
fn commands_are_those_of_the_contract() {
    for (command, expected) in [
        (
            Command::Connect,
            json!({"command": "CONNECT", "headers": {"sessionToken": "t"}, "body": {}}),
        ),
        (
            subscribe("a"),
            json!({"command": "SUBSCRIBE", "headers": {"sessionToken": "t"}, "body": {"topic": "a"}}),
        ),
        (
            Command::Heartbeat,
            json!({"command": "HEARTBEAT", "headers": {"sessionToken": "t"}, "body": {}}),
        ),
    ] {
        let sent: Value = serde_json::from_str(&command.to_json("t")).unwrap();
        assert_eq!(sent, expected);
    }
    assert_eq!(listener().beat(), Some(Command::Heartbeat));
    let frames = Listener::new(
        Dialect::Frames,
        &FrameFields::default(),
        &NoticeFields::default(),
    );
    assert!(frames.greet().is_empty() && frames.beat().is_none());
}

#[test]
fn complete_utterances_count_once_by_their_numbers() {
    let partial = message(
        &json!({"contactId": "c-1", "messageBody": "Yes", "messageIsCompletedUtterance": false, "transcriptionSrNo": 1}),
    );
    let messages = [
        partial,
        utterance(1, "Yes."),
        utterance(1, "Yes."),
        utterance(2, "Yes."),
        utterance(4, "Four."),
        utterance(3, " Three\u{0}. "),
        utterance(5, "…"),
    ];
    let (mut listener, mut interaction) = (listener(), Interaction::default());
    let heard = told(&mut listener, &mut interaction, &messages);
    assert_eq!(heard, ["Yes.", "Yes.", "Four.", "Three ."]);
    // Whoever takes over is told all of it again, and goes on with what was stored.
    let stored = serde_json::to_string(&interaction).unwrap();
    let mut interaction: Interaction = serde_json::from_str(&stored).unwrap();
    let mut other = self::listener();
    assert!(told(&mut other, &mut interaction, &messages).is_empty());
    assert_eq!(
        told(&mut other, &mut interaction, &[utterance(6, "Six.")]),
        ["Six."]
    );
}

#[test]
fn an_utterance_says_who_and_in_which_language() {
    let mut listener = listener();
    let upshot = listener.read(utterance(1, "Hello.").as_bytes()).unwrap();
    assert_eq!(upshot.commands, [subscribe("c-1_transcript")]);
    let line = upshot.heard.unwrap().lines.remove(0);
    assert_eq!((line.speaker, line.number), (Speaker::Customer, Some(1)));
    assert_eq!(line.language.unwrap().as_str(), "en-US");
}

#[test]
fn flaws_have_names_and_other_messages_none() {
    let mut listener = listener();
    for (message, flaw) in [
        (
            message(
                &json!({"contactId": "c", "messageIsCompletedUtterance": true, "messageBody": "x"}),
            ),
            FrameFlaw::Numberless,
        ),
        (
            message(
                &json!({"contactId": "c", "messageIsCompletedUtterance": true, "transcriptionSrNo": 1}),
            ),
            FrameFlaw::Numberless,
        ),
        (message(&json!({"contactId": " "})), FrameFlaw::Nameless),
        ("[]".to_owned(), FrameFlaw::NotJson),
        (" ".repeat(MOST_TEXT + 1), FrameFlaw::TooLarge),
    ] {
        assert_eq!(listener.read(message.as_bytes()).err(), Some(flaw));
    }
    for other in [json!({}), json!({"command": "CONNECTED", "headers": {}})] {
        let upshot = listener.read(other.to_string().as_bytes()).unwrap();
        assert!(upshot.heard.is_none() && upshot.commands.is_empty());
    }
}

proptest! {
    #[test]
    fn whatever_is_told_in_whatever_order_is_forwarded_once(
        order in proptest::collection::vec(1_u64..30, 0..120),
        hand_over in 0_usize..120,
    ) {
        let messages: Vec<_> = order.iter().map(|number| utterance(*number, &format!("N{number}."))).collect();
        let (before, after) = messages.split_at(hand_over.min(messages.len()));
        let mut interaction = Interaction::default();
        let mut heard = told(&mut listener(), &mut interaction, before);
        heard.extend(told(&mut listener(), &mut interaction, after));
        let mut expected: Vec<_> = order.iter().map(|number| format!("N{number}.")).collect();
        expected.sort();
        expected.dedup();
        heard.sort();
        prop_assert_eq!(heard, expected);
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = listener().read(&bytes);
    }
}

#[test]
fn of_all_contacts_no_more_is_known_than_fits() {
    let mut contacts = Contacts::default();
    let id = |number: u32| InteractionId::parse(number.to_string()).unwrap();
    let line = Line {
        transcript: "x".repeat(100 << 10),
        number: Some(1),
        ..Line::default()
    };
    for number in 0..1_500 {
        let told = contacts.take(Notice::Said(id(number), line.clone()));
        assert!(told.heard.is_some() && told.new.is_some());
    }
    let known = contacts.all().count();
    assert!((900..1_000).contains(&known), "{known}");
    // Those who spoke last; and whoever ends makes room.
    assert!(contacts.all().any(|one| *one == id(1_499)));
    assert!(contacts.all().all(|one| *one != id(0)));
    for number in 0..1_500 {
        contacts.take(Notice::Ended(id(number)));
    }
    assert_eq!(contacts.all().count(), 0);
    contacts.take(Notice::Said(id(0), line));
    assert_eq!(contacts.all().count(), 1);
}
