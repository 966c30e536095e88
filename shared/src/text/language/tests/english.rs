//! What the little words decide alone is what whatlang says, wherever it says something.

use serde::Deserialize;
use whatlang::{Info, Lang};

use super::SAID;
use crate::text::language::{MOST_BYTES, english::is_plain};

const LABELLED: [&str; 3] = [
    include_str!("../../../../../tests/data/intents.jsonl"),
    include_str!("../../../../../tests/data/intents.blind.jsonl"),
    include_str!("../../../../../tests/data/pii.jsonl"),
];

#[derive(Deserialize)]
struct Line {
    text: String,
}

fn beginning(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// Labelled lines, and so many of them after each other.
fn lines(count: usize) -> Vec<String> {
    let line = |line| serde_json::from_str::<Line>(line).unwrap().text;
    let joined = LABELLED.map(|lines| {
        let lines: Vec<_> = lines.lines().map(line).collect();
        lines
            .chunks(count)
            .map(|lines| lines.join("\n"))
            .collect::<Vec<_>>()
    });
    joined.concat()
}

/// What is said in another language, as long as can be.
fn others() -> Vec<String> {
    let others = SAID
        .iter()
        .filter(|(language, _, _)| *language != "en")
        .map(|(_, one, two)| format!("{one} {two} ").repeat(MOST_BYTES / one.len()));
    others.collect()
}

/// English before, behind and around something else, which is so many percent of it.
fn mixtures(english: &str, other: &str, percent: usize) -> [String; 3] {
    let other = beginning(other, MOST_BYTES * percent / 100);
    let english = beginning(english, MOST_BYTES - other.len());
    let (head, tail) = english.split_at(english.floor_char_boundary(english.len() / 2));
    [
        format!("{english} {other}"),
        format!("{other} {english}"),
        format!("{head} {other} {tail}"),
    ]
}

#[derive(Debug, Default)]
struct Score {
    texts: u32,
    english: u32,
    plain: u32,
    unsure: u32,
}

impl Score {
    fn add(&mut self, text: &str) {
        let text = beginning(text, MOST_BYTES);
        let verdict = whatlang::detect(text).filter(Info::is_reliable);
        let verdict = verdict.map(|verdict| verdict.lang());
        self.texts += 1;
        self.english += u32::from(verdict == Some(Lang::Eng));
        if is_plain(text) {
            self.plain += 1;
            self.unsure += u32::from(verdict.is_none());
            assert!(
                verdict.is_none_or(|language| language == Lang::Eng),
                "{verdict:?}: {text}"
            );
        }
    }
}

#[test]
fn whatlang_never_says_otherwise() {
    let (mut alone, mut mixed) = (Score::default(), Score::default());
    for count in [1, 2, 3, 5, 8] {
        for text in lines(count) {
            alone.add(&text);
        }
    }
    let english = lines(5).into_iter().filter(|text| is_plain(text));
    for english in english.take(6) {
        for other in others() {
            for percent in [3, 6, 10, 20, 30, 50] {
                for text in mixtures(&english, &other, percent) {
                    mixed.add(&text);
                }
            }
        }
    }
    println!("lines: {alone:?}; mixtures: {mixed:?}");
    assert!(alone.plain * 10 >= alone.english * 2);
    assert!(alone.unsure * 20 <= alone.plain && mixed.unsure * 20 <= mixed.plain);
}

#[test]
fn no_other_language_is_plain_english() {
    for text in others() {
        assert!(!is_plain(beginning(&text, MOST_BYTES)), "{text}");
    }
    let lookalikes = [
        "Ek was in my kamer so was my ma by die deur, of was dit oom Jan in die tuin? Dit is so warm in die stad as my man by die werk is.",
        "We want was het water over de hand in de bad? Over een week is de man van de winkel er, of we had is een week over, want hij is er in de dag.",
        "Was will der Mann in der Hand, so was war es am Ende, an der Wand warm, in der Stadt so alt, was man in der Bank so will, am Ende war es.",
        "I have er der over en hat, i have er der to over at se for, at have her to i en have og over der i alt for at have her.",
        "El are o masina si a are in an as, are am un om in casa si are a or an as are in la are si a fi as am are or in an.",
        "On me a dit on a no on a la main on a pas for on a me an on a dit me a no la vie on a me a no on me a dit la vie.",
    ];
    for text in lookalikes {
        assert!(!is_plain(text), "{text}");
    }
}

#[test]
fn plain_english_is_enough_of_it_and_nothing_else() {
    let (_, one, two) = SAID[0];
    let english = format!("{one} {two}");
    assert!(is_plain(&english));
    assert!(!is_plain(one), "too short");
    assert!(is_plain(&format!("{english} José Müller, Malmö")), "names");
    for (_, other, _) in &SAID[1..] {
        assert!(
            !is_plain(&format!("{english} {other} {english}")),
            "{other}"
        );
    }
    let list = "Router model, cable length, socket colour, box size, shelf height, lamp voltage, invoice total";
    assert!(!is_plain(&format!("{english} {list} {english}")));
}
