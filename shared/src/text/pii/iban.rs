//! IBANs: a country, its length, and the checksum modulo 97; in one piece or in groups.

use std::ops::Range;

use super::digits::{before, is_space};
use super::page::Page;

/// Countries and the lengths of their numbers, as registered.
const COUNTRIES: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 \
    EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 \
    LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 \
    SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";

/// Where an account has digits only.
const DIGITS: &str = "AE AT BA BE CZ DE DK EE ES FI HR HU IL IS LT ME NO PL PT RS SE SI SK XK";

/// The longest number that the standard allows.
const LONGEST: usize = 34;

pub(super) fn scan(page: &Page) -> Vec<Range<usize>> {
    let text = page.text;
    let mut found: Vec<Range<usize>> = Vec::new();
    for start in heads(page) {
        let is_start = found.last().is_none_or(|last| last.end <= start) && may_begin(text, start);
        if let Some(end) = is_start.then(|| end_of(text, start)).flatten() {
            found.push(start..end);
        }
    }
    found
}

/// Where two letters stand before digits: a country may begin there. Digits are rare, letters are not.
fn heads(page: &Page) -> impl Iterator<Item = usize> {
    let text = page.text;
    let letter_before = move |end: usize| {
        let head = &text[..end];
        let head = head.strip_suffix(is_separator).unwrap_or(head);
        head.ends_with(|c: char| c.is_ascii_alphabetic())
            .then(|| head.len() - 1)
    };
    let digits = page.groups.iter().map(|group| group.range.start);
    let seconds = digits.filter_map(letter_before);
    seconds.filter_map(letter_before)
}

/// What may stand between two characters of a number.
fn is_separator(letter: char) -> bool {
    is_space(letter) || letter == '-' || letter == '.'
}

/// Not inside a word, except that `IBAN` is often written right before its number.
fn may_begin(text: &str, start: usize) -> bool {
    let attached = before(text, start).is_some_and(|c| c.is_alphanumeric() || c == '_');
    let label = start.checked_sub(4).and_then(|from| text.get(from..start));
    !attached || label.is_some_and(|label| label.eq_ignore_ascii_case("iban"))
}

/// Where the number that begins here ends, if it is one.
fn end_of(text: &str, start: usize) -> Option<usize> {
    let mut length = LONGEST;
    let mut number = Vec::with_capacity(length);
    let mut end = start;
    let mut separated = false;
    for (index, letter) in text[start..].char_indices() {
        if number.len() == length {
            let attached = letter.is_alphanumeric() || letter == '_';
            return (!attached && is_valid(&number)).then_some(end);
        }
        if letter.is_ascii_alphanumeric() {
            number.push(letter.to_ascii_uppercase());
            end = start + index + 1;
            separated = false;
        } else if !separated && is_separator(letter) {
            separated = true;
        } else {
            return None;
        }
        if number.len() == 4 && !separated {
            length = length_if_checked(&number)?;
        }
    }
    (number.len() == length && is_valid(&number)).then_some(end)
}

/// How long the number is, if a country and check digits stand at its head.
fn length_if_checked(head: &[char]) -> Option<usize> {
    let (country, check) = head.split_at(2);
    let is_head =
        country.iter().all(char::is_ascii_uppercase) && check.iter().all(char::is_ascii_digit);
    is_head.then(|| length_in(country)).flatten()
}

/// How long the numbers of a country are.
fn length_in(country: &[char]) -> Option<usize> {
    let named = |entry: &&str| {
        entry
            .chars()
            .zip(country)
            .take(2)
            .all(|(one, other)| one == *other)
    };
    let entry = COUNTRIES.split_ascii_whitespace().find(named)?;
    entry[2..].parse().ok()
}

/// The first four characters moved to the end, letters as 10 to 35, modulo 97: one.
fn is_valid(number: &[char]) -> bool {
    let has_check_digits = number[2].is_ascii_digit() && number[3].is_ascii_digit();
    let moved = number[4..].iter().chain(&number[..4]);
    let rest = moved.fold(0, |rest, letter| {
        let value = letter.to_digit(36).unwrap_or(0);
        (rest * if value > 9 { 100 } else { 10 } + value) % 97
    });
    let digits = number
        .iter()
        .filter(|letter| letter.is_ascii_digit())
        .count();
    let country: String = number[..2].iter().collect();
    let least = if DIGITS.split(' ').any(|one| one == country) {
        number.len() - country.len()
    } else {
        number.len().div_ceil(2)
    };
    has_check_digits && digits >= least && rest == 1
}
