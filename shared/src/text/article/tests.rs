//! The promises of article chunks.

use proptest::prelude::*;

use super::{ArticleChunk, chunk_article};
use crate::domain::TextHash;
use crate::text::chunk::{Limits, Tokens};
use crate::text::html::{Section, read};

struct Words;

impl Tokens for Words {
    fn count(&self, text: &str) -> usize {
        text.split_whitespace().count()
    }
}

fn section(path: &[&str], text: &str) -> Section {
    Section {
        heading_path: path.iter().map(|&heading| heading.to_owned()).collect(),
        text: text.to_owned(),
    }
}

fn chunks(title: &str, sections: &[Section], tokens: usize, overlap: usize) -> Vec<ArticleChunk> {
    chunk_article(
        title,
        sections,
        Limits::new(tokens, overlap).unwrap(),
        &Words,
    )
}

fn texts(title: &str, sections: &[Section], tokens: usize, overlap: usize) -> Vec<String> {
    let chunks = chunks(title, sections, tokens, overlap);
    chunks.into_iter().map(|chunk| chunk.text).collect()
}

#[test]
fn neighbours_share_a_chunk_and_strangers_do_not() {
    let sections = [
        section(&[], "Intro."),
        section(&["Plug"], "In."),
        section(&["Plug", "Wall"], "One."),
        section(&["Plug", "Car"], "Two."),
        section(&["Call"], "Three."),
        section(&["Mail"], "Four."),
    ];
    assert_eq!(
        texts("Guide", &sections, 40, 0),
        [
            "Guide: Intro.\nGuide > Plug: In.\nGuide > Plug > Wall: One.\nGuide > Plug > Car: Two.",
            "Guide > Call: Three.\nGuide > Mail: Four.",
        ]
    );
}

#[test]
fn a_long_section_is_cut_at_lines_and_says_each_time_where_it_stands() {
    let sections = [section(
        &["Prices"],
        "Plan: A | Price: 1\nPlan: B | Price: 2\nPlan: C | Price: 3",
    )];
    assert_eq!(
        texts("Shop", &sections, 14, 0),
        [
            "Shop > Prices: Plan: A | Price: 1\nPlan: B | Price: 2",
            "Shop > Prices: Plan: C | Price: 3",
        ]
    );
    let overlapping = texts("Shop", &sections, 16, 8);
    assert!(
        overlapping[1].starts_with("Shop > Prices: Plan: B"),
        "{overlapping:?}"
    );
}

#[test]
fn headings_without_text_are_said_by_what_stands_below_or_by_themselves() {
    let sections = [
        section(&["Refunds"], ""),
        section(&["Refunds", "No refunds after a week"], ""),
        section(&["Refunds", "Before"], "Yes."),
    ];
    assert_eq!(
        texts("", &sections, 40, 0),
        ["Refunds: No refunds after a week\nRefunds > Before: Yes."]
    );
    assert_eq!(texts("Only a title", &[], 40, 0), ["Only a title"]);
    assert_eq!(
        texts("", &[section(&[], "Only text")], 40, 0),
        ["Only text"]
    );
    assert!(texts("", &[], 40, 0).is_empty() && texts(" ", &[], 40, 0).is_empty());
    assert_eq!(
        texts("Guide", &[section(&["Guide", "A"], "x")], 40, 0),
        ["Guide > A: x"]
    );
}

#[test]
fn headings_give_way_to_text() {
    let deep = [section(&["a b c", "d e f", "g h i"], "text")];
    for (tokens, expected) in [
        (60, "t > a b c > d e f > g h i: text"),
        (24, "t > g h i: text"),
        (12, "g h i: text"),
        (8, "t: text"),
        (3, "text"),
    ] {
        assert_eq!(texts("t", &deep, tokens, 0), [expected], "{tokens}");
    }
}

#[test]
fn a_chunk_knows_its_headings_and_its_hash() {
    let chunks = chunks(
        "T",
        &[section(&["A"], "x"), section(&["A", "B"], "y")],
        20,
        0,
    );
    assert_eq!(chunks.len(), 1);
    assert_eq!(chunks[0].heading_path, ["A"]);
    assert_eq!(chunks[0].hash, TextHash::of(&chunks[0].text));
    assert_eq!(chunks[0].tokens, 10);
}

/// Hardly any number comes twice: who repeats is told from who says something new by it.
fn article() -> impl Strategy<Value = Vec<Section>> {
    let part = (
        "<h[1-4]>[a-z]{1,5}( [a-z]{1,5}){0,3}</p>",
        "(<p>([0-9]{6}[ .]){0,40}</p>){0,3}",
    );
    proptest::collection::vec(part, 0..8).prop_map(|parts| {
        let html: String = parts
            .into_iter()
            .map(|(heading, text)| heading + &text)
            .collect();
        read(&html, None).sections
    })
}

proptest! {
    #[test]
    fn everything_is_said_once_apart_from_the_overlap_and_limits_hold(sections in article(), tokens in 4_usize..40, share in 0_usize..=50) {
        let words = |text: &str| -> Vec<String> {
            let words = text.split_whitespace().filter(|word| word.starts_with(|letter: char| letter.is_ascii_digit()));
            words.map(str::to_owned).collect()
        };
        let expected: Vec<_> = sections.iter().flat_map(|section| words(&section.text)).collect();
        let exact: Vec<_> = texts("Title", &sections, tokens, 0).iter().flat_map(|text| words(text)).collect();
        prop_assert_eq!(&exact, &expected);
        let overlap = tokens * share / 100;
        let mut rest = expected.as_slice();
        let mut said: Vec<String> = Vec::new();
        for chunk in chunks("Title", &sections, tokens, overlap) {
            prop_assert!(chunk.tokens <= tokens && chunk.tokens == Words.count(&chunk.text));
            let found = words(&chunk.text);
            let repeated = (0..=found.len().min(overlap)).rev().find(|count| said.ends_with(&found[..*count]) && rest.starts_with(&found[*count..]));
            prop_assert!(repeated.is_some(), "{:?} after {:?}", chunk.text, said);
            let news = &found[repeated.unwrap_or_default()..];
            said.extend_from_slice(news);
            rest = &rest[news.len()..];
        }
        prop_assert!(rest.is_empty());
    }

    #[test]
    fn every_heading_is_found_where_there_is_room(sections in article()) {
        let all = texts("Title", &sections, 400, 0).join("\n");
        for heading in sections.iter().flat_map(|section| &section.heading_path) {
            prop_assert!(all.contains(heading.as_str()), "{} in {}", heading, all);
        }
    }
}
