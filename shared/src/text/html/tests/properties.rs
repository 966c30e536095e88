//! What holds for every input.

use proptest::prelude::*;

use super::markup::has_tag;
use super::{page, text};

/// Pieces that parsers stumble over, without any that escapes.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "<",
            ">",
            "/",
            "</",
            "</>",
            "<!",
            "<!--",
            "-->",
            "<?",
            "b",
            "b>",
            "script",
            "<script>",
            "</script>",
            "<b>",
            "</b>",
            "<p>",
            "<pre>",
            "</pre>",
            "<td>",
            "<tr>",
            "<table>",
            "</table>",
            "<ul>",
            "<li>",
            "</li>",
            "<h2>",
            "</h2>",
            "<style>",
            "</style>",
            "<svg>",
            "</svg>",
            "<title>",
            "</title>",
            "<![CDATA[",
            "]]>",
            "<xmp>",
            "<br>",
            "<img alt='<x>'>",
            "<i hidden>",
            "</i>",
            "<code>",
            "</code>",
            "'",
            "\"",
            "=",
            "x",
            " ",
            "\n",
            "\0",
            "\u{ad}",
            "\r",
            "<p hidden>",
            "<template>",
            "</template>",
            "<dl>",
            "<dd>",
            "<textarea>",
        ])
        .prop_map(str::to_owned),
        "[a-z<>/!é ]{0,6}",
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// A part of a tidy article, and the words in it.
fn part() -> impl Strategy<Value = (String, Vec<String>)> {
    let words = proptest::collection::vec("[a-z]{1,8}", 1..6);
    let wrap = prop::sample::select(vec![
        ("<p>", "</p>"),
        ("<div><b>", "</b></div>"),
        ("<ul><li>", "</li></ul>"),
        ("<pre><code>", "</code></pre>"),
        ("<h2>", "</h2>"),
        ("<h3><i>", "</i></h3>"),
        ("<table><tr><td>", "</td></tr></table>"),
        ("<table><tr><th>a</th><td>", "</td></tr></table>"),
        ("<dl><dt>", "</dt></dl>"),
        ("<blockquote>", "</blockquote>"),
        ("<br>", "<br>"),
    ]);
    (words, wrap).prop_map(|(words, (open, close))| {
        let header = open.contains("<th>").then(|| "a".to_owned());
        let html = format!("{open}{}{close}", words.join(" "));
        (html, header.into_iter().chain(words).collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn nothing_panics_and_no_markup_becomes_a_tag(html in pieces()) {
        let text = text(&html);
        prop_assert!(!has_tag(&text), "{html:?} became {text:?}");
    }

    #[test]
    fn any_bytes_become_bounded_text_without_a_tag(
        bytes in proptest::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"<>/!-=\"'ab \n".to_vec())], 0..600),
    ) {
        let html = String::from_utf8_lossy(&bytes);
        let page = page(&html);
        let size = |section: &super::super::Section| section.text.len() + section.heading_path.concat().len();
        let size: usize = page.sections.iter().map(size).sum();
        // Each section repeats its headings, six at most; a table repeats the names of its columns.
        prop_assert!(size <= 64 * (html.len() + 1), "{size} bytes from {html:?}");
        prop_assert!(html.contains('&') || !has_tag(&text(&html)), "{html:?}");
        prop_assert!(page.links.iter().all(|link| ["http", "https"].contains(&link.scheme())));
    }

    #[test]
    fn sections_are_tidy(html in prop_oneof![pieces(), "\\PC{0,80}"]) {
        for section in page(&html).sections {
            prop_assert!(!section.text.ends_with(char::is_whitespace));
            prop_assert!(!section.text.starts_with('\n') && !section.text.contains("\n\n\n"));
            prop_assert!(!section.text.contains(|letter: char| letter.is_control() && !"\n\t".contains(letter)));
            prop_assert!(!section.text.is_empty() || !section.heading_path.is_empty());
            prop_assert!(section.heading_path.len() <= 6 && !section.heading_path.contains(&String::new()));
        }
    }

    #[test]
    fn every_word_of_a_tidy_article_is_there_in_order(parts in proptest::collection::vec(part(), 0..12)) {
        let html: String = parts.iter().map(|(html, _)| html.as_str()).collect();
        let expected: Vec<_> = parts.into_iter().flat_map(|(_, words)| words).collect();
        let text = text(&html);
        let found = text.split_whitespace().filter(|word| word.starts_with(|letter: char| letter.is_ascii_lowercase()));
        prop_assert_eq!(found.collect::<Vec<_>>(), expected, "{}", html);
    }
}
