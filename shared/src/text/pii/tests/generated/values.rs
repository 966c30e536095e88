//! Values as people and machines write them down, drawn by chance: of real issuers, countries and lengths, with their checksums.

use fastrand::Rng;

use super::speech::spoken;
use crate::text::pii::Kind;

/// A language in which sentences are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    German,
    French,
    Spanish,
}

/// Whether the sentence says what the value is. One that nothing is said of is written so that a reader knows it all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    Said,
    Bare,
}

/// A value of this kind.
pub(super) fn value(rng: &mut Rng, kind: Kind, language: Language, context: Context) -> String {
    match kind {
        Kind::Card => dictated(rng, language, context, card),
        Kind::Ssn => dictated(rng, language, context, |rng| ssn(rng, context)),
        Kind::Iban => iban(rng),
        Kind::Email => super::people::email(rng),
        Kind::Phone => super::phones::phone(rng, language, context),
        Kind::DateOfBirth => super::people::birth(rng, language),
    }
}

/// Now and then a caller says the digits, and what transcribed the call wrote words.
fn dictated(
    rng: &mut Rng,
    language: Language,
    context: Context,
    write: impl Fn(&mut Rng) -> String,
) -> String {
    let written = write(rng);
    if language == Language::English && context == Context::Said && rng.u8(..10) == 0 {
        return spoken(rng, &written);
    }
    written
}

/// So many digits.
pub(super) fn digits(rng: &mut Rng, count: usize) -> String {
    (0..count).map(|_| rng.digit(10)).collect()
}

/// A number from this range, in its digits.
pub(super) fn number(rng: &mut Rng, range: std::ops::RangeInclusive<u32>) -> String {
    rng.u32(range).to_string()
}

/// The text in groups of these sizes, the rest in the last one.
pub(super) fn grouped(text: &str, sizes: &[usize], between: &str) -> String {
    let mut rest = text;
    let mut parts = Vec::new();
    for size in sizes {
        let (part, after) = rest.split_at((*size).min(rest.len()));
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts.retain(|part| !part.is_empty());
    parts.join(between)
}

/// The digit behind `number` with which it passes Luhn's check, worked out from its definition: doubled from the right, digits summed.
pub(super) fn check_digit(number: &str) -> char {
    let sum: u32 = number
        .chars()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = digit.to_digit(10).unwrap();
            match (place % 2, digit) {
                (0, 5..) => digit * 2 - 9,
                (0, _) => digit * 2,
                _ => digit,
            }
        })
        .sum();
    char::from_digit((10 - sum % 10) % 10, 10).unwrap()
}

/// Shares are rough: most cards are of the two large networks.
fn card(rng: &mut Rng) -> String {
    let (start, length) = match rng.u8(..100) {
        0..40 => ("4".to_owned(), 16),
        40..58 => (number(rng, 51..=55), 16),
        58..65 => (number(rng, 2221..=2720), 16),
        65..77 => (rng.choice(["34", "37"]).unwrap().to_owned(), 15),
        77..84 => (number(rng, 644..=659), 16),
        84..87 => ("6011".to_owned(), 16),
        87..91 => (number(rng, 3528..=3589), 16),
        91..94 => (number(rng, 300..=305), 14),
        94..96 => ("36".to_owned(), 14),
        96..99 => ("62".to_owned(), 16 + rng.usize(..4)),
        _ => (rng.choice(["5018", "6759", "6304"]).unwrap().to_owned(), 16),
    };
    let inner = digits(rng, length - start.len() - 1);
    let mut card = start + &inner;
    card.push(check_digit(&card));
    let sizes: &[usize] = if length < 16 { &[4, 6] } else { &[4; 4] };
    match rng.u8(..20) {
        0..8 => card,
        8..16 => grouped(&card, sizes, " "),
        16..18 => grouped(&card, sizes, "-"),
        18 => grouped(&card, sizes, ", "),
        _ => grouped(&card, &[1; 19], " "),
    }
}

