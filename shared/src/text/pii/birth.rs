//! Dates of birth: a date in any common form, near a word for birth.

use std::ops::Range;

use super::context;
use super::digits::{Gap, after, before, is_letter, is_space};
use super::page::Page;

/// The names of the months and what they are shortened to, in four languages.
const MONTHS: &str = "jan january januar jänner janvier ene enero feb february februar févr février febrero mar march mär märz mrz mars \
    marzo apr april avr avril abr abril may mai mayo jun june juni juin junio jul july juli juil juillet julio aug august août \
    aout ago agosto sep sept september septembre septiembre oct october okt oktober octobre octubre nov november novembre \
    noviembre dec december dez dezember déc décembre dic diciembre";

/// The longest name, `septiembre`, and the longest way from a name to its day or year, in bytes.
const NAME: Range<usize> = 3..13;
const REACH: usize = 8;

pub(super) fn scan(page: &Page) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for at in 0..page.groups.len() {
        let date = numeric(page, at).or_else(|| named(page, at));
        found.extend(date.filter(|date| page.is_about(date, context::BIRTH, context::EVENT)));
    }
    found
}

/// `12.03.1984`, `1984-03-12`, `3/12/84`, `12 03 1984`, `19840312`.
fn numeric(page: &Page, at: usize) -> Option<Range<usize>> {
    let groups = &page.groups;
    if let Some([year, month, day]) = split(&groups[at].digits) {
        let is_one = is_alone(page, at, 1) && is_date(year, month, day);
        return is_one.then(|| groups[at].range.clone());
    }
    let parts = groups.get(at..at + 3)?;
    let gap = parts[1].gap;
    let is_form = (is_tight(gap) || gap == Gap::Space) && parts[2].gap == gap;
    let sizes = [0, 1, 2].map(|index| parts[index].digits.len());
    let values = [0, 1, 2].map(|index| value(&parts[index].digits));
    let is_one = match sizes {
        [4, 1 | 2, 1 | 2] => is_date(values[0], values[1], values[2]),
        [1 | 2, 1 | 2, 4] => is_date(values[2], values[1], values[0]),
        [1 | 2, 1 | 2, 2] if gap != Gap::Space => is_date(1900 + values[2], values[1], values[0]),
        _ => false,
    };
    let is_whole = is_form && is_one && is_alone(page, at, 3);
    is_whole.then(|| parts[0].range.start..parts[2].range.end)
}

fn is_tight(gap: Gap) -> bool {
    matches!(gap, Gap::Dash | Gap::Dot | Gap::Slash | Gap::Nothing)
}

/// Nothing of it is known to be something else, and neither digits nor letters hang on.
fn is_alone(page: &Page, at: usize, count: usize) -> bool {
    let groups = &page.groups[at..at + count];
    let next = page
        .groups
        .get(at + count)
        .map_or(Gap::Break, |next| next.gap);
    let (start, end) = (groups[0].range.start, groups[count - 1].range.end);
    let has_letters = is_letter(before(page.text, start)) || is_letter(after(page.text, end));
    let is_free = groups.iter().all(|group| !group.closed);
    is_free && !has_letters && !is_tight(groups[0].gap) && !is_tight(next)
}

/// Eight digits without anything between: the year comes first or last.
fn split(digits: &[u8]) -> Option<[u32; 3]> {
    let digits: &[u8; 8] = digits.try_into().ok()?;
    let year = value(&digits[..4]);
    Some(if is_year(year) {
        [year, value(&digits[4..6]), value(&digits[6..])]
    } else {
        [
            value(&digits[4..]),
            value(&digits[..2]),
            value(&digits[2..4]),
        ]
    })
}

/// Day and month may come in either order.
fn is_date(year: u32, month: u32, day: u32) -> bool {
    let fits = |month, day| (1..=12).contains(&month) && (1..=31).contains(&day);
    is_year(year) && (fits(month, day) || fits(day, month))
}

fn is_year(year: u32) -> bool {
    (1900..=2049).contains(&year)
}

fn value(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |sum: u32, digit| {
        sum.saturating_mul(10).saturating_add(u32::from(*digit))
    })
}

/// `12 March 1984`, `March 12th, 1984`, `12. März 1984`, `1er mars 1984`, `12 de marzo de 1984`: from the year backwards.
fn named(page: &Page, at: usize) -> Option<Range<usize>> {
    let groups = &page.groups[..=at];
    let (year, day) = (&groups[at], &groups[at.checked_sub(1)?]);
    let is_form =
        year.digits.len() == 4 && matches!(day.digits.len(), 1 | 2) && !year.closed && !day.closed;
    let is_one = is_form && is_year(value(&year.digits)) && (1..=31).contains(&value(&day.digits));
    let has_letters = is_letter(before(page.text, day.range.start))
        || is_letter(after(page.text, year.range.end));
    if !is_one || has_letters {
        return None;
    }
    let between = page.text.get(day.range.end..year.range.start)?;
    if between.len() > NAME.end + 2 * REACH {
        return None;
    }
    let start = if is_month_between(between) {
        day.range.start
    } else if is_comma(between) {
        month_before(page.text, day.range.start)?
    } else {
        return None;
    };
    Some(start..year.range.end)
}

/// Between a day and a year: a month, and the little words of the four languages.
fn is_month_between(between: &str) -> bool {
    let words = between
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty());
    let little = |word: &str| {
        matches!(
            word,
            "st" | "nd" | "rd" | "th" | "er" | "of" | "de" | "del" | "d"
        )
    };
    let mut months = 0;
    for word in words {
        if is_month(word) {
            months += 1;
        } else if !little(word) {
            return false;
        }
    }
    months == 1
        && between
            .chars()
            .all(|c| c.is_alphabetic() || is_space(c) || ".,-'/º".contains(c))
}

/// Between a day and a year when the month stood before: `12, 1984`, `12th 1984`.
fn is_comma(between: &str) -> bool {
    let bare = between.trim_matches(|c: char| is_space(c) || c == ',');
    matches!(bare, "" | "st" | "nd" | "rd" | "th") && !between.is_empty()
}

/// Where the month begins that ends before `at`.
fn month_before(text: &str, at: usize) -> Option<usize> {
    let head = text[..at].trim_end_matches(|c: char| is_space(c) || c == '.');
    if head.len() == at || at - head.len() > REACH {
        return None;
    }
    let letters = head
        .chars()
        .rev()
        .take(NAME.end)
        .take_while(|c| c.is_alphabetic());
    let start = head.len() - letters.map(char::len_utf8).sum::<usize>();
    let is_one = is_month(&head[start..]) && !is_letter(before(text, start));
    is_one.then_some(start)
}

fn is_month(word: &str) -> bool {
    let word = word.to_lowercase();
    NAME.contains(&word.len()) && MONTHS.split_ascii_whitespace().any(|name| name == word)
}
