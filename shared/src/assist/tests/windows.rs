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
        window.hear(speaker, None, text);
        assert_eq!((window.text().as_str(), window.before()), (all, before));
        let said = window.latest().split_whitespace().count();
        assert_eq!(window.words(), said);
    }
    assert_eq!(format!("{window:?}"), "Window([Turn(17), Turn(4)])");
}

#[test]
fn where_nobody_says_who_speaks_each_channel_is_somebody() {
    let mut window = Window::default();
    for (channel, text, latest, before) in [
        (Some(1), "Hello.", "Hello.", None),
        (Some(0), "My router", "My router", Some("Hello.")),
        (Some(0), "blinks.", "My router blinks.", Some("Hello.")),
        (Some(1), "Red?", "Red?", Some("My router blinks.")),
        (None, "Red.", "Red.", Some("Red?")),
    ] {
        window.hear(Speaker::Unknown, channel, text);
        assert_eq!((window.latest(), window.before()), (latest, before));
        let said = latest.split_whitespace().count();
        assert_eq!(window.words(), said);
    }
}

#[test]
fn who_is_named_is_one_in_all_channels() {
    let mut window = Window::default();
    window.hear(Speaker::Customer, Some(0), "My router");
    window.hear(Speaker::Customer, Some(2), "blinks.");
    assert_eq!(window.latest(), "My router blinks.");
}

#[test]
fn a_window_of_an_earlier_version_is_read() {
    let stored = r#"[{"speaker":"customer","text":"My router"}]"#;
    let mut window: Window = serde_json::from_str(stored).unwrap();
    assert_eq!(serde_json::to_string(&window).unwrap(), stored);
    window.hear(Speaker::Customer, Some(0), "blinks.");
    assert_eq!(window.text(), "My router blinks.");
}

proptest! {
    #[test]
    fn it_ends_with_what_was_said_and_never_grows_beyond_its_size(
        said in proptest::collection::vec((any::<bool>(), "[a-zü ]{1,300}"), 1..20),
    ) {
        let mut window = Window::default();
        for (is_agent, text) in &said {
            let speaker = if *is_agent { Speaker::Agent } else { Speaker::Unknown };
            window.hear(speaker, None, text);
            prop_assert!(window.text().chars().count() <= 2 * 400 + 1);
            prop_assert!(window.text().ends_with(text.trim()));
        }
    }
}
