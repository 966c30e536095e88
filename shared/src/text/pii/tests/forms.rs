//! One table per rule: what is found, and what looks like it and is not.

use super::{check, masked, untouched};
use crate::error::Error;
use crate::text::pii::{Kind, Policy, find, kinds, mask_json, mask_json_with};

#[test]
fn cards() {
    check(&[
        ("4111 1111 1111 1111 12/27", "[CARD] 12/27"),
        ("4111111111111111,5555555555554444", "[CARD],[CARD]"),
        ("4111 1111 1111 1111 5555 5555 5555 4444", "[CARD] [CARD]"),
        ("(212) 555-0123 4111 1111 1111 1111", "[PHONE] [CARD]"),
        ("ssn 078 05 1120 4111 1111 1111 1111", "ssn [SSN] [CARD]"),
        (
            "DE89370400440532013000 4111 1111 1111 1111",
            "[IBAN] [CARD]",
        ),
        ("(378282246310005)", "([CARD])"),
        ("3782 822463 10005", "[CARD]"),
        ("411111111111 1111 x", "[CARD] x"),
        ("pan 4222222222222", "pan [CARD]"),
        ("four double one one 1111 1111 triple one one", "[CARD]"),
        ("卡号4111111111111111", "卡号[CARD]"),
        ("is 4111 1111 1111 1111.", "is [CARD]."),
    ]);
    untouched(&[
        "4111111111111112",
        "41111111111111110",
        "4111 1111 1111 1111-2",
        "2024 4111 1111 1111 1111",
        "4111-1111 1111-1111",
        "SN4111111111111111",
        "SN-4111111111111111",
        "4111111111111111-B",
        "4111111111111111.5",
        "4222222222222",
        "double1one",
        "0000000000000000",
    ]);
}

#[test]
fn every_digit_of_a_card_counts() {
    let good = "4111111111111111";
    for (at, digit) in (0..16).flat_map(|at| (0..10).map(move |digit| (at, digit.to_string()))) {
        let mut text = good.to_owned();
        text.replace_range(at..=at, &digit);
        assert_eq!(
            kinds(&find(&text)).contains(&Kind::Card),
            text == good,
            "{text}"
        );
    }
}

#[test]
fn social_security_numbers() {
    check(&[
        ("078-05-1120", "[SSN]"),
        ("ssn 078051120", "ssn [SSN]"),
        ("SSN: 078 05 1120.", "SSN: [SSN]."),
        ("078051120 is my social", "[SSN] is my social"),
        (
            "social: zero seven eight, zero five, one one two oh",
            "social: [SSN]",
        ),
        ("899-99-9999", "[SSN]"),
    ]);
    untouched(&[
        "219051120",
        "219 05 1120",
        "ssn 000-05-1120",
        "ssn 666-05-1120",
        "ssn 900-05-1120",
        "ssn 219-00-1120",
        "ssn 219-05-0000",
        "1-219-05-1120",
        "219-05-1120-3",
        "219-05-1120-K",
        "part 219-05-1120",
        "ssn of order 219051120",
        "two one nine zero five one one two oh",
    ]);
}

#[test]
fn ibans() {
    check(&[
        ("DE89370400440532013000", "[IBAN]"),
        ("de89 3704 0044 0532 0130 00 on Monday", "[IBAN] on Monday"),
        ("IBANGB29NWBK60161331926819.", "IBAN[IBAN]."),
        ("FR14 2004 1010 0505 0001 3M02 606", "[IBAN]"),
        ("D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0", "[IBAN]"),
    ]);
    untouched(&[
        "DE88370400440532013000",
        "DE8937040044053201300",
        "DE893704004405320130000",
        "XDE89370400440532013000",
        "XX89370400440532013000",
        "DE89 3704  0044",
        // Its letters and digits pass the check by chance.
        "the server at 10.178.166.205 does not answer",
    ]);
}

#[test]
fn every_digit_of_an_iban_counts() {
    let good = "DE89370400440532013000";
    for (at, digit) in (2..22).flat_map(|at| (0..10).map(move |digit| (at, digit.to_string()))) {
        let mut text = good.to_owned();
        text.replace_range(at..=at, &digit);
        assert_eq!(
            kinds(&find(&text)).contains(&Kind::Iban),
            text == good,
            "{text}"
        );
    }
}

