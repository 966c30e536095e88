//! Where words begin and end.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// What terms are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Piece<'text> {
    /// A word of a script that sets blanks.
    Word(&'text str),
    /// Two neighbouring letters of a script that does not, or one that stands alone.
    Pair(&'text str),
}

/// Hands out every piece of a spelled text, with its bytes.
pub(super) fn split<'text>(text: &'text str, mut take: impl FnMut(Range<usize>, Piece<'text>)) {
    let bytes = text.as_bytes();
    let until = |from: usize, is_end: fn(u8) -> bool| {
        let length = bytes[from..].iter().position(|byte| is_end(*byte));
        length.map_or(bytes.len(), |length| from + length)
    };
    let mut end = 0;
    loop {
        let start = until(end, begins_word);
        if start == bytes.len() {
            break;
        }
        let letters = until(start, |byte| {
            byte.is_ascii() && !byte.is_ascii_alphanumeric()
        });
        end = until(letters, |byte| !ends_word(byte));
        let is_alone = end == bytes.len() || bytes[end].is_ascii_whitespace();
        if is_alone && text[start..letters].chars().all(is_plain) {
            take(start..letters, Piece::Word(&text[start..letters]));
        } else {
            end = until(end, |byte| byte.is_ascii_whitespace());
            split_stretch(start, &text[start..end], &mut take);
        }
    }
}

fn begins_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// Whether words end here if a blank follows.
fn ends_word(byte: u8) -> bool {
    byte.is_ascii_punctuation() && byte != b'_'
}

/// Letters and digits of which any sequence between blanks is one word: those of Latin, Greek and Cyrillic. So most words need none
/// of the rules.
fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
        || matches!(letter, '\u{df}'..='\u{f6}' | '\u{f8}'..='\u{24f}' | '\u{3b1}'..='\u{3ce}' | '\u{430}'..='\u{481}')
}

fn split_stretch<'text>(
    start: usize,
    text: &'text str,
    take: &mut impl FnMut(Range<usize>, Piece<'text>),
) {
    let mut start = start;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_unspaced = is_unspaced(first);
        let end = rest.find(|letter| self::is_unspaced(letter) != is_unspaced);
        let (run, after) = rest.split_at(end.unwrap_or(rest.len()));
        if is_unspaced {
            split_pairs(start, run, take);
        } else {
            for (at, word) in run.unicode_word_indices() {
                let at = start + at;
                take(at..at + word.len(), Piece::Word(word));
            }
        }
        start += run.len();
        rest = after;
    }
}

fn split_pairs<'text>(
    start: usize,
    run: &'text str,
    take: &mut impl FnMut(Range<usize>, Piece<'text>),
) {
    let starts = || run.char_indices().map(|(place, _)| place);
    // One end fewer than letters, so the last letter begins no pair; but a letter alone has the end of the run.
    let ends = starts().skip(2).chain([run.len()]);
    for (from, to) in starts().zip(ends) {
        take(start + from..start + to, Piece::Pair(&run[from..to]));
    }
}

/// Letters of scripts without blanks between words, and Hangul, whose words carry their particles with them.
fn is_unspaced(letter: char) -> bool {
    matches!(letter,
        // Han.
        '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'
        // Hiragana and Katakana.
        | '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}'
        // Hangul.
        | '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}' | '\u{a960}'..='\u{a97c}' | '\u{ac00}'..='\u{d7fb}'
        // Thai, Lao, Myanmar, Khmer.
        | '\u{e01}'..='\u{e3a}' | '\u{e40}'..='\u{e4e}' | '\u{e81}'..='\u{ece}' | '\u{1000}'..='\u{103f}' | '\u{1780}'..='\u{17d3}'
    )
}
