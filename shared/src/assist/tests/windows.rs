//! How much of a talk is remembered.

use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::assist::Window;

#[test]
fn old_utterances_are_forgotten() {
    let mut window = Window::default();
    for utterance in [&"old ".repeat(30), " ", &"new ".repeat(40), "now"] {
        window.push(utterance);
    }
    assert_eq!(window.text(), format!("{}now", "new ".repeat(40)));
    assert_eq!(window.latest(), "now");
    let stored = serde_json::to_string(&window).unwrap();
    assert_eq!(serde_json::from_str::<Window>(&stored).unwrap(), window);
}

#[test]
fn of_an_endless_utterance_the_end_stays() {
    let mut window = Window::default();
    let words: Vec<_> = (0..100).map(|number| format!("word{number}")).collect();
    window.push(&words.join(" "));
    let text = window.text();
    assert!(
        text.starts_with("word40 ") && text.ends_with("word99"),
        "{text}"
    );
    window.push(&"x".repeat(9_000));
    assert_eq!(window.text().len(), 1_999);
}

proptest! {
    #[test]
    fn a_window_is_the_end_of_what_was_said(said in proptest::collection::vec("([a-zé東]{1,9}[ ,.]?|\\PC){0,90}", 1..8)) {
        let mut window = Window::default();
        for utterance in &said {
            window.push(utterance);
        }
        let text = window.text();
        let all: Vec<_> = said.iter().map(|one| one.trim()).filter(|one| !one.is_empty()).collect();
        prop_assert!(all.join(" ").ends_with(&text));
        let last = all.last().copied().unwrap_or_default();
        prop_assert!(last.ends_with(window.latest()) && text.ends_with(window.latest()));
        prop_assert_eq!(window.latest().is_empty(), last.is_empty());
        prop_assert!(text.unicode_words().count() <= 61 && text.len() <= 2_000);
    }
}
