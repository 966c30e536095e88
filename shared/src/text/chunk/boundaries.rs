//! Where text may be cut: before the first letter of the next sentence or word, and at the end of the text. What lies between two
//! cuts is never blank, unless all is.

/// Where a sentence stands at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Inside,
    /// After a mark that ends a sentence if a blank follows.
    Mark,
    /// After a mark that needs no blank.
    FullWidthMark,
    /// After the sentence.
    End,
}

impl At {
    fn after(self, letter: char) -> Self {
        match letter {
            '\n' => Self::End,
            '.' | '!' | '?' | '…' | '؟' | '۔' | '।' | '։' => Self::Mark,
            '。' | '！' | '？' | '｡' => Self::FullWidthMark,
            _ if self == Self::Inside => Self::Inside,
            _ if letter.is_whitespace() => Self::End,
            '"' | '\'' | ')' | ']' | '”' | '’' | '»' | '」' | '』' | '）' if self != Self::End => {
                self
            }
            _ => Self::Inside,
        }
    }

    /// Whether a sentence begins, where `next` is the state after its first letter.
    fn begins(self, letter: char, next: Self) -> bool {
        match self {
            Self::End => !letter.is_whitespace(),
            Self::FullWidthMark => next == Self::Inside,
            Self::Inside | Self::Mark => false,
        }
    }
}

/// Where sentences end: at marks and at line ends. A full stop within a number or an address ends nothing, because no blank follows.
pub(super) fn sentences(text: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut at = At::Inside;
    let first = text.len() - text.trim_start().len();
    for (index, letter) in text.char_indices() {
        let next = at.after(letter);
        if index > first && at.begins(letter, next) {
            ends.push(index);
        }
        at = next;
    }
    ends.push(text.len());
    ends
}

/// Where words end: before a letter that a blank precedes.
pub(super) fn words(text: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut after_blank = false;
    let first = text.len() - text.trim_start().len();
    for (index, letter) in text.char_indices() {
        let is_blank = letter.is_whitespace();
        if index > first && after_blank && !is_blank {
            ends.push(index);
        }
        after_blank = is_blank;
    }
    ends.push(text.len());
    ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces<'text>(text: &'text str, ends: &[usize]) -> Vec<&'text str> {
        let starts = std::iter::once(&0).chain(ends);
        starts
            .zip(ends)
            .map(|(start, end)| &text[*start..*end])
            .collect()
    }

    #[test]
    fn sentences_end_where_a_reader_would_end_them() {
        for (text, expected) in [
            ("", &[""][..]),
            ("no end", &["no end"]),
            ("One. Two!  Three? ", &["One. ", "Two!  ", "Three? "]),
            (
                "It costs 12.50 at example.com. Fine.",
                &["It costs 12.50 at example.com. ", "Fine."],
            ),
            (
                "He said \"Go.\" (Then left.) Right",
                &["He said \"Go.\" ", "(Then left.) ", "Right"],
            ),
            (
                "first line\n\n second line",
                &["first line\n\n ", "second line"],
            ),
            ("Wait... what?! Yes", &["Wait... ", "what?! ", "Yes"]),
            ("你好。「再见！」好", &["你好。", "「再见！」", "好"]),
            ("नमस्ते। कैसे हैं", &["नमस्ते। ", "कैसे हैं"]),
            ("\n\n a\n\n", &["\n\n a\n\n"]),
            ("  . x", &["  . ", "x"]),
        ] {
            assert_eq!(pieces(text, &sentences(text)), expected, "{text}");
        }
    }

    #[test]
    fn words_end_after_their_blanks() {
        assert_eq!(
            pieces("  one two\t\nthree ", &words("  one two\t\nthree ")),
            ["  one ", "two\t\n", "three "]
        );
    }

    proptest! {
        #[test]
        fn boundaries_grow_and_stand_between_characters(text in "[ab.!。」\" \n\u{e9}\u{1f600}]{0,40}") {
            for ends in [sentences(&text), words(&text)] {
                prop_assert!(ends.is_sorted_by(|one, two| one < two));
                prop_assert!(ends.iter().all(|end| text.is_char_boundary(*end)));
                prop_assert_eq!(ends.last(), Some(&text.len()));
                let is_blank = |piece: &&str| piece.trim().is_empty();
            prop_assert!(text.trim().is_empty() || !pieces(&text, &ends).iter().any(is_blank));
            }
        }
    }
}
