//! Numbers that are spelled out.

use crate::assist::is_number;

#[test]
fn half_of_the_words_make_a_number_and_a_letter_makes_a_code() {
    for (text, is) in [
        ("Seven zero three three.", true),
        ("Four zero zero nine one one, for Mortimer Swale.", true),
        ("It's forty-four ninety.", true),
        ("Kundennummer 4471 und 12", true),
        ("E fifteen oh three.", false),
        ("It says E thirty ten, and nothing else.", false),
        ("I have two cameras, and one of them is dead.", false),
        ("Can I have one?", false),
        ("", false),
        ("...", false),
    ] {
        assert_eq!(is_number(text), is, "{text}");
    }
}
