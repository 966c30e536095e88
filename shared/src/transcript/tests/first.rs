//! Who speaks first says who speaks, if a tenant says so and nothing else does.

use jiff::Timestamp;
use proptest::prelude::*;

use crate::domain::Speaker::{self, Agent, Customer, Unknown};
use crate::transcript::Interaction;
use crate::transcript::frame::Line;

/// A channel of a tenant whose agents speak first.
fn line(text: &str) -> Line {
    Line {
        transcript: text.to_owned(),
        if_first: Some(Agent),
        ..Line::default()
    }
}

/// Who is told in these frames, in their order. In between, the state is stored as for another listener.
fn told(frames: &[&[Line]]) -> Vec<(Speaker, String)> {
    let mut talk = Interaction::default();
    let mut told = Vec::new();
    for lines in frames {
        let stored = serde_json::to_string(&talk).unwrap();
        talk = serde_json::from_str(&stored).unwrap();
        let heard = talk.hear(lines, Timestamp::UNIX_EPOCH).into_iter();
        told.extend(heard.map(|one| (one.speaker, one.text)));
    }
    told
}

fn speakers(frames: &[&[Line]]) -> Vec<Speaker> {
    told(frames)
        .into_iter()
        .map(|(speaker, _)| speaker)
        .collect()
}

#[test]
fn in_whichever_channel_it_was() {
    let (agent, customer) = (line("Good day."), line("My oven broke."));
    let silent = line("");
    for frames in [
        [vec![agent.clone()], vec![agent.clone(), customer.clone()]],
        [vec![silent, agent.clone()], vec![customer, agent]],
    ] {
        let frames: Vec<_> = frames.iter().map(Vec::as_slice).collect();
        let expected = [(Agent, "Good day."), (Customer, "My oven broke.")];
        let expected = expected.map(|(who, text)| (who, text.to_owned()));
        assert_eq!(told(&frames), expected);
    }
}

#[test]
fn a_sound_without_words_is_nothing_said() {
    let frames: [&[Line]; 2] = [&[line("…")], &[line("…"), line("Good day.")]];
    assert_eq!(speakers(&frames), [Agent]);
}

#[test]
fn of_two_who_are_heard_at_once_nobody_knows_who_was_first() {
    let both = [line("Good day."), line("My oven broke.")];
    let third = [line("Good day."), line("My oven broke."), line("Hello.")];
    assert_eq!(speakers(&[&both, &third]), [Unknown; 3]);
    let greeted = [line("Good day.")];
    assert_eq!(speakers(&[&greeted, &third]), [Agent, Unknown, Unknown]);
}

#[test]
fn of_a_third_nobody_knows_on_whose_side() {
    let all = ["Good day.", "My oven broke.", "Hello, this is Bo."].map(line);
    let frames = [&all[..1], &all[..2], &all[..]];
    assert_eq!(speakers(&frames), [Agent, Customer, Unknown]);
}

#[test]
fn a_guess_that_is_taken_back_was_not_heard() {
    let [silent, guess, agent, customer] = ["", "Hm um", "Good day.", "My oven broke."].map(line);
    let noise: [&[Line]; 4] = [
        &[silent.clone(), guess.clone()],
        &[silent.clone(), silent.clone()],
        &[agent.clone(), silent.clone()],
        &[agent.clone(), customer.clone()],
    ];
    assert_eq!(speakers(&noise), [Agent, Customer]);
    // Who was taken for the second one meanwhile is the first.
    let rest = line("Good day");
    let late: [&[Line]; 4] = [
        &[silent.clone(), guess.clone()],
        &[rest.clone(), guess],
        &[rest, silent],
        &[agent, customer],
    ];
    assert_eq!(speakers(&late), [Agent, Customer]);
}

#[test]
fn where_customers_speak_first_agents_answer() {
    let lines = ["Hello?", "Good day."].map(|text| Line {
        if_first: Some(Customer),
        ..line(text)
    });
    assert_eq!(speakers(&[&lines[..1], &lines]), [Customer, Agent]);
}

#[test]
fn what_a_channel_says_of_itself_goes_before() {
    let named = |text: &str, speaker| Line {
        speaker,
        is_named: true,
        if_first: None,
        ..line(text)
    };
    let robot = named("You are third in line.", Unknown);
    let greeted = [robot.clone(), named("My oven broke.", Customer)];
    assert_eq!(speakers(&[&[robot], &greeted]), [Unknown, Customer]);
}

#[test]
fn what_was_stored_before_orders_had_a_place_names_nobody() {
    let mut talk = Interaction::default();
    let two = [line("Good day."), line("My oven broke.")];
    talk.hear(&two[..1], Timestamp::UNIX_EPOCH);
    let mut stored = serde_json::to_value(&talk).unwrap();
    let channel = stored["channels"][0].as_object_mut().unwrap();
    assert!(channel.remove("heard_after").is_some());
    let mut talk: Interaction = serde_json::from_value(stored).unwrap();
    let heard = talk.hear(&two, Timestamp::UNIX_EPOCH);
    let speakers: Vec<_> = heard.iter().map(|one| one.speaker).collect();
    assert_eq!(
        speakers,
        [Customer],
        "the second one, whoever the first was"
    );
}

proptest! {
    /// Frames come as whoever speaks goes on; each names the channels that spoke so far, in one order or the other.
    #[test]
    fn nobody_changes_sides(turns in prop::collection::vec((any::<bool>(), any::<bool>()), 1..30)) {
        let mut said = [String::new(), String::new()];
        let mut talk = Interaction::default();
        // The agent greets.
        for (number, (is_customer, is_turned)) in [(false, false)].into_iter().chain(turns).enumerate() {
            let side = usize::from(is_customer);
            let who = ["a", "c"][side];
            let sentence = format!(" {who}{number}one {who}{number}two {who}{number}three.");
            said[side].push_str(&sentence);
            let mut lines: Vec<_> = said.iter().filter(|text| !text.is_empty()).map(|text| line(text)).collect();
            if is_turned {
                lines.reverse();
            }
            for one in talk.hear(&lines, Timestamp::UNIX_EPOCH) {
                let expected = if one.text.starts_with('a') { Agent } else { Customer };
                prop_assert_eq!(one.speaker, expected, "{}", one.text);
            }
        }
    }
}
