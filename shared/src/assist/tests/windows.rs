//! What a window holds.

use proptest::prelude::*;

use crate::assist::Window;
use crate::domain::Speaker;

#[test]
fn the_last_two_turns_are_remembered_whoever_pauses() {
    let mut window = Window::default();
    for (speaker, text, all) in [
        (Speaker::Agent, "Hello.", "Hello."),
        (Speaker::Customer, " My router ", "Hello. My router"),
        (Speaker::Customer, "blinks.", "Hello. My router blinks."),
        (Speaker::Agent, "Red?", "My router blinks. Red?"),
    ] {
        window.hear(speaker, text);
        assert_eq!(window.text(), all);
    }
<<<<<<< HEAD
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
=======
    assert_eq!(format!("{window:?}"), "Window([Turn(17), Turn(4)])");
>>>>>>> a3
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
