//! Any bytes as the body of an article: the text is bounded and tidy, no markup of the source reads as a tag in it, and links are web
//! addresses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::text::html;

fuzz_target!(|bytes: &[u8]| {
    let body = String::from_utf8_lossy(bytes);
    let page = html::read(&body, None);
    for section in &page.sections {
        let words = section.heading_path.iter().chain([&section.text]);
        for text in words {
            assert!(!text.contains(|letter: char| letter.is_control() && !"\n\t".contains(letter)));
            // What the author had escaped is shown as the characters that it stands for.
            assert!(body.contains('&') || !has_tag(text), "{text:?}");
        }
    }
    let letters = page.sections.iter().map(|section| {
        section.text.len() + section.heading_path.iter().map(String::len).sum::<usize>()
    });
    assert!(letters.sum::<usize>() < 9 << 20);
    assert!(
        page.links
            .iter()
            .all(|link| ["http", "https"].contains(&link.scheme()))
    );
});

/// Whether a browser could take a part of the text for a tag, a comment or the like.
fn has_tag(text: &str) -> bool {
    let after = |rest: &str| {
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        rest.starts_with(|letter: char| letter.is_ascii_alphabetic() || matches!(letter, '!' | '?'))
    };
    text.split('<').skip(1).any(after)
}
