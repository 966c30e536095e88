//! What holds for every text.

use std::collections::BTreeMap;

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::*;

/// Pieces in which something special happens, and ordinary ones.
const PIECES: [&str; 49] = [
    " ",
    " ",
    " ",
    "\n",
    "\u{a0}",
    "\0",
    "'",
    "’",
    "_",
    ".",
    ",",
    "-",
    "\"",
    "\u{ad}",
    "\u{200b}",
    "\u{200d}",
    "\u{fe0f}",
    "\u{301}",
    "\u{3099}",
    "a",
    "I",
    "İ",
    "ı",
    "ß",
    "Σ",
    "ς",
    "é",
    "e\u{301}",
    "1",
    "½",
    "①",
    "ﬁ",
    "Parcels",
    "the",
    "Refunded",
    "L'",
    "qu’",
    "'s",
    "Посылки",
    "の",
    "設定",
    "ﾊﾟ",
    "비밀",
    "\u{1107}\u{1175}",
    "บั",
    "इ",
    "ם",
    "😀",
    "—",
];

fn text() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(&PIECES), 0..30);
    prop_oneof![
        pieces.prop_map(|pieces| pieces.concat()),
        any::<String>(),
        "\\PC{0,60}",
        "[a-zA-Z' ,.]{0,200}"
    ]
}

fn analysis() -> impl Strategy<Value = Analysis> {
    prop::sample::select(&Analysis::ALL)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn places_and_counts_agree(text in text(), analysis in analysis()) {
        let counted = count_terms(&text, analysis);
        let mut found = BTreeMap::<Box<str>, u32>::new();
        for (_, term) in term_spans(&text, analysis) {
            *found.entry(term.into()).or_default() += 1;
        }
        prop_assert_eq!(counted.length, found.values().sum::<u32>());
        prop_assert_eq!(counted.counts, found.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn places_are_in_the_text_and_in_order(text in text(), analysis in analysis()) {
        let spans = term_spans(&text, analysis);
        for (range, _) in &spans {
            prop_assert!(text.get(range.clone()).is_some_and(|found| !found.is_empty()), "{:?}", range);
        }
        prop_assert!(spans.is_sorted_by_key(|(range, _)| (range.start, range.end)));
    }

    #[test]
    fn terms_can_be_stored(text in text(), analysis in analysis()) {
        for (term, count) in count_terms(&text, analysis).counts {
            prop_assert!(count > 0 && (1..=64).contains(&term.chars().count()), "{:?}", term);
            prop_assert!(!term.contains(|letter: char| letter.is_control() || letter.is_whitespace()), "{:?}", term);
        }
    }

    #[test]
    fn texts_side_by_side_have_the_terms_of_both(one in text(), other in text(), analysis in analysis()) {
        let together = count_terms(&format!("{one}\n{other}"), analysis);
        let mut sums = BTreeMap::<Box<str>, u32>::new();
        for (term, count) in [one, other].iter().flat_map(|text| count_terms(text, analysis).counts) {
            *sums.entry(term).or_default() += count;
        }
        prop_assert_eq!(together.counts, sums.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn accents_may_be_letters_of_their_own(text in "[a-zA-ZàéîõüçñšžÅØœß設定がパ비밀번호άΩйё ,.'’-]{0,60}", analysis in analysis()) {
        let apart: String = text.nfd().collect();
        prop_assert_eq!(count_terms(&apart, analysis), count_terms(&text, analysis));
    }

    #[test]
    fn capitals_make_no_difference(text in "[a-zà-öø-ž0-9а-я ,.-]{0,60}") {
        prop_assume!(!text.contains(['ı', 'ŉ', 'ß', 'ſ', 'µ']));
        prop_assert_eq!(count_terms(&text.to_uppercase(), Analysis::Plain), count_terms(&text, Analysis::Plain));
    }
}
