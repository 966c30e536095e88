//! Channels go, come and come back; what is said in them is told once, and under no other name.

use jiff::Timestamp;
use proptest::prelude::*;

use crate::domain::Speaker::{self, Agent, Customer, Unknown};
use crate::transcript::Interaction;
use crate::transcript::frame::Line;

/// The lines of a frame in a tenant where the agent comes first. As `frame` has it, a place tells nothing where one is missing.
fn frame(texts: &[&str]) -> Vec<Line> {
    let names = match texts.len() {
        2 => [Agent, Customer],
        _ => [Unknown, Unknown],
    };
    let names = names.into_iter().chain([Unknown]);
    let line = |(text, speaker): (&&str, Speaker)| Line {
        transcript: (*text).to_owned(),
        speaker,
        ..Line::default()
    };
    texts.iter().zip(names).map(line).collect()
}

/// What is told of these frames: who, in which channel, what. In between, the state is stored as for another listener.
fn told(frames: &[&[&str]]) -> Vec<(Speaker, Option<u8>, String)> {
    let mut talk = Interaction::default();
    let mut told = Vec::new();
    for texts in frames {
        let stored = serde_json::to_string(&talk).unwrap();
        talk = serde_json::from_str(&stored).unwrap();
        let heard = talk.hear(&frame(texts), Timestamp::UNIX_EPOCH).into_iter();
        told.extend(heard.map(|one| (one.speaker, one.channel, one.text)));
    }
    told
}

/// What a channel says that names its speaker.
fn named(speaker: Speaker, text: &str) -> Line {
    Line {
        transcript: text.to_owned(),
        speaker,
        is_named: true,
        ..Line::default()
    }
}

fn of(who: Speaker, channel: u8, text: &str) -> (Speaker, Option<u8>, String) {
    (who, Some(channel), text.to_owned())
}

const A: &str = "Thank you for calling.";
const C: &str = "My oven is broken.";

#[test]
fn who_is_left_alone_keeps_the_channel_and_the_name() {
    let more = "My oven is broken. It smokes.";
    let second = "Good day, I am Bo.";
    let told = told(&[
        &[A, C],
        &[more],
        &[second, more],
        &[second, "My oven is broken. It smokes. Help me."],
        &[A, more],
    ]);
    let expected = [
        of(Agent, 0, A),
        of(Customer, 1, C),
        of(Customer, 1, "It smokes."),
        // Who is new has a channel of his own.
        of(Agent, 2, second),
        of(Customer, 1, "Help me."),
    ];
    assert_eq!(told, expected);
}

