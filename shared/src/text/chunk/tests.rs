//! The promises of chunks, under tokenizers of every temper.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::cutter::Cutter;
use super::script::Script;
use super::{BYTES_OF_A_TOKEN, Chunk, Limits, MOST_BYTES_PER_TOKEN, Passage, Tokens};
use super::{chunk, measure, uncut};
use crate::text::Turn;

/// A tokenizer made of a rule.
struct Rule<F>(F);

impl<F: Fn(&str) -> usize + Send + Sync> Tokens for Rule<F> {
    fn count(&self, text: &str) -> usize {
        (self.0)(text)
    }
}

fn quarters(text: &str) -> usize {
    text.chars().count().div_ceil(4)
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

fn turn(label: &str, words: &str) -> Turn {
    Turn {
        label: label.to_owned(),
        words: words.to_owned(),
    }
}

fn limits(tokens: usize, overlap: usize) -> Limits {
    Limits::new(tokens, overlap).unwrap()
}

fn texts(turns: &[Turn], tokens: usize, overlap: usize) -> Vec<String> {
    let chunks = chunk(turns, limits(tokens, overlap), &Rule(words));
    chunks.into_iter().map(|chunk| chunk.text).collect()
}

#[test]
fn limits_that_cannot_work_are_refused() {
    assert!(Limits::new(0, 0).is_err() && Limits::new(1, 1).is_err() && Limits::new(9, 5).is_err());
    assert!(Limits::new(1, 0).is_ok() && Limits::new(10, 5).is_ok());
}

#[test]
fn turns_that_fit_together_stand_together() {
    let turns = [
        turn("A", "one two"),
        turn("B", "three"),
        turn("A", "four five six"),
        turn("B", "seven"),
    ];
    assert_eq!(
        texts(&turns, 20, 0),
        ["A: one two\nB: three\nA: four five six\nB: seven"]
    );
    assert_eq!(
        texts(&turns, 5, 0),
        ["A: one two\nB: three", "A: four five six", "B: seven"]
    );
    assert!(texts(&[], 5, 0).is_empty());
}

#[test]
fn a_chunk_begins_with_the_last_turns_of_the_one_before() {
    let turns: Vec<_> = ["a", "b", "c", "d", "e"]
        .map(|words| turn("T", words))
        .into();
    assert_eq!(
        texts(&turns, 6, 3),
        ["T: a\nT: b\nT: c", "T: c\nT: d\nT: e"]
    );
    let turns = [
        turn("T", "a"),
        turn("T", "b"),
        turn("T", "one two three four five"),
    ];
    assert_eq!(
        texts(&turns, 6, 3),
        ["T: a\nT: b", "T: one two three four five"],
        "no room for an overlap"
    );
    assert_eq!(
        texts(&turns, 8, 4),
        ["T: a\nT: b", "T: b\nT: one two three four five"],
        "room for half of it"
    );
}

#[test]
fn a_long_turn_is_cut_at_sentences_and_keeps_its_label() {
    let turns = [
        turn("A", "Hi."),
        turn("B", "One two. Three four. Five six. Seven."),
        turn("A", "Bye."),
    ];
    assert_eq!(
        texts(&turns, 7, 0),
        [
            "A: Hi.\nB: One two. Three four.",
            "B: Five six. Seven.\nA: Bye."
        ]
    );
    let overlapping = [
        "A: Hi.\nB: One two. Three four.",
        "B: Three four. Five six. Seven.",
        "B: Seven.\nA: Bye.",
    ];
    assert_eq!(texts(&turns, 7, 3), overlapping);
}

#[test]
fn a_sentence_that_fits_in_no_chunk_is_cut_between_words() {
    let turns = [
        turn("A", "Yes."),
        turn("B", "one two three four five six. Seven eight."),
    ];
    assert_eq!(
        texts(&turns, 5, 0),
        [
            "A: Yes.\nB: one two",
            "B: three four five six.",
            "B: Seven eight."
        ]
    );
    assert_eq!(
        texts(&turns, 5, 2),
        [
            "A: Yes.\nB: one two",
            "B: three four five six.",
            "B: six. Seven eight."
        ]
    );
}

#[test]
fn a_word_that_fits_in_no_chunk_is_cut_between_characters() {
    let turns = [turn("A", "é".repeat(30).as_str())];
    let chunks = chunk(&turns, limits(4, 0), &Rule(quarters));
    let texts: Vec<_> = chunks.iter().map(|chunk| chunk.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            format!("A: {}", "é".repeat(13)),
            format!("A: {}", "é".repeat(13)),
            "A: éééé".to_owned()
        ]
    );
}

