//! What stands right beside a number: another number, a slash, a plus, a value that was found before it.

use super::{check, masked, untouched};

#[test]
fn a_number_begins_behind_a_value_and_not_behind_other_digits() {
    check(&[
        ("at 4111111111111111/212-555-0123", "at [CARD]/[PHONE]"),
        (
            "1; 2; 212-555-0123; 5/212-555-0124",
            "1; 2; [PHONE]; 5/212-555-0124",
        ),
        ("4111 1111 1111 1111 030 23125123", "[CARD] [PHONE]"),
        ("4111 1111 1111 1111 0049 30 23125123", "[CARD] [PHONE]"),
    ]);
    untouched(&[
        "5/212-555-0123",
        "5-212-555-0123",
        "12/0049 30 23125123",
        "12 0049 30 23125123",
        "0049-30-23125123",
        "12-34-567",
        "(55 2754-8696)",
        "12-4111-1111-1111-1111",
        "1.4111111111111111",
    ]);
}

#[test]
fn a_number_ends_before_a_value_and_before_other_digits() {
    check(&[
        ("030 23125123 4111 1111 1111 1111", "[PHONE] [CARD]"),
        ("212-555-0123 24 hours", "[PHONE] 24 hours"),
        ("001 212 555 0123 24 hours", "[PHONE] 24 hours"),
        ("0049 30 2312 512 3456", "[PHONE]"),
        (
            "call five five five oh one two three, 12 times",
            "call [PHONE], 12 times",
        ),
        (
            "call four nine three oh two three one two five one two three",
            "call [PHONE]",
        ),
    ]);
    untouched(&["ssn 21 905 11 20 7"]);
}

#[test]
fn what_has_more_groups_than_any_number_is_none() {
    let groups = |threes: usize| format!("+4 9{}", " 3".repeat(threes));
    assert_eq!(masked(&groups(17)), "[PHONE] 3 3 3 3");
    assert_eq!(masked(&groups(18)), groups(18));
}

#[test]
fn a_plus_belongs_to_a_number_only_where_nothing_touches_it() {
    check(&[
        ("12 and +49 30 23125123", "12 and [PHONE]"),
        ("4111111111111111+49 30 23125123", "[CARD]+49 30 23125123"),
    ]);
}

#[test]
fn a_value_inside_another_is_a_part_of_it() {
    check(&[
        ("DE89370400440532013000@example.com", "[EMAIL]"),
        ("anna+DE89370400440532013000@example.com", "[EMAIL]"),
    ]);
}

#[test]
fn a_word_with_its_number_attached_has_its_number() {
    check(&[("call, ticket4711: 2125550123", "call, ticket4711: [PHONE]")]);
}

#[test]
fn double_means_the_digit_right_behind_it() {
    check(&[("four double one one 1111 1111 triple one one", "[CARD]")]);
    untouched(&["four double        one one 1111 1111 triple one one"]);
}

/// A second look reads the text with tokens in the place of values: what it finds stands elsewhere in the text itself.
#[test]
fn what_a_second_look_finds_stands_behind_what_the_first_found() {
    check(&[(
        "4111\u{200b}111111111111 and 4111\u{200b}111111111111, Card\u{feff}4111111111111111.",
        "[CARD] and [CARD], Card\u{feff}[CARD].",
    )]);
}
