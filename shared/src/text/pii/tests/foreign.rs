//! Values in other letters than those of ASCII, and with what nobody sees between their characters.

use super::labelled::{Line, lines};
use super::{check, masked, untouched};
use crate::text::pii::{Kind, find};

/// What an East Asian keyboard writes.
fn full_width(letter: char) -> char {
    match letter {
        ' ' => '\u{3000}',
        '!'..='~' => char::from_u32(u32::from(letter) + 0xfee0).unwrap(),
        _ => letter,
    }
}

/// The same in ASCII, and without what nobody sees.
fn plain(text: &str) -> String {
    let letters = text.chars().filter(|letter| *letter != '\u{200b}');
    let plain = |letter| match letter {
        '\u{3000}' => ' ',
        '！'..='～' => char::from_u32(u32::from(letter) - 0xfee0).unwrap(),
        '\u{660}'..='\u{669}' => char::from_u32(u32::from(letter) - 0x630).unwrap(),
        _ => letter,
    };
    letters.map(plain).collect()
}

fn with_digits(text: &str, digit: impl Fn(char) -> char) -> String {
    let other = |letter: char| match letter {
        '0'..='9' => digit(letter),
        _ => letter,
    };
    text.chars().map(other).collect()
}

/// With something that nobody sees behind every fourth digit; between two digits only, if it may not touch anything else.
fn parted(text: &str, between_only: bool) -> String {
    let (mut parted, mut digits) = (String::new(), 0);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        parted.push(letter);
        digits += u32::from(letter.is_ascii_digit());
        let is_between = letters.peek().is_some_and(char::is_ascii_digit);
        if letter.is_ascii_digit() && digits.is_multiple_of(4) && (is_between || !between_only) {
            parted.push('\u{200b}');
        }
    }
    parted
}

fn found(text: &str) -> Vec<(Kind, String)> {
    let value = |range| plain(&text[range]);
    let findings = find(text).into_iter();
    findings.map(|one| (one.kind, value(one.range))).collect()
}

fn all() -> Vec<Line> {
    lines(false).into_iter().chain(lines(true)).collect()
}

#[test]
fn labelled_lines_say_the_same_in_other_digits() {
    for Line { text, .. } in all() {
        let arabic = |digit| char::from_u32(u32::from(digit) + 0x630).unwrap();
        for other in [with_digits(&text, full_width), with_digits(&text, arabic)] {
            assert_eq!(found(&other), found(&text), "{other}");
            assert_eq!(plain(&masked(&other)), masked(&text), "{other}");
        }
    }
}

#[test]
fn labelled_lines_say_the_same_with_what_nobody_sees_in_their_numbers() {
    for Line { text, expected, .. } in all() {
        let other = parted(&text, expected.is_empty());
        assert_eq!(found(&other), found(&text), "{other:?}");
        assert_eq!(plain(&masked(&other)), masked(&text), "{other:?}");
    }
}

/// A letter of full width is no part of the digits behind it, so that a little more is found than in ASCII.
#[test]
fn whatever_labelled_lines_say_is_found_in_full_width() {
    for Line { text, .. } in all() {
        let other: String = text.chars().map(full_width).collect();
        let found_there = found(&other);
        for one in found(&text) {
            assert!(found_there.contains(&one), "{one:?} in {other}");
            assert!(!plain(&masked(&other)).contains(&one.1), "{other}");
        }
    }
}