#[test]
fn what_a_tokenizer_counts_for_little_is_no_longer_than_its_tokens_can_be() {
    let most = 16 * BYTES_OF_A_TOKEN;
    for (label, words) in [
        ("A", "a".repeat(1 << 16)),
        ("A", format!("a{}b", " ".repeat(1 << 16))),
        ("A", format!("{} {}", "😀".repeat(1_000), "é".repeat(5_000))),
        (&*"l".repeat(1 << 16), "short".to_owned()),
        (&*"l".repeat(most - 4), "short".to_owned()),
    ] {
        let turns = [turn("A", "before"), turn(label, &words), turn("A", "after")];
        let chunks = chunk(&turns, limits(16, 4), &Rule(self::words));
        let longest = chunks.iter().map(|chunk| chunk.text.len()).max();
        assert!(longest <= Some(most), "{longest:?}");
        check(&turns, limits(16, 4), &Rule(self::words), &chunks).unwrap();
    }
}

#[test]
fn a_label_without_room_goes_where_its_turn_is_cut() {
    let long = turn("a label of very many words", "one two three four five six");
    assert_eq!(
        texts(std::slice::from_ref(&long), 8, 0),
        ["one two three four five six"]
    );
    assert_eq!(
        texts(&[long], 12, 0),
        ["a label of very many words: one two three four five six"]
    );
    let five_each = Rule(|text: &str| if text.contains('é') { 5 } else { text.len() });
    let chunks = chunk(&[turn("A", "éé")], limits(4, 0), &five_each);
    assert_eq!(
        chunks
            .iter()
            .map(|chunk| (chunk.text.as_str(), chunk.tokens))
            .collect::<Vec<_>>(),
        [("é", 5), ("é", 5)]
    );
}

/// Counts what is asked.
struct Asked<F>(F, AtomicUsize);

impl<F: Fn(&str) -> usize + Send + Sync> Tokens for Asked<F> {
    fn count(&self, text: &str) -> usize {
        self.1.fetch_add(text.len(), Ordering::Relaxed);
        (self.0)(text)
    }
}

#[test]
fn what_is_counted_grows_with_the_text_and_no_faster() {
    let sentence = "The parcel came on Tuesday and the box was open. ";
    let one = |words: String| vec![turn("Agent", &words)];
    for (kind, turns) in [
        ("one turn of sentences", one(sentence.repeat(20_000))),
        ("one turn of words", one("parcel came ".repeat(80_000))),
        ("one word", one("x".repeat(1_000_000))),
        ("one word without ASCII", one("é".repeat(500_000))),
        (
            "blanks between two words",
            one(format!("a{}b", " ".repeat(1_000_000))),
        ),
        ("short sentences", one("No. ".repeat(250_000))),
        ("tiny turns", vec![turn("A", "ok"); 100_000]),
        ("middling turns", vec![turn("Agent", sentence); 20_000]),
        ("long turns", vec![turn("Agent", &sentence.repeat(50)); 400]),
    ] {
        for overlap in [0, 32, 128] {
            let asked = Asked(quarters, AtomicUsize::new(0));
            let chunks = chunk(&turns, limits(256, overlap), &asked);
            let length: usize = turns.iter().map(|turn| turn.to_string().len() + 1).sum();
            let times = asked.1.into_inner() / length;
            println!(
                "{kind}, overlap {overlap}: {} chunks, counted {times} times",
                chunks.len()
            );
            assert!(
                times <= 32,
                "{kind}, overlap {overlap}: counted {times} times"
            );
        }
    }
}

