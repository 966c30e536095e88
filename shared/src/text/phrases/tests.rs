//! Phrases of what callers say, and of any text at all.

use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation as _;

use super::*;
use crate::text::terms::count_terms;

/// A model that heeds these words so much, wherever they stand, and everything else a little.
fn heeded(text: &str, words: &[(&str, f32)]) -> Vec<Weighted> {
    let weight = |word: &str| {
        words
            .iter()
            .find(|(known, _)| *known == word)
            .map_or(0.1, |(_, weight)| *weight)
    };
    let pieces = text.unicode_word_indices();
    let piece = |(start, word): (usize, &str)| Weighted {
        range: start..start + word.len(),
        weight: weight(word),
    };
    pieces.map(piece).collect()
}

fn found(text: &str, words: &[(&str, f32)], most: usize) -> Vec<String> {
    let found = KeyPhrases::find(text, &heeded(text, words), Analysis::English, most);
    assert_eq!(found.by, Weigher::Attention);
    found
        .phrases
        .into_iter()
        .map(|phrase| phrase.text)
        .collect()
}

#[test]
fn heavy_words_side_by_side_are_a_phrase() {
    for (text, words, expected) in [
        (
            "I forgot the router password and the screen is dark",
            &[("router", 2.0), ("password", 2.0), ("screen", 1.0)][..],
            &["router password", "screen", "forgot", "dark"][..],
        ),
        // A little word, punctuation and the end of a line part phrases.
        (
            "refund of order, parcel lost\nlamp",
            &[
                ("refund", 3.0),
                ("order", 2.0),
                ("parcel", 4.0),
                ("lost", 4.0),
                ("lamp", 1.8),
            ],
            &["parcel lost", "refund", "order", "lamp"],
        ),
        // The sign within a code does not.
        (
            "it says RT-1234, then stops",
            &[("RT", 2.0), ("1234", 2.0)],
            &["RT-1234", "says", "stops"],
        ),
        // Of four words in a row the three heaviest stay together.
        (
            "wifi mesh repeater offline",
            &[
                ("wifi", 1.0),
                ("mesh", 2.0),
                ("repeater", 2.0),
                ("offline", 2.0),
            ],
            &["mesh repeater offline", "wifi"],
        ),
    ] {
        assert_eq!(found(text, words, 5), expected, "{text}");
    }
}

#[test]
fn what_a_longer_phrase_says_is_not_said_again() {
    let text = "My routers fail. The router password, password router. Passwords!";
    let words = [
        ("routers", 1.0),
        ("router", 1.0),
        ("password", 1.0),
        ("Passwords", 1.0),
        ("fail", 0.9),
    ];
    assert_eq!(found(text, &words, 5), ["router password", "fail"]);
    assert_eq!(
        found(
            "cancel, then cancel the plan, cancel the other plan",
            &[("cancel", 1.0), ("plan", 1.0)],
            9
        ),
        ["cancel", "plan"]
    );
}

/// A light word of a heavy stem is heavy, and the pieces of a word count together.
#[test]
fn pieces_and_repeats_count_together() {
    let text = "chargeback of the fee";
    let piece = |range, weight| Weighted { range, weight };
    let pieces = [piece(0..6, 0.4), piece(6..10, 0.4), piece(18..21, 0.6)];
    let found = KeyPhrases::find(text, &pieces, Analysis::English, 1);
    assert_eq!(
        found.phrases,
        [Phrase {
            text: "chargeback".to_owned(),
            weight: 0.8
        }]
    );
    let text = "fee and fees, chargeback";
    let pieces = [piece(0..3, 0.5), piece(8..12, 0.5), piece(14..24, 0.8)];
    let found = KeyPhrases::find(text, &pieces, Analysis::English, 1);
    assert_eq!(
        found.phrases,
        [Phrase {
            text: "fee".to_owned(),
            weight: 1.0
        }]
    );
}

#[test]
fn without_a_model_words_are_weighed_by_their_look() {
    let find = |text| {
        let found = KeyPhrases::find(text, &[], Analysis::English, 2);
        assert_eq!(found.by, Weigher::Statistics);
        found.to_query()
    };
    assert_eq!(
        find("I am stuck with E-1102 on my own and that is all"),
        "E-1102, stuck"
    );
    assert_eq!(
        find("Well, my husband says the Heron camera is broken"),
        "Heron camera, husband says"
    );
    assert_eq!(find(""), "");
    assert_eq!(find("is it the"), "");
}