#[test]
fn numbers_are_found_as_people_write_them_elsewhere() {
    check(&[
        ("４１１１ １１１１ １１１１ １１１１", "[CARD]"),
        (
            "カード番号：４１１１１１１１１１１１１１１１です",
            "カード番号：[CARD]です",
        ),
        ("４１１１　１１１１　１１１１　１１１１", "[CARD]"),
        ("４１１１－１１１１－１１１１－１１１１", "[CARD]"),
        ("٤١١١ ١١١١ ١١١١ ١١١١", "[CARD]"),
        ("۴۱۱۱ ۱۱۱۱ ۱۱۱۱ ۱۱۱۱", "[CARD]"),
        ("४१११ ११११ ११११ ११११", "[CARD]"),
        ("๔๑๑๑ ๑๑๑๑ ๑๑๑๑ ๑๑๑๑", "[CARD]"),
        ("ＴＥＬ０３－１２３４－５６７８", "ＴＥＬ[PHONE]"),
        ("ＴＥＬ03-1234-5678", "ＴＥＬ[PHONE]"),
        ("電話は０３ー１２３４ー５６７８", "電話は[PHONE]"),
        ("電話は03ー1234ー5678", "電話は[PHONE]"),
        // Behind a letter of its script it is a long vowel, behind any other a dash.
        ("カードー4111111111111111", "カードー[CARD]"),
        ("anna@サーバー.jp", "[EMAIL]"),
        ("（０３）１２３４－５６７８", "[PHONE]"),
        ("4111\u{2212}1111\u{2212}1111\u{2212}1111", "[CARD]"),
        ("4111\u{2003}1111\u{205f}1111\u{2007}1111", "[CARD]"),
        // Digits of formulas: bold, doubly struck, of one width.
        ("𝟒𝟏𝟏𝟏 𝟏𝟏𝟏𝟏 𝟏𝟏𝟏𝟏 𝟏𝟏𝟏𝟏", "[CARD]"),
        ("𝟜𝟙𝟙𝟙 𝟙𝟙𝟙𝟙 𝟙𝟙𝟙𝟙 𝟙𝟙𝟙𝟙", "[CARD]"),
        ("𝟺𝟷𝟷𝟷 𝟷𝟷𝟷𝟷 𝟷𝟷𝟷𝟷 𝟷𝟷𝟷𝟷", "[CARD]"),
        ("＋８１　９０　１２３４　５６７８", "[PHONE]"),
        ("ａｎｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "[EMAIL]"),
        ("ＤＥ８９３７０４００４４０５３２０１３０００", "[IBAN]"),
        ("ｓｓｎ　０７８－０５－１１２０", "ｓｓｎ　[SSN]"),
    ]);
    untouched(&[
        "SN４１１１１１１１１１１１１１１１",
        "SN-４１１１１１１１１１１１１１１１",
        "SNー4111111111111111",
        "４１１１１１１１１１１１１１１２",
        "カード ラーメン ー ４１",
        "ABC　ｄｅｆ",
    ]);
}

#[test]
fn what_nobody_sees_hides_nothing_and_stays_outside() {
    let keycaps: String = "4111111111111111"
        .chars()
        .flat_map(|digit| [digit, '\u{fe0f}', '\u{20e3}'])
        .collect();
    check(&[
        (
            "4111\u{200b}1111\u{200b}1111\u{200b}1111\u{200b}.",
            "[CARD]\u{200b}.",
        ),
        ("4111\u{ad}1111 1111\u{2060}1111", "[CARD]"),
        (
            "\u{feff}4111 \u{200e}1111\u{200f} 1111 1111",
            "\u{feff}[CARD]",
        ),
        ("anna\u{200b}@exam\u{ad}ple.com", "[EMAIL]"),
        (
            "GB29\u{200b}NWBK\u{200b}6016\u{200b}1331\u{200b}9268\u{200b}19",
            "[IBAN]",
        ),
        ("Card\u{feff}4111111111111111", "Card\u{feff}[CARD]"),
        (
            "Card\u{feff}4111111111111111 4111\u{200b}111111111111",
            "Card\u{feff}[CARD] [CARD]",
        ),
    ]);
    assert!(
        masked(&keycaps).starts_with("[CARD]"),
        "{}",
        masked(&keycaps)
    );
    untouched(&[
        "\u{200b}\u{200b}",
        "4111\u{200b}1111\u{200b}1111\u{200b}1112",
        "a\u{ad}b",
    ]);
}