#[test]
fn what_fits_is_counted_once_and_what_is_long_never_as_a_whole() {
    let limits = limits(10, 0);
    let counted = |turns: &[Turn], count: fn(&str) -> usize| {
        let asked = Asked(count, AtomicUsize::new(0));
        assert!(!chunk(turns, limits, &asked).is_empty());
        let shown: Vec<_> = turns.iter().map(Turn::to_string).collect();
        (asked.1.into_inner(), shown.join("\n").len())
    };
    let (asked, length) = counted(&[turn("A", "one two"), turn("B", "three")], words);
    assert_eq!(asked, length);
    let long = "x".repeat(10 * MOST_BYTES_PER_TOKEN + 1);
    let never_whole = |text: &str| {
        assert!(text.len() <= 2 * MOST_BYTES_PER_TOKEN * 10);
        quarters(text)
    };
    let turns = [turn("A", &long), turn("B", &long)];
    counted(&turns, never_whole);
}

#[cfg(feature = "embedding")]
#[test]
fn the_count_of_a_real_tokenizer_holds() {
    let tokenizer = Rule(|text: &str| bpe_openai::cl100k_base().count(text));
    let turns = [
        turn("Subject", "Order refund request"),
        turn(
            "Agent",
            &"Hello, how can I assist you with your order #4711 (2 items)?\nTake your time... "
                .repeat(30),
        ),
        turn(
            "Customer",
            &"Der Artikel kam beschädigt an, ich möchte mein Geld zurück! 返金をお願いします。😀 "
                .repeat(30),
        ),
    ];
    for (tokens, overlap) in [(8, 0), (64, 16), (256, 64), (8_191, 200)] {
        let limits = limits(tokens, overlap);
        check(
            &turns,
            limits,
            &tokenizer,
            &chunk(&turns, limits, &tokenizer),
        )
        .unwrap();
    }
}

/// Every promise at once.
fn check(
    turns: &[Turn],
    limits: Limits,
    tokens: &dyn Tokens,
    chunks: &[Chunk],
) -> Result<(), TestCaseError> {
    let (mut turn, mut byte) = (0, 0);
    for chunk in chunks {
        prop_assert_eq!(chunk.tokens, tokens.count(&chunk.text));
        let is_one_character = chunk.text.chars().count() == 1;
        prop_assert!(
            measure(tokens, &chunk.text) <= limits.tokens || is_one_character,
            "{:?}",
            chunk
        );
        prop_assert!(
            chunk.passages.iter().any(|passage| !passage.repeated),
            "nothing new: {:?}",
            chunk
        );
        for passage in chunk.passages.iter().filter(|passage| !passage.repeated) {
            prop_assert_eq!(
                (passage.turn, passage.words.start),
                (turn, byte),
                "in order, without a gap"
            );
            let length = turns[turn].words.len();
            let fits = measure(tokens, &turns[turn].to_string()) <= limits.tokens;
            prop_assert!(
                !fits || passage.words == (0..length),
                "cut without need: {:?}",
                passage
            );
            (turn, byte) = if passage.words.end == length {
                (turn + 1, 0)
            } else {
                (turn, passage.words.end)
            };
        }
        let lines = chunk.text.split('\n').count();
        prop_assert!(
            lines
                >= chunk
                    .passages
                    .chunk_by(|one, next| one.turn == next.turn)
                    .count()
        );
        for passage in &chunk.passages {
            prop_assert!(
                chunk
                    .text
                    .contains(turns[passage.turn].words[passage.words.clone()].trim())
            );
        }
    }
    prop_assert_eq!((turn, byte), (turns.len(), 0), "to the end");
    chunks
        .windows(2)
        .try_for_each(|pair| check_overlap(turns, limits, tokens, &pair[0], &pair[1]))
}