/// No area of 000, 666 or from 900 on, no group 00, no serial 0000.
fn ssn(rng: &mut Rng, context: Context) -> String {
    let area = loop {
        let area = rng.u32(1..900);
        if area != 666 {
            break area;
        }
    };
    let ssn = format!("{area:03}{:02}{:04}", rng.u32(1..100), rng.u32(1..10_000));
    match (context, rng.u8(..10)) {
        (Context::Bare, _) | (_, 0..5) => grouped(&ssn, &[3, 2], "-"),
        (_, 5..7) => grouped(&ssn, &[3, 2], " "),
        _ => ssn,
    }
}

/// What the account number of a country is made of, from the register: digits, letters, and either, so many each.
const ACCOUNTS: [(&str, &str); 40] = [
    ("AD", "8n12c"),
    ("AE", "19n"),
    ("AT", "16n"),
    ("BE", "12n"),
    ("BG", "4a6n8c"),
    ("BR", "23n1a1c"),
    ("CH", "5n12c"),
    ("CY", "8n16c"),
    ("CZ", "20n"),
    ("DE", "18n"),
    ("DK", "14n"),
    ("EE", "16n"),
    ("ES", "20n"),
    ("FI", "14n"),
    ("FR", "10n11c2n"),
    ("GB", "4a14n"),
    ("GR", "7n16c"),
    ("HR", "17n"),
    ("HU", "24n"),
    ("IE", "4a14n"),
    ("IL", "19n"),
    ("IS", "22n"),
    ("IT", "1a10n12c"),
    ("LI", "5n12c"),
    ("LT", "16n"),
    ("LU", "3n13c"),
    ("LV", "4a13c"),
    ("MC", "10n11c2n"),
    ("MT", "4a5n18c"),
    ("NL", "4a10n"),
    ("NO", "11n"),
    ("PL", "24n"),
    ("PT", "21n"),
    ("RO", "4a16c"),
    ("SA", "2n18c"),
    ("SE", "20n"),
    ("SI", "15n"),
    ("SK", "20n"),
    ("SM", "1a10n12c"),
    ("TR", "6n16c"),
];

pub(super) fn iban(rng: &mut Rng) -> String {
    let iban = electronic(rng);
    match rng.u8(..20) {
        0..8 => iban,
        8..18 => grouped(&iban, &[4; 8], " "),
        18 => iban.to_lowercase(),
        _ => grouped(&iban, &[4; 8], "-"),
    }
}

/// Without anything between.
pub(super) fn electronic(rng: &mut Rng) -> String {
    let (country, structure) = rng.choice(ACCOUNTS).unwrap();
    let mut account = String::new();
    let mut count = 0;
    for letter in structure.chars() {
        match letter.to_digit(10) {
            Some(digit) => count = count * 10 + digit as usize,
            None => {
                account.extend((0..std::mem::take(&mut count)).map(|_| character(rng, letter)));
            }
        }
    }
    let check = 98 - remainder(&format!("{account}{country}00"));
    format!("{country}{check:02}{account}")
}

/// What may be either is a digit nearly always, as in the examples of the register.
fn character(rng: &mut Rng, class: char) -> char {
    if class == 'a' || class == 'c' && rng.u8(..8) == 0 {
        rng.uppercase()
    } else {
        rng.digit(10)
    }
}

/// Modulo 97 of the number that stands there when letters count from 10.
fn remainder(text: &str) -> u32 {
    let digits: String = text
        .chars()
        .map(|letter| letter.to_digit(36).unwrap().to_string())
        .collect();
    digits.chars().fold(0, |rest, digit| {
        (rest * 10 + digit.to_digit(10).unwrap()) % 97
    })
}

#[test]
fn the_checksums_are_those_of_published_examples() {
    // The test numbers of the networks.
    for card in [
        "4111111111111111",
        "378282246310005",
        "30569309025904",
        "6011000990139424",
    ] {
        let (number, check) = card.split_at(card.len() - 1);
        assert_eq!(check_digit(number).to_string(), check, "{card}");
    }
    // The examples of the register.
    for iban in [
        "DE89370400440532013000",
        "FR1420041010050500013M02606",
        "MT84MALT011000012345MTLCAST001S",
    ] {
        assert_eq!(
            remainder(&format!("{}{}", &iban[4..], &iban[..4])),
            1,
            "{iban}"
        );
    }
}