#[test]
fn who_comes_late_and_is_put_in_front_moves_nobody() {
    let more = "My oven is broken. It smokes.";
    let told = told(&[
        &[C],
        &["Thank", C],
        &[A, more],
        &["Thank you for calling. How come?", more],
    ]);
    let expected = [
        of(Unknown, 0, C),
        of(Agent, 1, A),
        of(Customer, 0, "It smokes."),
        of(Agent, 1, "How come?"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn channels_that_change_places_are_known_again() {
    let more = "Thank you for calling. How come?";
    let told = told(&[&[A, C], &[C, A], &[C, more], &[more, C]]);
    let expected = [
        of(Agent, 0, A),
        of(Customer, 1, C),
        of(Agent, 0, "How come?"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn after_a_transfer_the_place_of_the_one_who_left_tells_nothing() {
    let second = "Good day, I am Bo.";
    let told = told(&[
        &[A, C],
        &[A, C, "Good day,"],
        &[C, second],
        &[C, "Good day, I am Bo. What broke?"],
    ]);
    let expected = [
        of(Agent, 0, A),
        of(Customer, 1, C),
        of(Unknown, 2, second),
        of(Unknown, 2, "What broke?"),
    ];
    assert_eq!(told, expected, "and no customer is a second agent");
}

#[test]
fn few_words_that_are_alike_move_nobody() {
    // The customer's channel says nothing for a moment, and the agent's first word was corrected to the customer's.
    let told = told(&[
        &["Well. Thank you for calling.", "Hello. My oven is broken."],
        &["Hello. Thank you for calling.", ""],
        &["Hello. Thank you for calling.", "Hello. My oven is broken."],
    ]);
    let texts: Vec<_> = told
        .iter()
        .map(|(who, _, text)| (*who, &text[..]))
        .collect();
    let expected = [
        (Agent, "Well."),
        (Agent, A),
        (Customer, "Hello."),
        (Customer, C),
        (Agent, "Hello."),
    ];
    assert_eq!(texts, expected);
}

#[test]
fn a_word_of_somebody_else_names_nobody_who_was_silent() {
    // The recogniser takes its guess back, and the other one begins with the same word.
    let told = told(&[&["", "Hello?"], &["Hello, thank you.", ""]]);
    let expected = [of(Customer, 1, "Hello?"), of(Agent, 0, "Hello, thank you.")];
    assert_eq!(told, expected);
}

#[test]
fn what_a_channel_says_of_itself_goes_before_what_it_begins_with() {
    let mut talk = Interaction::default();
    let mut told = Vec::new();
    for lines in [
        vec![named(Agent, "Hello.")],
        vec![
            named(Customer, "Hello."),
            named(Agent, "Hello. How can I help?"),
        ],
        // The tenant corrects its label.
        vec![
            named(Customer, "Hello. It broke."),
            named(Customer, "Hello. How can I help? Well."),
        ],
    ] {
        let heard = talk.hear(&lines, Timestamp::UNIX_EPOCH).into_iter();
        told.extend(heard.map(|one| (one.speaker, one.channel, one.text)));
    }
    let expected = [
        of(Agent, 0, "Hello."),
        of(Customer, 1, "Hello."),
        of(Agent, 0, "How can I help?"),
        of(Customer, 1, "It broke."),
        of(Customer, 0, "Well."),
    ];
    assert_eq!(told, expected);
}

#[test]
fn labels_that_are_swapped_move_no_long_text_for_a_word() {
    let long = "Hello, thank you for calling.";
    let mut talk = Interaction::default();
    let mut told = Vec::new();
    for lines in [
        [named(Agent, long), named(Customer, "Hello?")],
        [named(Customer, long), named(Agent, "Hello?")],
    ] {
        let heard = talk.hear(&lines, Timestamp::UNIX_EPOCH).into_iter();
        told.extend(heard.map(|one| (one.speaker, one.channel, one.text)));
    }
    assert_eq!(told, [of(Agent, 0, long), of(Customer, 1, "Hello?")]);
}

/// A sentence of the agent or of the customer, of which nobody else has a word.
fn sentence(who: char, number: usize) -> String {
    format!("{who}{number}one {who}{number}two {who}{number}three.")
}

fn all(who: char, count: usize) -> String {
    let sentences: Vec<_> = (0..count).map(|number| sentence(who, number)).collect();
    sentences.join(" ")
}

proptest! {
    #[test]
    fn whatever_is_listed_in_whatever_order_is_told_once_and_under_no_other_name(
        steps in prop::collection::vec((0_usize..3, 0_usize..3, 0_usize..4), 1..30),
    ) {
        let (mut agent, mut customer) = (1, 1);
        let mut talk = Interaction::default();
        let mut heard = talk.hear(&frame(&[&all('A', 1), &all('C', 1)]), Timestamp::UNIX_EPOCH);
        for (more, other, order) in steps {
            (agent, customer) = (agent + more, customer + other);
            let (a, c) = (all('A', agent), all('C', customer));
            let orders = [vec![&a[..], &c], vec![&c, &a], vec![&a], vec![&c]];
            heard.extend(talk.hear(&frame(&orders[order]), Timestamp::UNIX_EPOCH));
        }
        let (a, c) = (all('A', agent), all('C', customer));
        heard.extend(talk.hear(&frame(&[&a, &c]), Timestamp::UNIX_EPOCH));
        for (who, letter, count) in [(Agent, 'A', agent), (Customer, 'C', customer)] {
            let own = heard.iter().filter(|one| one.text.starts_with(letter));
            let own: Vec<_> = own.map(|one| (one.speaker, one.text.clone())).collect();
            let expected: Vec<_> = (0..count).map(|number| (who, sentence(letter, number))).collect();
            prop_assert_eq!(own, expected);
        }
    }
}

#[test]
fn who_comes_after_many_takes_the_channel_of_somebody_who_left() {
    let said = |number| format!("I{number} am{number} not{number} who{number} spoke.");
    let mut talk = Interaction::default();
    let mut told = Vec::new();
    for number in 1..300 {
        let (new, before) = (said(number), said(number - 1));
        let heard = talk.hear(&frame(&[&new, &before]), Timestamp::UNIX_EPOCH);
        assert!(heard.iter().all(|one| one.channel < Some(64)));
        told.extend(heard.into_iter().map(|one| one.text));
    }
    told.sort();
    let mut all: Vec<_> = (0..300).map(said).collect();
    all.sort();
    assert_eq!(told, all);
    let kept = serde_json::to_value(&talk).unwrap();
    assert_eq!(kept["channels"].as_array().unwrap().len(), 64);
}