/// What is repeated is the end of the chunk before, short enough, and comes first.
fn check_overlap(
    turns: &[Turn],
    limits: Limits,
    tokens: &dyn Tokens,
    before: &Chunk,
    chunk: &Chunk,
) -> Result<(), TestCaseError> {
    let repeated: Vec<&Passage> = chunk
        .passages
        .iter()
        .take_while(|passage| passage.repeated)
        .collect();
    prop_assert_eq!(
        repeated.len(),
        chunk
            .passages
            .iter()
            .filter(|passage| passage.repeated)
            .count()
    );
    let Some(last) = repeated.last() else {
        return Ok(());
    };
    let end = before
        .passages
        .last()
        .map(|passage| (passage.turn, passage.words.end));
    prop_assert_eq!(Some((last.turn, last.words.end)), end);
    let start = |passage: &Passage| (passage.turn, passage.words.start);
    prop_assert!(
        before.passages.first().map(start) <= repeated.first().map(|passage| start(passage))
    );
    let mut rest = chunk.text.as_str();
    for passage in repeated {
        let Turn { label, words } = &turns[passage.turn];
        rest = rest.trim_start_matches('\n');
        rest = rest.strip_prefix(&format!("{label}: ")).unwrap_or(rest);
        let after = rest.strip_prefix(words[passage.words.clone()].trim());
        prop_assert!(
            after.is_some(),
            "{:?} does not begin with {:?}",
            chunk,
            passage
        );
        rest = after.unwrap_or_default();
    }
    let text = &chunk.text[..chunk.text.len() - rest.len()];
    prop_assert!(tokens.count(text) <= limits.overlap, "{}", text);
    Ok(())
}

fn conversation() -> impl Strategy<Value = Vec<Turn>> {
    let words = prop_oneof![
        "([a-z]{1,6} ){0,3}[a-z]{1,6}",
        "([A-Z][a-z]{0,4}( [a-z]{1,7}){0,6}[.!?] ){1,12}end",
        "[a-zé😀]{1,60}",
        "[a-z。.! \n\u{e9}\u{1f600}]{0,80}x",
        " {0,3}([a-z]{1,5} {1,9}){1,30}",
    ];
    let turns = words.prop_map(|words| turn("Who", &words));
    proptest::collection::vec(turns, 0..12)
}

proptest! {
    #[test]
    fn what_fits_is_the_same_as_if_it_had_been_cut(turns in conversation(), tokens in 2_usize..400) {
        let limits = limits(tokens, tokens / 3);
        for tokenizer in [quarters, words, |text: &str| words(text) + 2, str::len] {
            let tokenizer = Rule(tokenizer);
            if let Some(whole) = uncut(&turns, limits, &tokenizer) {
                let cut: Vec<_> = Cutter::new(Script::new(&turns, limits, &tokenizer)).collect();
                prop_assert_eq!(cut, [whole]);
            }
        }
    }

    #[test]
    fn every_promise_holds(turns in conversation(), tokens in 2_usize..60, share in 0_usize..=50) {
        let limits = limits(tokens, tokens * share / 100);
        for tokenizer in [quarters, words, |text: &str| words(text) + 2, str::len] {
            let tokenizer = Rule(tokenizer);
            check(&turns, limits, &tokenizer, &chunk(&turns, limits, &tokenizer))?;
        }
    }

    #[test]
    fn tokenizers_of_ill_temper_neither_hang_nor_lose_words(turns in conversation(), tokens in 1_usize..12, share in 0_usize..=50) {
        let limits = limits(tokens, tokens * share / 100);
        let five_each = |text: &str| text.chars().count() * 5;
        let jumpy = |text: &str| text.bytes().fold(7_usize, |sum, byte| (sum * 31 + usize::from(byte)) % 23);
        for tokenizer in [five_each, jumpy, |_: &str| 0, |_: &str| 1, |_: &str| usize::MAX] {
            let chunks = chunk(&turns, limits, &Rule(tokenizer));
            let news = chunks.iter().flat_map(|chunk| &chunk.passages).filter(|passage| !passage.repeated);
            let said: String = news.map(|passage| &turns[passage.turn].words[passage.words.clone()]).collect();
            prop_assert_eq!(said, turns.iter().map(|turn| turn.words.as_str()).collect::<String>());
            for chunk in chunks {
                prop_assert!(tokenizer(&chunk.text) <= tokens || chunk.text.chars().count() == 1, "{:?}", chunk.text);
            }
        }
    }
}
