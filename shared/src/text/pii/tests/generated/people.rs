//! E-mail addresses and days of birth. The domains are those that are kept for examples.

use fastrand::Rng;

use super::values::{Language, digits};

const FIRST: [&str; 16] = [
    "anna", "jonas", "maria", "luis", "chloe", "emre", "priya", "wei", "olga", "noah", "ines",
    "björn", "aoife", "tomas", "fatima", "j",
];
const LAST: [&str; 16] = [
    "smith", "weber", "garcia", "dupont", "o'brien", "yilmaz", "patel", "chen", "novak", "costa",
    "müller", "jensen", "rossi", "van-dijk", "kowalska", "nakamura",
];
const DOMAINS: [&str; 10] = [
    "example.com",
    "example.org",
    "example.net",
    "mail.example.com",
    "post.example.de",
    "example.co.uk",
    "a-b.example",
    "web.test",
    "students.uni.example.edu",
    "EXAMPLE.COM",
];

pub(super) fn email(rng: &mut Rng) -> String {
    let (first, last) = (rng.choice(FIRST).unwrap(), rng.choice(LAST).unwrap());
    let name = match rng.u8(..8) {
        0..2 => format!("{first}.{last}"),
        2 => format!("{first}_{last}"),
        3 => format!("{first}{}", digits(rng, 2)),
        4 => format!("{first}.{last}+orders"),
        5 => format!("{}{last}", &first[..1]),
        6 => format!("{}-{}", first.to_uppercase(), digits(rng, 4)),
        _ => last.to_owned(),
    };
    format!("{name}@{}", rng.choice(DOMAINS).unwrap())
}

const MONTHS: [[&str; 12]; 4] = [
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
];

/// A day on which a customer of today may have been born, as his language writes it.
pub(super) fn birth(rng: &mut Rng, language: Language) -> String {
    let year = rng.u32(1930..2010);
    date(rng, language, year)
}

/// A day of this year.
pub(super) fn date(rng: &mut Rng, language: Language, year: u32) -> String {
    let (month, day) = (rng.usize(1..=12), rng.u32(1..=28));
    let name = MONTHS[language as usize][month - 1];
    if rng.u8(..8) == 0 {
        return format!("{year}-{month:02}-{day:02}");
    }
    let short = year % 100;
    match (language, rng.u8(..6)) {
        (Language::English, 0) => format!("{month:02}/{day:02}/{year}"),
        (Language::English, 1) => format!("{month}/{day}/{short:02}"),
        (Language::English, 2) => format!("{name} {day}, {year}"),
        (Language::English, 3) => format!("{name} {day}{} {year}", ending(day)),
        (Language::English, 4) => format!("{day}{} of {name} {year}", ending(day)),
        (Language::English, _) => format!("{day} {} {year}", &name[..3]),
        (Language::German, 0..2) => format!("{day:02}.{month:02}.{year}"),
        (Language::German, 2) => format!("{day}.{month}.{year}"),
        (Language::German, 3) => format!("{day}.{month}.{short:02}"),
        (Language::German, _) => format!("{day}. {name} {year}"),
        (Language::French | Language::Spanish, 0..2) => format!("{day:02}/{month:02}/{year}"),
        (Language::French | Language::Spanish, 2) => format!("{day:02}-{month:02}-{year}"),
        (Language::French, 3) => format!("1er {name} {year}"),
        (Language::French, _) => format!("{day} {name} {year}"),
        (Language::Spanish, 3) => format!("{day} de {name} del {year}"),
        (Language::Spanish, _) => format!("{day} de {name} de {year}"),
    }
}

fn ending(day: u32) -> &'static str {
    match day {
        1 | 21 => "st",
        2 | 22 => "nd",
        3 | 23 => "rd",
        _ => "th",
    }
}
