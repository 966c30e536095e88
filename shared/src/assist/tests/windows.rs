//! What a window holds.

use proptest::prelude::*;

use crate::assist::Window;
use crate::domain::Speaker;

#[test]
fn the_last_two_turns_are_remembered_whoever_pauses() {
    let mut window = Window::default();
    for (speaker, text, all, before) in [
        (Speaker::Agent, "Hello.", "Hello.", None),
        (
            Speaker::Customer,
            " My router ",
            "Hello. My router",
            Some("Hello."),
        ),
        (
            Speaker::Customer,
            "blinks.",
            "Hello. My router blinks.",
            Some("Hello."),
        ),
        (
            Speaker::Agent,
            "Red?",
            "My router blinks. Red?",
            Some("My router blinks."),
        ),
    ] {
        window.hear(speaker, text);
        assert_eq!((window.text().as_str(), window.before()), (all, before));
        let said = window.latest().split_whitespace().count();
        assert_eq!(window.words(), said);
    }
    assert_eq!(format!("{window:?}"), "Window([Turn(17), Turn(4)])");
}

proptest! {
    #[test]
    fn it_ends_with_what_was_said_and_never_grows_beyond_its_size(
        said in proptest::collection::vec((any::<bool>(), "[a-zü ]{1,300}"), 1..20),
    ) {
        let mut window = Window::default();
        for (is_agent, text) in &said {
            let speaker = if *is_agent { Speaker::Agent } else { Speaker::Unknown };
            window.hear(speaker, text);
            prop_assert!(window.text().chars().count() <= 2 * 400 + 1);
            prop_assert!(window.text().ends_with(text.trim()));
        }
    }
}
