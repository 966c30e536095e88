use jiff::{SignedDuration, Timestamp};

use crate::domain::Speaker;
use crate::transcript::frame::Line;
use crate::transcript::{Interaction, Utterance};

const QUIET: SignedDuration = SignedDuration::from_millis(1_500);

fn at(ms: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_millis(ms)
}

fn lines(texts: &[&str]) -> Vec<Line> {
    let line = |text: &&str| Line {
        transcript: (*text).to_owned(),
        ..Line::default()
    };
    texts.iter().map(line).collect()
}

fn texts(heard: &[Utterance]) -> Vec<(&str, bool)> {
    heard
        .iter()
        .map(|one| (one.text.as_str(), one.is_complete))
        .collect()
}

#[test]
fn a_sentence_is_told_when_it_ends_and_the_rest_when_it_is_quiet() {
    let mut talk = Interaction::default();
    let heard = talk.hear(&lines(&["Hello there. I would"]), at(0));
    assert_eq!(texts(&heard), [("Hello there.", true)]);
    assert!(
        talk.hear(&lines(&["Hello there. I would like"]), at(1_000))
            .is_empty()
    );
    assert_eq!(talk.waiting_since(), Some(at(1_000)));
    assert!(
        talk.hear(&lines(&["Hello there. I would like"]), at(2_000))
            .is_empty()
    );
    assert!(talk.pause(QUIET, at(2_499)).is_empty());
    assert_eq!(
        texts(&talk.pause(QUIET, at(2_500))),
        [("I would like", false)]
    );
    assert_eq!(talk.waiting_since(), None);
    assert!(talk.pause(QUIET, at(9_000)).is_empty());
    let heard = talk.hear(&lines(&["Hello there. I would like to pay."]), at(9_100));
    assert_eq!(texts(&heard), [("to pay.", true)]);
}

#[test]
fn each_channel_has_its_number_and_what_has_a_number_of_its_own_has_none() {
    let mut talk = Interaction::default();
    let mut all = lines(&["Hello. And", "Good morning. Well"]);
    all.push(Line {
        transcript: "Noted.".to_owned(),
        number: Some(7),
        ..Line::default()
    });
    let mut heard = talk.hear(&all, at(0));
    heard.extend(talk.pause(QUIET, at(1_500)));
    heard.extend(talk.hear(
        &lines(&["Hello. And so", "Good morning. Well then"]),
        at(2_000),
    ));
    heard.extend(talk.end(at(2_100)));
    let channels = heard.iter().map(|one| (one.text.as_str(), one.channel));
    let expected = [
        ("Noted.", None),
        ("Hello.", Some(0)),
        ("Good morning.", Some(1)),
        ("And", Some(0)),
        ("Well", Some(1)),
        ("so", Some(0)),
        ("then", Some(1)),
    ];
    assert_eq!(channels.collect::<Vec<_>>(), expected);
}

#[test]
fn what_has_its_mark_is_complete_even_if_quiet_decided() {
    let mut talk = Interaction::default();
    assert!(talk.hear(&lines(&["It costs 3."]), at(0)).is_empty());
    assert_eq!(
        texts(&talk.pause(QUIET, at(1_500))),
        [("It costs 3.", true)]
    );
    assert!(talk.hear(&lines(&["It costs 3. —"]), at(1_600)).is_empty());
    assert!(talk.end(at(1_700)).is_empty(), "a dash says nothing");
}

#[test]
fn the_end_completes_everything() {
    let mut talk = Interaction::default();
    talk.hear(&lines(&["I see", "Thank"]), at(0));
    assert_eq!(texts(&talk.end(at(1))), [("I see", true), ("Thank", true)]);
    assert!(talk.end(at(2)).is_empty());
}

#[test]
fn channels_grow_apart_and_share_their_numbers() {
    let mut talk = Interaction::default();
    let mut both = lines(&["Hi.", "Hello."]);
    both[0].speaker = Speaker::Agent;
    both[1].speaker = Speaker::Customer;
    let mut heard = talk.hear(&both, at(0));
    heard.extend(talk.hear(&lines(&["Hi.", "Hello. My oven is broken."]), at(1)));
    heard.extend(talk.hear(&lines(&["Hi. Oh!", "Hello. My oven is broken."]), at(2)));
    let told: Vec<_> = heard
        .iter()
        .map(|one| (one.sequence, one.offset, one.text.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (1, 0, "Hi."),
            (2, 4, "Hello."),
            (3, 11, "My oven is broken."),
            (4, 30, "Oh!")
        ]
    );
    assert_eq!(
        (heard[0].speaker, heard[1].speaker),
        (Speaker::Agent, Speaker::Customer)
    );
}

#[test]
fn what_was_said_while_nobody_listened_is_late_but_for_its_end() {
    let mut talk = Interaction::default();
    let late = |heard: Vec<Utterance>| -> Vec<_> {
        let late = heard.into_iter().filter(|one| one.is_late);
        late.map(|one| one.text).collect()
    };
    let numbered = |number: u64| Line {
        transcript: format!("N{number}."),
        number: Some(number),
        ..Line::default()
    };
    let mut all = lines(&["One. Two. Three. Four. Five. And", "Yes. No. Well. Oh."]);
    assert_eq!(late(talk.hear(&all, at(0))), ["One."]);
    all.extend((1..=6).map(numbered));
    assert_eq!(late(talk.hear(&all, at(1))), ["N1.", "N2."]);
    // As it is heard while somebody listens.
    let all = lines(&["One. Two. Three. Four. Five. And six. Seven.", ""]);
    assert!(late(talk.hear(&all, at(2))).is_empty());
    assert!(late(talk.end(at(3))).is_empty());
}

#[test]
fn what_was_remembered_before_it_could_be_read_by_this_code_still_can() {
    let stored = r#"{"sequence":2,"offset":24,"channels":[{"said":{"pieces":["8JfSJBRihSQ"],"next":1},"speaker":"unknown","language":null,"rest":["I am","2026-01-15T10:30:00Z"]}]}"#;
    let mut talk: Interaction = serde_json::from_str(stored).unwrap();
    assert_eq!(serde_json::to_string(&talk).unwrap(), stored);
    let heard = talk.hear(&lines(&["Where is my order? I am cross."]), at(0));
    assert_eq!(texts(&heard), [("I am cross.", true)]);
}
