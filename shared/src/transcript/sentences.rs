//! Where sentences end in what is spoken. UAX #29 finds the candidates; here is said which of them is none, and whether the last one
//! is an end although nothing follows yet.

use unicode_segmentation::UnicodeSegmentation as _;

/// After these a full stop ends no sentence. What stands here wrongly only waits until it is quiet, or until more is said.
const ABBREVIATIONS: [&str; 41] = [
    "a.m", "approx", "art", "bzw", "ca", "co", "corp", "d.h", "dept", "dr", "dra", "e.g", "est",
    "etc", "ext", "fr", "hr", "i.e", "inc", "jr", "ltd", "mlle", "mme", "mr", "mrs", "ms", "mt",
    "no", "nr", "p.m", "prof", "sr", "sra", "st", "str", "tel", "usw", "vs", "z.b", "bspw", "evtl",
];
/// What may stand between the mark and the blank.
const CLOSING: [char; 14] = [
    '"', '\'', ')', ']', '}', '”', '’', '»', '“', '」', '』', '）', '>', '*',
];

/// The ends of the complete sentences of `text`. If it `goes_on` beyond its end, the last one is complete too.
pub(super) fn ends(text: &str, goes_on: bool) -> impl Iterator<Item = usize> {
    let mut start = 0;
    text.split_sentence_bound_indices()
        .filter_map(move |(at, piece)| {
            let end = at + piece.len();
            let sentence = &text[start..end];
            let is_end = match (end < text.len(), goes_on) {
                (true, _) => stands_apart(sentence) && !is_abbreviated(sentence),
                (false, true) => true,
                (false, false) => is_over(sentence),
            };
            is_end.then(|| {
                start = end;
                end
            })
        })
}

/// Whether a sentence is over although nothing follows: it has its mark, and no number or abbreviation can still become something
/// else.
pub(super) fn is_over(sentence: &str) -> bool {
    if sentence.ends_with('\n') {
        return true;
    }
    let Some((before, mark)) = split_mark(sentence) else {
        return false;
    };
    mark != '.'
        || !(before.ends_with(|letter: char| letter == '.' || letter.is_numeric())
            || is_abbreviated(sentence))
}

/// Whether a blank follows its mark, or needs not to: there are marks within addresses.
fn stands_apart(sentence: &str) -> bool {
    let is_apart = sentence.ends_with(char::is_whitespace);
    is_apart || split_mark(sentence).is_some_and(|(_, mark)| !mark.is_ascii() && mark != '…')
}

/// Whether it ends with a mark that ends sentences.
pub(super) fn has_mark(sentence: &str) -> bool {
    split_mark(sentence).is_some()
}

/// The last mark, and what stands before it.
fn split_mark(sentence: &str) -> Option<(&str, char)> {
    let bare = sentence.trim_end().trim_end_matches(CLOSING);
    let mark = bare.chars().next_back()?;
    let is_mark = matches!(
        mark,
        '.' | '!' | '?' | '…' | '؟' | '۔' | '।' | '։' | '。' | '！' | '？' | '｡'
    );
    is_mark.then(|| (&bare[..bare.len() - mark.len_utf8()], mark))
}

/// Whether its full stop belongs to its last word: an abbreviation, or the first letter of a name.
fn is_abbreviated(sentence: &str) -> bool {
    let Some((before, '.')) = split_mark(sentence) else {
        return false;
    };
    let word = before.rsplit(char::is_whitespace).next();
    let word = word.unwrap_or_default();
    let word = word.trim_start_matches(|letter: char| !letter.is_alphanumeric());
    let is_letter = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    let is_initials = word.len() > 1 && word.split('.').all(|part| part.chars().count() == 1);
    is_letter || is_initials || ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str, goes_on: bool) -> Vec<&str> {
        let mut start = 0;
        let mut slice = |end| {
            let slice = text[start..end].trim();
            start = end;
            slice
        };
        ends(text, goes_on).map(&mut slice).collect()
    }

    #[test]
    fn sentences_end_where_a_listener_would_end_them() {
        for (text, complete) in [
            ("", &[][..]),
            ("I want a refund", &[]),
            ("I want a refund.", &["I want a refund."]),
            ("I want a refund. And", &["I want a refund."]),
            ("Really?! Yes", &["Really?!"]),
            ("Mr. Smith called. He", &["Mr. Smith called."]),
            ("I am Mr.", &[]),
            ("J. R. Miller. Yes", &["J. R. Miller."]),
            ("It is 3.5 kg. Yes", &["It is 3.5 kg."]),
            ("It costs 3.", &[]),
            ("It costs 3. Right", &["It costs 3."]),
            (
                "Bring a bag, e.g. a big one. Ok",
                &["Bring a bag, e.g. a big one."],
            ),
            (
                "I live in the U.S. and work. Yes",
                &["I live in the U.S. and work."],
            ),
            ("Well...", &[]),
            ("Well... I see. Good", &["Well...", "I see."]),
            ("He said \"go.\" Then", &["He said \"go.\""]),
            ("He said (stop!)", &["He said (stop!)"]),
            ("first message\nsecond", &["first message"]),
            ("first message\n", &["first message"]),
            ("你好。再见！好", &["你好。", "再见！"]),
            ("你好。", &["你好。"]),
            (
                "See example.Com or a?B now. Ok",
                &["See example.Com or a?B now."],
            ),
            ("Das ist z.B. gut. Ja", &["Das ist z.B. gut."]),
        ] {
            assert_eq!(split(text, false), complete, "{text}");
        }
    }

    #[test]
    fn what_goes_on_with_something_known_is_over() {
        assert_eq!(split("One. two", true), ["One. two"]);
        assert_eq!(split("One. Two", true), ["One.", "Two"]);
    }
}
