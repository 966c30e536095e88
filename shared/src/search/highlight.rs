//! Where the words of a question stand in a text. The text itself carries no marks: whoever shows it cannot mistake its words for markup.

use std::ops::Range;

use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation as _;

/// A part of the text, counted in Unicode scalar values (`char` in Rust, code points in Python; not the UTF-16 units of JavaScript).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Highlight {
    /// The number of characters before it.
    pub start: usize,
    /// The number of characters before what follows it.
    pub end: usize,
}

/// The parts of the text that these ranges of bytes touch, in order, none touching another. None begins or ends within what a reader takes
/// for one letter. Ranges may come in any order, overlap, and point anywhere.
pub fn highlight(text: &str, spans: impl IntoIterator<Item = Range<usize>>) -> Vec<Highlight> {
    let mut spans: Vec<_> = spans.into_iter().filter(|span| !span.is_empty()).collect();
    spans.sort_by_key(|span| (span.start, span.end));
    let mut found: Vec<Highlight> = Vec::new();
    let (mut next, mut reach, mut start) = (0, 0, 0);
    for (begin, letter) in text.grapheme_indices(true) {
        let end = start + letter.chars().count();
        while let Some(span) = spans
            .get(next)
            .filter(|span| span.start < begin + letter.len())
        {
            reach = reach.max(span.end);
            next += 1;
        }
        if reach > begin {
            match found.last_mut().filter(|last| last.end == start) {
                Some(last) => last.end = end,
                None => found.push(Highlight { start, end }),
            }
        }
        start = end;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marked(text: &str, spans: &[(usize, usize)]) -> String {
        let letters: Vec<char> = text.chars().collect();
        let (mut out, mut from) = (String::new(), 0);
        for part in highlight(text, spans.iter().map(|(start, end)| *start..*end)) {
            out.extend(&letters[from..part.start]);
            out.push('[');
            out.extend(&letters[part.start..part.end]);
            out.push(']');
            from = part.end;
        }
        out.extend(&letters[from..]);
        out
    }

    #[test]
    fn ranges_become_whole_letters() {
        for (text, spans, expected) in [
            (
                "reset the router",
                &[(0, 5), (10, 16)][..],
                "[reset] the [router]",
            ),
            (
                "reset the router",
                &[(10, 16), (0, 5), (0, 5)],
                "[reset] the [router]",
            ),
            ("東京都庁", &[(0, 6), (3, 9)], "[東京都]庁"),
            ("für Größe", &[(0, 4), (5, 7)], "[für] [Gr]öße"),
            ("e\u{301}tude", &[(0, 1)], "[e\u{301}]tude"),
            (
                "a👩\u{200d}👩\u{200d}👧b",
                &[(2, 3)],
                "a[👩\u{200d}👩\u{200d}👧]b",
            ),
            ("ab", &[(0, 1), (1, 2)], "[ab]"),
            ("ab", &[(5, 9), (1, 1), (1, usize::MAX)], "a[b]"),
            ("", &[(0, 3)], ""),
            ("<b>&", &[(0, 3)], "[<b>]&"),
        ] {
            assert_eq!(marked(text, spans), expected);
        }
    }

    proptest! {
        #[test]
        fn exactly_the_letters_that_are_touched_are_marked(
            text in "[a-c é東👩\u{200d}👧\u{301}🇩🇪\r\n]{0,40}",
            spans in proptest::collection::vec((0_usize..80, 0_usize..80), 0..8),
        ) {
            let spans: Vec<_> = spans.into_iter().map(|(start, end)| start..end).collect();
            let found = highlight(&text, spans.iter().cloned());
            let mut expected = Vec::new();
            for (begin, letter) in text.grapheme_indices(true) {
                let is_touched = (begin..begin + letter.len()).any(|byte| spans.iter().any(|span| span.contains(&byte)));
                expected.extend(letter.chars().map(|_| is_touched));
            }
            let is_marked = |place| found.iter().any(|part| (part.start..part.end).contains(&place));
            prop_assert_eq!((0..text.chars().count()).map(is_marked).collect::<Vec<_>>(), expected);
            prop_assert!(found.windows(2).all(|pair| pair[0].end < pair[1].start));
            prop_assert!(found.iter().all(|part| part.start < part.end));
        }
    }
}