#[test]
fn addresses() {
    check(&[
        ("<anna@example.com>", "<[EMAIL]>"),
        ("anna@example.com.4711", "[EMAIL].4711"),
        ("Anna.B+x@mail.example.co.uk.", "[EMAIL]."),
        ("jörg@müller.example", "[EMAIL]"),
        ("a@b.de,c@d.fr", "[EMAIL],[EMAIL]"),
    ]);
    untouched(&[
        "anna@localhost",
        "@anna",
        "anna@",
        "lodash@4.17.21",
        "icon@2x.png",
        "git@code.example:team/x",
        "a..b@example.com",
        "a@-b.de",
        "a@b..de",
        "a @ b.de",
    ]);
}

#[test]
fn telephones() {
    check(&[
        ("+49 30 23125123", "[PHONE]"),
        ("(+49) 30 23125123", "[PHONE]"),
        ("0049 30 23125123", "[PHONE]"),
        ("(212) 555-0123", "[PHONE]"),
        ("1-212-555-0123", "[PHONE]"),
        ("+1 212 555 0123 24 hours", "[PHONE] 24 hours"),
        ("030/23125123 / 0171-3920123", "[PHONE] / [PHONE]"),
        ("01 99 00 12 34", "[PHONE]"),
        ("call 2125550123 or 2125550124", "call [PHONE] or [PHONE]"),
        ("2125550123 is my cell", "[PHONE] is my cell"),
        (
            "order 12345 came, my number is 5550123",
            "order 12345 came, my number is [PHONE]",
        ),
        ("call five five five oh one two three", "call [PHONE]"),
        (
            "call two one two, five five five, oh one double two",
            "call [PHONE]",
        ),
        (
            "Handynummer?\nKunde: 1713920123",
            "Handynummer?\nKunde: [PHONE]",
        ),
        ("es el (55) 2754-8696", "es el [PHONE]"),
        ("son (11) 91234-5678 y ya", "son [PHONE] y ya"),
        ("call 0171.3920123", "call [PHONE]"),
        ("call 22.33.44.55", "call [PHONE]"),
    ]);
    untouched(&[
        "2125550123",
        "212 555 0123",
        "112-555-0123",
        "212-155-0123",
        "212-555-0123-9",
        "212-555-0123-K",
        "part 212-555-0123",
        "call me on 12/03/2024 at 10",
        "phone order 20481234",
        "my number of orders is 12345678",
        "192.168.100.200",
        "01 02 03 04 05 06",
        "call 12345678901234567",
        "call 212, 555, 0123",
        "call from 10.101.156.238",
        "call from 51.533942",
        "call about 000-12-4239",
        "es el (5) 2754-8696",
        "call 555012",
        "A+4930231251230",
    ]);
}

#[test]
fn births() {
    check(&[
        ("born 12 March 1984", "born [DATE_OF_BIRTH]"),
        ("DOB: March 12th, 1984.", "DOB: [DATE_OF_BIRTH]."),
        ("D.O.B. 3/12/84", "D.O.B. [DATE_OF_BIRTH]"),
        ("geboren am 1. Jänner 1984", "geboren am [DATE_OF_BIRTH]"),
        ("née le 1er août 1984", "née le [DATE_OF_BIRTH]"),
        ("nací el 12 de marzo del 1984", "nací el [DATE_OF_BIRTH]"),
        ("dob=19840312", "dob=[DATE_OF_BIRTH]"),
        (
            "1984-03-12 is my birthday",
            "[DATE_OF_BIRTH] is my birthday",
        ),
    ]);
    untouched(&[
        "12 March 1984",
        "born 31/13/1984",
        "born 32.01.1984",
        "born 12.03.1884",
        "born 12.03.1984.5",
        "born in Ohio, ordered on 12 March 2024",
        "born 12 Marbles 1984",
        "birthday 12 march or april 1984",
        "born 4711",
        "born x12.03.1984",
        "born 19840312x",
    ]);
}

#[test]
fn a_word_reaches_only_so_far() {
    let at = |distance: usize| masked(&format!("ssn{}078051120", " ".repeat(distance)));
    assert!(at(60).contains("[SSN]"));
    assert!(!at(80).contains("[SSN]"));
}

#[test]
fn a_finding_does_not_hold_the_value() {
    let findings = find("ssn 078-05-1120 and 4111111111111111");
    assert_eq!(
        format!("{findings:?}"),
        "[Finding { kind: Ssn, range: 4..15 }, Finding { kind: Card, range: 20..36 }]"
    );
    assert!(
        Kind::ALL
            .iter()
            .all(|kind| serde_json::to_string(kind).unwrap() == format!("\"{}\"", kind.as_str()))
    );
}

