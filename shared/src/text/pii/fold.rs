//! What is written in other letters than those of ASCII and means the same: an East Asian keyboard writes `４１１１`, others write the
//! digits of their script, and some texts hold characters that nobody sees. The scanners read the text as it is meant; findings stand
//! where they stand in the text as it came.

use std::ops::Range;

use super::Finding;

/// Of each script's ten digits the zero; the others follow it.
const ZEROS: [char; 16] = [
    '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}',
    '\u{be6}', '\u{c66}', '\u{ce6}', '\u{d66}', '\u{e50}', '\u{ed0}', '\u{f20}', '\u{17e0}',
];

/// How far a text is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Everything is what it means, and what nobody sees is nothing: `ＤＥ８９` begins an account's number.
    Whole,
    /// Letters and what nobody sees stay: they stand beside a number, and are no part of it as Latin letters would be, as in `ＴＥＬ０３`.
    Digits,
}

/// The text as it is meant; none if that is how it is written.
pub(super) fn fold(text: &str, way: Way) -> Option<String> {
    if text.is_ascii() || !text.contains(is_foreign) {
        return None;
    }
    Some(meant(text, way).filter_map(|(_, letter)| letter).collect())
}

/// Findings of the text as it is meant, where they stand in the text itself.
pub(super) fn unfold(text: &str, way: Way, mut findings: Vec<Finding>) -> Vec<Finding> {
    let (mut at, mut starts, mut ends) = (0, 0, 0);
    for (place, letter) in meant(text, way) {
        let Some(letter) = letter else { continue };
        if let Some(finding) = findings.get_mut(starts).filter(|one| one.range.start == at) {
            finding.range.start = place.start;
            starts += 1;
        }
        at += letter.len_utf8();
        if let Some(finding) = findings.get_mut(ends).filter(|one| one.range.end == at) {
            finding.range.end = place.end;
            ends += 1;
        }
    }
    findings
}

/// Every character with its place, as it is meant; what nobody sees is none.
fn meant(text: &str, way: Way) -> impl Iterator<Item = (Range<usize>, Option<char>)> {
    let mut last = ' ';
    text.char_indices().map(move |(start, letter)| {
        let meaning = match letter {
            ..'\u{ad}' => Some(letter),
            _ if is_unseen(letter) => (way == Way::Digits).then_some(letter),
            // A long vowel has the form of a dash, and behind anything but a vowel it is one.
            'ー' if !last.is_alphabetic() || last < '\u{250}' => Some('-'),
            'Ａ'..='Ｚ' | 'ａ'..='ｚ' if way == Way::Digits => Some(letter),
            _ => Some(as_ascii(letter)),
        };
        last = meaning.unwrap_or(last);
        (start..start + letter.len_utf8(), meaning)
    })
}

/// Whether a text with it may be meant otherwise than it is written.
fn is_foreign(letter: char) -> bool {
    letter >= '\u{ad}' && (is_unseen(letter) || letter == 'ー' || as_ascii(letter) != letter)
}

/// The same in ASCII, if there is such a character.
fn as_ascii(letter: char) -> char {
    let number = u32::from(letter);
    let ascii = match letter {
        '！'..='～' => char::from_u32(number - 0xfee0),
        '\u{2000}'..='\u{200a}' | '\u{205f}' | '\u{3000}' => Some(' '),
        '\u{2212}' => Some('-'),
        // Digits for formulas, in five forms.
        '\u{1d7ce}'..='\u{1d7ff}' => char::from_digit((number - 0x1d7ce) % 10, 10),
        '\u{660}'..'\u{1800}' => {
            let values = ZEROS
                .iter()
                .map(|zero| number.wrapping_sub(u32::from(*zero)));
            let mut digits = values.filter_map(|value| char::from_digit(value, 10));
            digits.next()
        }
        _ => None,
    };
    ascii.unwrap_or(letter)
}

/// What has neither form nor width: it joins, parts, directs or varies what stands beside it.
fn is_unseen(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{20e3}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fff8}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}
