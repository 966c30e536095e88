//! Where each rule begins and ends: the last that is found, and the first that is not.

use crate::text::pii::{Kind, find, kinds, mask};

fn masked(text: &str) -> String {
    mask(text).text.into_owned()
}

/// A number of this length that begins so and has Luhn's checksum, computed as on paper: by a table of doubled digits.
fn with_checksum(start: &str, length: usize) -> String {
    const DOUBLED: [u32; 10] = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    let body = format!("{start}{}", "1".repeat(length - 1 - start.len()));
    let digits = body.chars().rev().filter_map(|digit| digit.to_digit(10));
    let sum: u32 = digits
        .enumerate()
        .map(|(place, digit)| {
            if place % 2 == 0 {
                DOUBLED[digit as usize]
            } else {
                digit
            }
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn is_card(text: &str) -> bool {
    kinds(&find(text)).contains(&Kind::Card)
}

#[test]
fn beginnings_and_lengths_of_cards_are_those_of_their_issuers() {
    for (starts, lengths) in [
        (&["4"][..], &[16, 19][..]),
        (
            &["51", "55", "2200", "2204", "2221", "2720", "3528", "3589"],
            &[16],
        ),
        (&["6011", "65", "644", "649", "62", "81"], &[16, 17, 18, 19]),
        (&["34", "37"], &[15]),
        (&["300", "305", "36", "38", "39"], &[14]),
        (
            &[
                "5018", "5020", "5038", "5893", "6304", "6759", "6761", "6763",
            ],
            &[16],
        ),
    ] {
        for (start, length) in starts
            .iter()
            .flat_map(|start| lengths.iter().map(move |length| (start, *length)))
        {
            let number = with_checksum(start, length);
            assert!(is_card(&number), "{number}");
        }
    }
}

#[test]
fn rare_beginnings_need_a_word() {
    for (start, lengths) in [
        ("4", &[13][..]),
        ("5018", &[13, 14, 15, 17, 18, 19]),
        ("6763", &[13, 19]),
    ] {
        for length in lengths {
            let number = with_checksum(start, *length);
            assert!(!is_card(&number), "{number}");
            assert!(is_card(&format!("card {number}")), "card {number}");
        }
    }
}

#[test]
fn what_no_issuer_has_is_no_card_whatever_is_said_of_it() {
    for (start, lengths) in [
        ("4", &[12, 14, 15, 17, 18, 20][..]),
        ("50", &[16]),
        ("56", &[16]),
        ("2199", &[16]),
        ("2205", &[16]),
        ("2220", &[16]),
        ("2721", &[16]),
        ("3527", &[16]),
        ("3590", &[16]),
        ("51", &[15, 17]),
        ("6010", &[16]),
        ("6012", &[16]),
        ("643", &[16]),
        ("66", &[16]),
        ("65", &[15, 20]),
        ("61", &[16]),
        ("62", &[15]),
        ("82", &[16]),
        ("33", &[15]),
        ("35", &[15]),
        ("34", &[14, 16]),
        ("306", &[14]),
        ("299", &[14]),
        ("37", &[14]),
        ("36", &[13, 15]),
        ("5018", &[12, 20]),
        ("5019", &[16]),
        ("6760", &[16]),
        ("6764", &[16]),
        ("0", &[16]),
    ] {
        for length in lengths {
            let text = format!("card {}", with_checksum(start, *length));
            assert!(!is_card(&text), "{text}");
        }
    }
}

#[test]
fn addresses_have_limits() {
    let local = |length: usize| format!("{}@b.de", "a".repeat(length));
    let domain = |length: usize| format!("a@{}.{}.de", "b".repeat(60), "c".repeat(length - 64));
    assert_eq!(masked(&local(64)), "[EMAIL]");
    assert_eq!(masked(&local(65)), local(65));
    assert_eq!(masked(&domain(253)), "[EMAIL]");
    assert_eq!(masked(&domain(254)), domain(254));
    for (text, expected) in [
        ("a@b.xn--p1ai", "[EMAIL]"),
        ("a@b.de: hello", "[EMAIL]: hello"),
        ("a@b.de:Hello", "[EMAIL]:Hello"),
        ("a@b.de:secret", "[EMAIL]:secret"),
        ("a@b.de:c@d.fr/x", "[EMAIL]:[EMAIL]/x"),
        ("a@b.de:so and/or", "[EMAIL]:so and/or"),
        ("a@b.de:And/or", "[EMAIL]:And/or"),
        ("..a@b.de", "..[EMAIL]"),
        ("a&b@c.de", "[EMAIL]"),
        ("a@b.de-", "[EMAIL]-"),
        ("a@müller.de é", "[EMAIL] é"),
        ("a@b.de.4711.0815", "[EMAIL].4711.0815"),
    ] {
        assert_eq!(masked(text), expected, "{text}");
    }
    for text in [
        ".-@b.de",
        "a.@b.de",
        "a@b.d",
        "a@b-.de",
        "a@b.PNG",
        "a@b.de:srv/x",
        "a@b.de:/srv",
        "a@b.d3",
        "a@b.4711",
    ] {
        assert_eq!(masked(text), text);
    }
}

/// The number of a country with the check digits that it must have.
fn with_check_digits(country: &str, rest: &str) -> String {
    let value = |letter: char| letter.to_digit(36).unwrap();
    let digits = |text: String| {
        text.chars()
            .map(|letter| value(letter).to_string())
            .collect::<String>()
    };
    let remainder = |text: &str| {
        text.bytes()
            .fold(0, |sum, digit| (sum * 10 + u32::from(digit - b'0')) % 97)
    };
    let check = 98 - remainder(&digits(format!("{rest}{country}00")));
    format!("{country}{check:02}{rest}")
}

#[test]
fn ibans_are_mostly_digits_and_stand_alone() {
    let half = with_check_digits("GB", "ABCDEFGHI123456789");
    let less = with_check_digits("GB", "ABCDEFGHIJ12345678");
    assert_eq!(masked(&half), "[IBAN]");
    assert_eq!(masked(&less), less);
    for (text, expected) in [
        ("DE89.3704.0044.0532.0130.00", "[IBAN]"),
        ("DE-89-37040044-05320130-00!", "[IBAN]!"),
        ("iban DE89370400440532013000", "iban [IBAN]"),
        ("(DE89370400440532013000)", "([IBAN])"),
        (
            "DE89370400440532013000 DE89370400440532013000",
            "[IBAN] [IBAN]",
        ),
        ("NO9386011117947", "[IBAN]"),
        ("MT84MALT011000012345MTLCAST001S", "[IBAN]"),
    ] {
        assert_eq!(masked(text), expected, "{text}");
    }
    for text in [
        "_DE89370400440532013000",
        "DE89370400440532013000_",
        "DE89370400440532013000é",
        "1IBANDE8937040044053201300",
        "DE89--370400440532013000",
        "DE8 370400440532013000",
    ] {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn telephones_have_their_lengths() {
    for (text, expected) in [
        ("+49302312", "[PHONE]"),
        ("+493023125123456", "[PHONE]"),
        ("001 212 555 0123", "[PHONE]"),
        ("00493 0231251", "[PHONE]"),
        ("+1 212 555 0123", "[PHONE]"),
        ("030/231251", "[PHONE]"),
        ("030/231251234", "[PHONE]"),
        ("01.99.00.12.34", "[PHONE]"),
        ("call 5550123", "call [PHONE]"),
        ("call 123456789012345", "call [PHONE]"),
    ] {
        assert_eq!(masked(text), expected, "{text}");
    }
    for text in [
        "+4930231",
        "+4930231251234567",
        "+1 212 555 01234",
        "+049 30 23125123",
        "++49 30 23125123",
        "x+49 30 23125123",
        "000 30 2312512",
        "004930 2312512",
        "030/12345",
        "030/2312512345",
        "030.231.25123",
        "01.99.00.12",
        "call 1234567890123456",
    ] {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn dates_have_their_ends() {
    for (text, found) in [
        ("born 1900-01-31", true),
        ("born 2049-12-31", true),
        ("born 1899-12-31", false),
        ("born 2050-01-01", false),
        ("born 1984-12-31", true),
        ("born 1984-31-12", true),
        ("born 1984-13-31", false),
        ("born 1984-12-32", false),
        ("born 1984-00-10", false),
        ("born 1984-10-00", false),
        ("born 12 03 1984", true),
        ("born 12 03 84", false),
        ("born 12.03.84", true),
        ("born 12/03.1984", false),
        ("born 12031984", true),
        ("born 19841203", true),
        ("born 1 1984", false),
        ("born 31 March 1984", true),
        ("born 32 March 1984", false),
        ("born 0 March 1984", false),
        ("born March 12 1984", true),
        ("born March 12 2050", false),
        ("born 12 March June 1984", false),
        ("born 12 of de March 1984", true),
        ("born 12 March; 1984", false),
        ("born 12 March 01984", false),
        ("born 012 March 1984", false),
        ("born x12 March 1984", false),
        ("born 12 March 1984x", false),
        ("born March 12 in 1984", false),
        ("born Marbles 12, 1984", false),
    ] {
        assert_eq!(masked(text).contains("[DATE_OF_BIRTH]"), found, "{text}");
    }
}

#[test]
fn the_parts_of_a_date_are_not_far_apart() {
    let little = " of".repeat(7);
    for (spaces, found) in [(2, true), (3, false)] {
        let text = format!("born 12{little}{}March 1984", " ".repeat(spaces));
        assert_eq!(masked(&text).contains("[DATE_OF_BIRTH]"), found, "{text}");
    }
    for (spaces, found) in [(8, true), (9, false)] {
        let text = format!("born March{}12, 1984", " ".repeat(spaces));
        assert_eq!(masked(&text).contains("[DATE_OF_BIRTH]"), found, "{text}");
    }
}

#[test]
fn cards_in_unusual_groups_stand_alone() {
    for (text, expected) in [
        ("[EMAIL] 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "[EMAIL] [CARD]"),
        ("41111 1111 1111 111, 1", "[CARD], 1"),
        ("12 4111 1111 1111 1111", "12 [CARD]"),
        ("4111-1111-1111-1111", "[CARD]"),
        // All nineteen digits have the checksum as well.
        ("4111 1111 1111 1111 003", "[CARD] 003"),
    ] {
        assert_eq!(masked(text), expected, "{text}");
    }
    for text in ["1 41111 1111 1111 111", "41111 1111 1111 111 1"] {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn gaps_have_their_forms_and_lengths() {
    let card = |gap: &str| ["4111", "1111", "1111", "1111"].join(gap);
    for (gap, found) in [
        ("   -    ", true),
        ("    -    ", false),
        ("  ", true),
        ("   ", false),
        (".", true),
        (". ", false),
    ] {
        assert_eq!(is_card(&card(gap)), found, "{gap:?}");
    }
    for (text, expected) in [
        ("\u{250}4111111111111111", "\u{250}[CARD]"),
        ("\u{24f}4111111111111111", "\u{24f}4111111111111111"),
        ("411111111111111one", "411111111111111one"),
        ("ssn [EMAIL] 078051120", "ssn [EMAIL] 078051120"),
    ] {
        assert_eq!(masked(text), expected, "{text}");
    }
}

#[test]
fn what_is_said_of_something_else_or_far_away_is_not_meant() {
    for text in [
        "telefon oder kundennummer 2125550123",
        "geboren, lieferdatum 12.03.1984",
        "2125550123 flight",
        "2125550123 of 12 cell",
        "2125550123                                         cell",
        "03023125123",
        "0302312 512",
    ] {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn however_many_stand_side_by_side_all_are_found() {
    let many = ["DE89370400440532013000"; 20].join(" ");
    assert_eq!(masked(&many), ["[IBAN]"; 20].join(" "));
    // An address is none if what follows is the path of a file; another address is not.
    let many = ["a@b.example"; 20].join(":");
    assert_eq!(masked(&many), ["[EMAIL]"; 20].join(":"));
    // No number has as many groups as ten of these.
    let many = ["0049 3023125123"; 9].join(" ");
    assert_eq!(masked(&many), ["[PHONE]"; 9].join(" "));
}

#[test]
fn words_mean_what_they_mean_in_their_place() {
    for (text, expected) in [
        ("plan b 12.03.1984", "plan b 12.03.1984"),
        ("d.o.b 12.03.1984", "d.o.b [DATE_OF_BIRTH]"),
        ("NÉ LE 12.03.1984", "NÉ LE [DATE_OF_BIRTH]"),
        (
            "call in case of fire 2125550123",
            "call in case of fire [PHONE]",
        ),
        ("call about case 2125550123", "call about case 2125550123"),
        ("telefon abnummer 2125550123", "telefon abnummer [PHONE]"),
        (
            "geboren abcdatum 12.03.1984",
            "geboren abcdatum [DATE_OF_BIRTH]",
        ),
        (
            "geboren vermutlich 12.03.1984",
            "geboren vermutlich [DATE_OF_BIRTH]",
        ),
        ("call born 2125550123", "call born [PHONE]"),
        ("call 555.0123", "call [PHONE]"),
        ("call 555-55555", "call [PHONE]"),
        ("call 212-555-012-3", "call [PHONE]"),
        ("(030 23125123)", "([PHONE])"),
    ] {
        assert_eq!(masked(text), expected, "{text}");
    }
}

#[test]
fn social_security_numbers_stand_alone() {
    for (text, expected) in [
        ("ssn 219.05.1120", "ssn [SSN]"),
        ("ssn 21 905 11 20", "ssn [SSN]"),
        ("219-05-1120 and 078-05-1120", "[SSN] and [SSN]"),
        // Nobody calls it another number.
        ("phone 219 05 1120", "phone [PHONE]"),
    ] {
        assert_eq!(masked(text), expected, "{text}");
    }
    for text in [
        "K219-05-1120",
        "K-219-05-1120",
        "219-05-1120K",
        "219-05-11201",
        "219.05.1120",
        "ssn 7 219 05 11 20",
        "order 219-05-1120",
    ] {
        assert_eq!(masked(text), text);
    }
}