#[test]
fn policies_are_words() {
    for policy in [Policy::Tag, Policy::Mask, Policy::Block] {
        assert_eq!(policy.as_str().parse(), Ok(policy));
        assert_eq!(
            serde_json::to_string(&policy).unwrap(),
            format!("\"{}\"", policy.as_str())
        );
    }
    assert!("Mask".parse::<Policy>().is_err());
    assert_eq!(Policy::default(), Policy::Tag);
}

#[test]
fn documents() {
    for (document, expected) in [
        (r#"{"ssn": "078051120"}"#, r#"{"ssn": "[SSN]"}"#),
        (
            r#"{"cardNumber":4111111111111111}"#,
            r#"{"cardNumber":"[CARD]"}"#,
        ),
        (
            r#"{"customer": {"phone": {"number": 2125550123}}}"#,
            r#"{"customer": {"phone": {"number": "[PHONE]"}}}"#,
        ),
        (
            r#"{"phones": ["2125550123", [2125550124]], "n": 2125550123}"#,
            r#"{"phones": ["[PHONE]", ["[PHONE]"]], "n": 2125550123}"#,
        ),
        (
            r#"{"dateOfBirth":"1984-03-12","at":"1984-03-12"}"#,
            r#"{"dateOfBirth":"[DATE_OF_BIRTH]","at":"1984-03-12"}"#,
        ),
        (r#"{"anna@example.com": 1}"#, r#"{"[EMAIL]": 1}"#),
        (
            r#"{"a": "x\u0040example.com \u00e9\n"}"#,
            r#"{"a": "[EMAIL] é\n"}"#,
        ),
        (
            r#"{"phone": {"orderId": "20481234"}}"#,
            r#"{"phone": {"orderId": "20481234"}}"#,
        ),
        (r#""4111111111111111""#, r#""[CARD]""#),
        ("4111111111111111", r#""[CARD]""#),
        (r#"{"phone":-2125550123}"#, r#"{"phone":-2125550123}"#),
        (r#"["\"a@b.de\" \\"]"#, r#"["\"[EMAIL]\" \\"]"#),
        (
            r#"{"card_number":4222222222222}"#,
            r#"{"card_number":"[CARD]"}"#,
        ),
    ] {
        assert_eq!(mask_json(document).unwrap(), expected);
    }
}

#[test]
fn what_the_product_needs_stays() {
    let document = r#"{ "conversationId" : "+1 212 555 0123", "event":"a@b.de","timestamp": "x", "z": 1.50e3, "u": "\u00e9",
        "data": {"conversationId": "a@b.de"}, "z": null, "list": [ ] }"#;
    let expected = document.replace(
        r#"{"conversationId": "a@b.de"}"#,
        r#"{"conversationId": "[EMAIL]"}"#,
    );
    assert_eq!(mask_json(document).unwrap(), expected);
}

#[test]
fn bad_documents_are_the_senders_mistake() {
    let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
    for document in ["", "{", "{\"a\" 1}", r#"{"a": "\ud800"}"#, &deep] {
        assert!(
            matches!(mask_json(document), Err(Error::Invalid(_))),
            "{document}"
        );
    }
}

#[test]
fn what_the_whole_conversation_showed_is_masked_wherever_it_stands() {
    let document = r#"{"event":"x 4471","timestamp":4471,"data":[{"text":"What is your number?"},{"text":"it is 4471"},{"n":4471},{"n":44711}]}"#;
    let masked = mask_json_with(document, &[("4471", Kind::Phone), ("447", Kind::Card)]).unwrap();
    let expected = r#"{"event":"x 4471","timestamp":4471,"data":[{"text":"What is your number?"},{"text":"it is [PHONE]"},{"n":"[PHONE]"},{"n":"[PHONE]1"}]}"#;
    assert_eq!(masked, expected);
    assert_eq!(
        mask_json(document).unwrap(),
        document,
        "by itself it is any number"
    );
    // The words of a conversation have a space where the payload has another control character.
    let document = r#"{"a":"it is 44\u000b71","b":"tab\u000bbed"}"#;
    let masked = mask_json_with(document, &[("44 71", Kind::Phone)]).unwrap();
    assert_eq!(masked, r#"{"a":"it is [PHONE]","b":"tab\u000bbed"}"#);
}
