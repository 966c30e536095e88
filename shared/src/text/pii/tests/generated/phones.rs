//! Telephone numbers of a dozen countries, as they are written at home and for callers from abroad.

use fastrand::Rng;

use super::speech::spoken;
use super::values::{Context, Language, digits};

/// Code of the country, and the number behind it in groups: `#` is any digit, `N` one from 2 to 9.
const ABROAD: [(&str, &str); 20] = [
    ("1", "N## N## ####"),
    ("1", "(N##) N##-####"),
    ("1", "N##-N##-####"),
    ("44", "20 7946 ####"),
    ("44", "7700 900###"),
    ("49", "30 N#######"),
    ("49", "171 N######"),
    ("49", "(0) 89 N######"),
    ("33", "1 99 00 ## ##"),
    ("33", "6 39 98 ## ##"),
    ("34", "912 ### ###"),
    ("34", "6## ## ## ##"),
    ("39", "333 N######"),
    ("31", "6 N#######"),
    ("41", "44 668 ## ##"),
    ("43", "1 N######"),
    ("351", "912 ### ###"),
    ("91", "98### #####"),
    ("61", "491 570 ###"),
    ("55", "11 9####-####"),
];

/// At home, with the zero or the brackets by which a reader knows it.
const HOME: [(Language, &str); 18] = [
    (Language::English, "(N##) N##-####"),
    (Language::English, "N##-N##-####"),
    (Language::English, "N##.N##.####"),
    (Language::English, "1-800-N##-####"),
    (Language::English, "020 7946 ####"),
    (Language::English, "07700 900###"),
    (Language::English, "(02) 5550 ####"),
    (Language::German, "030 N#######"),
    (Language::German, "0171/N######"),
    (Language::German, "0171 N######"),
    (Language::German, "(089) N######"),
    (Language::German, "0221-N######"),
    (Language::German, "044 668 ## ##"),
    (Language::French, "01 99 00 ## ##"),
    (Language::French, "06.39.98.##.##"),
    (Language::French, "06 39 98 ## ##"),
    (Language::Spanish, "(55) N###-####"),
    (Language::Spanish, "(011) N###-####"),
];

/// Only what is said of them tells that they are telephone numbers.
const LOCAL: [(Language, &str); 10] = [
    (Language::English, "N##N######"),
    (Language::English, "N## N## ####"),
    (Language::English, "N##-####"),
    (Language::English, "077009#####"),
    (Language::German, "0171#######"),
    (Language::German, "N#######"),
    (Language::French, "063998####"),
    (Language::Spanish, "912 ### ###"),
    (Language::Spanish, "612 ## ## ##"),
    (Language::Spanish, "6########"),
];

pub(super) fn phone(rng: &mut Rng, language: Language, context: Context) -> String {
    let of = |forms: &[(Language, &'static str)]| -> Vec<&'static str> {
        let fitting = forms.iter().filter(|(one, _)| *one == language);
        fitting.map(|(_, form)| *form).collect()
    };
    match rng.u8(..10) {
        0..4 => abroad(rng),
        4..7 => drawn(rng, &of(&HOME)),
        _ if context == Context::Bare => drawn(rng, &of(&HOME)),
        7 if language == Language::English => {
            let number = drawn(rng, &["N##N######"]);
            spoken(rng, &number)
        }
        _ => drawn(rng, &of(&LOCAL)),
    }
}

fn abroad(rng: &mut Rng) -> String {
    let (country, form) = rng.choice(ABROAD).unwrap();
    let number = drawn(rng, &[form]);
    match rng.u8(..8) {
        0 if !form.contains('(') => format!("00{country} {number}"),
        1 => format!("+{country}{}", number.replace([' ', '-', '(', ')'], "")),
        _ => format!("+{country} {number}"),
    }
}

/// One of the forms, with its digits.
fn drawn(rng: &mut Rng, forms: &[&str]) -> String {
    let form = rng.choice(forms).unwrap();
    let digit = |letter| match letter {
        '#' => digits(rng, 1),
        'N' => rng.u32(2..10).to_string(),
        other => String::from(other),
    };
    form.chars().map(digit).collect()
}
