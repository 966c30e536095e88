use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::transcript::frame::Line;
use crate::transcript::{Interaction, Utterance};

const QUIET: SignedDuration = SignedDuration::from_millis(1_500);

/// How a transcript arrives.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// So many more of its characters.
    Grow(usize),
    /// The same again.
    Repeat,
    /// An earlier state of it: so many characters fewer.
    Stale(usize),
    /// Nothing for longer than it takes, once a word is over.
    Quiet,
    /// Another listener goes on.
    HandOver,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1_usize..30).prop_map(Step::Grow),
        1 => Just(Step::Repeat),
        1 => (1_usize..60).prop_map(Step::Stale),
        1 => Just(Step::Quiet),
        1 => Just(Step::HandOver),
    ]
}

/// Words and marks as people speak and recognisers write.
fn transcript() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "I", "want", "a", "refund", "Mr.", "Smith", "3.5", "kg", "e.g.", "the", "U.S.", "yes",
        "Yes", "no", "könnte", "你好", "2.", "don't", "order", "late",
    ]);
    let mark = prop::sample::select(vec!["", "", "", "", ".", "?", "!", ",", ".\"", "。"]);
    let space = prop::sample::select(vec![" ", " ", " ", "  ", "\n"]);
    let part = (word, mark, space).prop_map(|(word, mark, space)| {
        let mark = if word.ends_with('.') { "" } else { mark };
        format!("{word}{mark}{space}")
    });
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
}

/// Words of these letters, as nothing but a sentence.
fn sentence(word: &'static str) -> impl Strategy<Value = String> {
    prop::collection::vec(word, 1..6).prop_map(|words| format!("So {}.", words.join(" ")))
}

struct Ear {
    talk: Interaction,
    now: Timestamp,
    told: Vec<Utterance>,
}

impl Ear {
    fn hear(&mut self, text: &str) {
        self.now += SignedDuration::from_millis(100);
        let line = Line {
            transcript: text.to_owned(),
            ..Line::default()
        };
        self.told.extend(self.talk.hear(&[line], self.now));
    }

    fn live(&mut self, transcript: &[char], steps: &[Step]) {
        let prefix = |length: usize| transcript[..length].iter().collect::<String>();
        let mut length = 0;
        for step in steps {
            match *step {
                Step::Grow(by) => length = (length + by).min(transcript.len()),
                Step::Repeat => {}
                Step::Stale(by) => self.hear(&prefix(length.saturating_sub(by))),
                Step::Quiet => {
                    // A word that quiet cut in two would be a word that changed.
                    while length < transcript.len() && !transcript[length].is_whitespace() {
                        length += 1;
                    }
                    self.hear(&prefix(length));
                    self.now += QUIET;
                    self.told.extend(self.talk.pause(QUIET, self.now));
                }
                Step::HandOver => {
                    let stored = serde_json::to_string(&self.talk).unwrap();
                    self.talk = serde_json::from_str(&stored).unwrap();
                }
            }
            self.hear(&prefix(length));
        }
        self.hear(&prefix(transcript.len()));
        self.told.extend(self.talk.end(self.now));
    }
}

/// Its letters: a mark that comes after its sentence was told says nothing any more.
fn letters(text: &str) -> String {
    text.chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn what_is_told_is_what_was_said(transcript in transcript(), steps in prop::collection::vec(step(), 0..80)) {
        let mut ear = Ear { talk: Interaction::default(), now: Timestamp::UNIX_EPOCH, told: Vec::new() };
        let characters: Vec<char> = transcript.chars().collect();
        ear.live(&characters, &steps);
        let told: String = ear.told.iter().map(|one| one.text.as_str()).collect();
        prop_assert_eq!(letters(&told), letters(&transcript));
        let numbers: Vec<u64> = ear.told.iter().map(|one| one.sequence).collect();
        prop_assert_eq!(numbers, (1..).take(ear.told.len()).collect::<Vec<u64>>());
        let mut offset = 0;
        for one in &ear.told {
            prop_assert_eq!(one.offset, offset);
            offset += u64::try_from(one.text.chars().count()).unwrap() + 1;
        }
    }

    #[test]
    fn what_was_taken_back_is_told_when_it_is_said_later(
        before in prop::collection::vec(sentence("[a-c]{3,4}"), 0..4),
        taken_back in prop::collection::vec(sentence("[g-i]{3,4}"), 1..4),
        instead in sentence("[m-o]{3,4}"),
        after in prop::collection::vec(sentence("[a-c]{3,4}|[g-i]{3,4}|[m-o]{3,4}"), 0..8),
    ) {
        let mut ear = Ear { talk: Interaction::default(), now: Timestamp::UNIX_EPOCH, told: Vec::new() };
        let after = [vec![instead], after].concat();
        ear.hear(&[&before[..], &taken_back].concat().join(" "));
        for said in 1..=after.len() {
            ear.hear(&[&before[..], &after[..said]].concat().join(" "));
        }
        let told: Vec<_> = ear.told.into_iter().map(|one| one.text).collect();
        prop_assert_eq!(told.join(" "), [before, taken_back, after].concat().join(" "));
    }

    #[test]
    fn no_transcript_panics(texts in prop::collection::vec("\\PC{0,80}|[a-c.?! \n。]{0,60}", 1..12)) {
        let mut ear = Ear { talk: Interaction::default(), now: Timestamp::UNIX_EPOCH, told: Vec::new() };
        for text in &texts {
            ear.hear(text);
        }
        ear.told.extend(ear.talk.end(ear.now));
        prop_assert!(ear.told.iter().all(|one| !one.text.is_empty()));
    }
}