#[test]
fn scripts_without_blanks_have_phrases_too() {
    let text = "荷物がまだ届いていません。返金してください。";
    let piece = |(start, letter): (usize, char)| {
        let weight = if "返金荷物".contains(letter) {
            2.0
        } else {
            0.1
        };
        Weighted {
            range: start..start + letter.len_utf8(),
            weight,
        }
    };
    let pieces: Vec<_> = text.char_indices().map(piece).collect();
    let found = KeyPhrases::find(text, &pieces, Analysis::of("ja"), 2);
    assert_eq!(found.to_query(), "荷物が, 返金し");
}

#[test]
fn weights_that_are_none_count_nothing() {
    let text = "router password";
    for weight in [f32::NAN, f32::INFINITY, -1.0, 0.0] {
        let pieces = [
            Weighted {
                range: 0..6,
                weight,
            },
            Weighted {
                range: 7..15,
                weight: 1.0,
            },
            Weighted {
                range: 90..99,
                weight: 9.0,
            },
        ];
        let found = KeyPhrases::find(text, &pieces, Analysis::English, 5);
        assert_eq!(found.to_query(), "password", "{weight}");
    }
}

fn any_heeded() -> impl Strategy<Value = Vec<Weighted>> {
    let piece =
        (0_usize..120, 0_usize..12, 0.0_f32..2.0).prop_map(|(start, length, weight)| Weighted {
            range: start..start + length,
            weight,
        });
    proptest::collection::vec(piece, 0..40)
}

/// What is promised of every answer.
fn hold(
    text: &str,
    found: &KeyPhrases,
    analysis: Analysis,
    most: usize,
) -> Result<(), TestCaseError> {
    prop_assert!(found.phrases.len() <= most);
    prop_assert!(
        found
            .phrases
            .is_sorted_by(|one, next| one.weight >= next.weight)
    );
    let letters: Vec<_> = text
        .grapheme_indices(true)
        .map(|(place, _)| place)
        .chain([text.len()])
        .collect();
    let mut said: Vec<Vec<Box<str>>> = Vec::new();
    for phrase in &found.phrases {
        prop_assert!(phrase.weight > 0.0 && phrase.weight.is_finite());
        let is_whole =
            |at: usize| letters.contains(&at) && letters.contains(&(at + phrase.text.len()));
        prop_assert!(
            text.match_indices(&phrase.text).any(|(at, _)| is_whole(at)),
            "{:?}",
            phrase.text
        );
        let terms = count_terms(&phrase.text, analysis)
            .counts
            .into_iter()
            .map(|(term, _)| term);
        said.push(terms.collect());
        prop_assert!(!phrase.text.is_empty() && phrase.text.trim() == phrase.text);
    }
    for (place, one) in said.iter().enumerate() {
        let is_part = |(other_place, other): (usize, &Vec<Box<str>>)| {
            place != other_place && one.iter().all(|term| other.contains(term))
        };
        prop_assert!(!said.iter().enumerate().any(is_part), "{said:?}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_has_phrases_of_whole_letters(text in "\\PC{0,60}", heeded in any_heeded(), most in 0_usize..8) {
        for analysis in [Analysis::Plain, Analysis::English, Analysis::French] {
            let found = KeyPhrases::find(&text, &heeded, analysis, most);
            prop_assert!(found.phrases.len() <= most);
            prop_assert_eq!(found.by == Weigher::Statistics, heeded.is_empty());
            for phrase in &found.phrases {
                prop_assert!(text.contains(&phrase.text) && !phrase.text.is_empty());
            }
        }
    }

    #[test]
    fn phrases_are_whole_words_and_none_says_what_another_says(
        text in "([a-zäéи]{1,7}|the|of|[0-9]{1,3}|設定|e\u{301}t|👩\u{200d}👧|l'or)(( |, |-|\\. |\n| - )([a-cäи]{1,3}|the|of|[0-9]|定を変|한국어|กำลัง|E-1)){0,14}",
        heeded in any_heeded(),
        most in 0_usize..8,
    ) {
        for analysis in [Analysis::Plain, Analysis::English, Analysis::French] {
            let found = KeyPhrases::find(&text, &heeded, analysis, most);
            hold(&text, &found, analysis, most)?;
        }
    }

    #[test]
    fn no_phrase_begins_or_ends_within_a_word(text in "[a-zA-Zäß'0-9é._-]{1,8}([ ,;.\n-]{1,2}[a-zA-Zäß'0-9é._]{1,8}){0,10}", heeded in any_heeded()) {
        let bounds: Vec<_> = text.split_word_bound_indices().map(|(place, _)| place).chain([text.len()]).collect();
        for phrase in KeyPhrases::find(&text, &heeded, Analysis::German, 5).phrases {
            let is_whole = |(at, _): (usize, &str)| bounds.contains(&at) && bounds.contains(&(at + phrase.text.len()));
            prop_assert!(text.match_indices(&phrase.text).any(is_whole), "{:?} in {text:?}: {bounds:?}", phrase.text);
        }
    }
}
