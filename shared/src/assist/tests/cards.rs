//! What is shown acts on no screen, and breaks nowhere that hurts.

use proptest::prelude::*;
use serde_json::json;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::assist::clean::{clean, cut};
use crate::assist::{Candidate, Card};
use crate::domain::{ArticleId, Locale, Score};
use crate::text::html::tests::markup::{PAYLOADS, has_tag};

fn candidate(title: &str, passage: &str) -> Candidate {
    Candidate {
        article: ArticleId::parse("refund-time").unwrap(),
        locale: Locale::parse("en-US").unwrap(),
        title: title.to_owned(),
        passage: passage.to_owned(),
        score: Score::saturating(0.712_345),
    }
}

fn body(title: &str, passage: &str) -> String {
    Card::new(1, &candidate(title, passage)).content.body
}

#[test]
fn a_card_is_what_the_contract_says() {
    let card = Card::new(
        2,
        &candidate("How long a refund takes", "Five days.\n\nBy card: ten."),
    );
    let expected = json!({
        "type": "card",
        "content": {"title": "KB Result 2", "body": "**How long a refund takes**\nFive days. By card: ten.", "score": 0.7123},
    });
    assert_eq!(serde_json::to_value(card).unwrap(), expected);
}

#[test]
fn markup_becomes_words() {
    for (written, shown) in [
        (
            "<p>Open <b>Orders</b>.</p><ul><li>Return</li></ul>",
            "Open Orders. - Return",
        ),
        (
            "see [the page](https://x.example/a_(b)) now",
            "see the page now",
        ),
        ("[click](javascript:alert(1))", "click"),
        ("![logo](https://x.example/track.png) hi", "logo hi"),
        (
            "[a][b]\n\n[b]: javascript:alert(1)",
            "(a)(b) (b): javascript:alert(1)",
        ),
        (
            "&lt;script&gt;alert(1)&lt;/script&gt; if 1 < 2",
            "‹script›alert(1)‹/script› if 1 ‹ 2",
        ),
        ("<javascript:alert(1)>", ""),
        ("# Fees\n> quoted\n```\nlet x;\n```", "Fees › quoted let x;"),
        ("**bold** and `code` and `` ` ``", "bold and code and"),
        (
            "order #4471, field snake_case, 5 * 3",
            "order #4471, field snake_case, 5 3",
        ),
        ("#4471 is late", "#4471 is late"),
        ("](", ""),
        ("a](b", "a"),
        ("nothing to see", "nothing to see"),
    ] {
        assert_eq!(clean(written), shown, "{written}");
    }
}

#[test]
fn a_title_stays_bold_and_on_its_line() {
    assert_eq!(body("a** <b>x</b>\n**b", "text"), "**a x b**\ntext");
    assert_eq!(body(" ", "text"), "text");
    assert_eq!(body("title", ""), "**title**");
    assert_eq!(
        body(&"word ".repeat(60), "").chars().count(),
        "****".len() + 120
    );
}

/// Whether anything is left of which a browser or a reader of Markdown makes more than words.
fn is_active(text: &str) -> bool {
    has_tag(text)
        || text.contains(['<', '>', '[', ']', '`', '*', '\\'])
        || text.contains(char::is_control)
}

#[test]
fn nothing_of_the_xss_list_survives() {
    let escaped = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    for payload in PAYLOADS {
        let wrapped = [
            payload.to_owned(),
            escaped(payload),
            escaped(&escaped(payload)),
            format!("[x]({payload})"),
            format!("![{payload}](x)"),
            format!("`{payload}`"),
            format!("<{payload}>"),
        ];
        for text in wrapped {
            assert!(!is_active(&clean(&text)), "{text}: {}", clean(&text));
        }
    }
}

#[test]
fn a_long_text_is_cut_at_a_word() {
    for (text, most, shown) in [
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two…"),
        ("one two three", 8, "one two…"),
        ("one two three", 7, "one…"),
        ("one, two three", 5, "one…"),
        ("onetwothree", 5, "onet…"),
        ("can't stop", 6, "can't…"),
        ("東京都庁舎", 4, "東京都…"),
        // The sign before a number is a part of what follows it.
        ("ab \u{600}!!!!", 5, "ab…"),
        ("a\u{d4e}, b", 4, "a\u{d4e},…"),
        ("e\u{301}e\u{301}e\u{301}", 4, "e\u{301}…"),
        (
            "👩\u{200d}👩\u{200d}👧👩\u{200d}👩\u{200d}👧",
            6,
            "👩\u{200d}👩\u{200d}👧…",
        ),
        ("👩\u{200d}👩\u{200d}👧 a", 3, "…"),
    ] {
        assert_eq!(cut(text, most), shown, "{text} {most}");
    }
}

proptest! {
    #[test]
    fn any_text_is_cut_between_letters(text in "\\PC{0,60}", most in 1_usize..40) {
        let shown = cut(&text, most);
        prop_assert!(shown.chars().count() <= most.max(text.chars().count().min(most)));
        match shown.strip_suffix('…') {
            Some(kept) if shown != text => {
                prop_assert!(text.starts_with(kept) && text.chars().count() > most);
                let bounds: Vec<_> = text.grapheme_indices(true).map(|(at, _)| at).collect();
                prop_assert!(bounds.contains(&kept.len()), "{kept:?}");
            }
            _ => prop_assert_eq!(&shown, &text),
        }
    }

    #[test]
    fn words_are_not_broken(text in "[a-zé]{1,9}(([ ,]{1,2}|\\. )[a-zé]{1,9}){1,30}", most in 12_usize..60) {
        let shown = cut(&text, most);
        let kept = shown.trim_end_matches('…');
        let next = text[kept.len()..].chars().next();
        let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphabetic);
        prop_assert!(!is_letter(kept.chars().last()) || !is_letter(next), "{shown}");
    }

    #[test]
    fn no_text_is_active(text in "([a-z <>/!\\[\\]()`*#&;:\n\\\\]|&lt;|&gt;|&#60;|script|<b>|\\PC){0,40}") {
        let shown = clean(&text);
        prop_assert!(!is_active(&shown), "{shown}");
        let body = body(&text, &text);
        prop_assert!(body.chars().count() <= 120 + 4 + 1 + 200);
        prop_assert!(body.lines().count() <= 2, "{body}");
    }
}
