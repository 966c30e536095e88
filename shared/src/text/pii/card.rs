//! Payment cards: 13 to 19 digits with a known beginning and Luhn's checksum, in one piece, in groups, digit by digit, or spoken.

use std::ops::Range;

use super::context;
use super::digits::{Gap, Group};
use super::page::Page;

/// The shortest and the longest number.
const LENGTHS: Range<usize> = 13..20;

pub(super) fn scan(page: &Page) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut at, mut run_start) = (0, 0);
    while at < page.groups.len() {
        let is_behind_other = at > 0 && page.groups[at - 1].closed;
        if is_behind_other || page.groups[at].gap == Gap::Break {
            run_start = at;
        }
        if let Some(count) = card_at(page, at, run_start) {
            let last = &page.groups[at + count - 1];
            found.push(page.groups[at].range.start..last.range.end);
            at += count;
            run_start = at;
        } else {
            at += 1;
        }
    }
    found
}

/// How many groups make the card that begins here.
fn card_at(page: &Page, at: usize, run_start: usize) -> Option<usize> {
    let groups = &page.groups[at..];
    let first = groups.first()?;
    if first.digits.is_empty() || !may_begin(&page.groups, at, run_start) {
        return None;
    }
    let mut digits = Vec::with_capacity(LENGTHS.end);
    let mut best = None;
    for (index, group) in groups.iter().enumerate() {
        let goes_on = index == 0 || fits(&groups[..=index]);
        if group.closed || !goes_on || digits.len() + group.digits.len() >= LENGTHS.end {
            break;
        }
        digits.extend_from_slice(&group.digits);
        let parts = &groups[..=index];
        let range = first.range.start..group.range.end;
        if is_number(page, &digits, &range)
            && may_end(groups, index)
            && (is_usual(parts) || at == run_start && ends_run(groups, index))
        {
            best = Some(index + 1);
            // 16 digits are the rule; a longer number that happens to begin with one is the exception.
            if digits.len() >= 14 {
                break;
            }
        }
    }
    best
}

/// Not in the middle of a longer number: `2024 4111 …`, `SN-4111…`, `1.4111…`.
fn may_begin(groups: &[Group], at: usize, run_start: usize) -> bool {
    let first = &groups[at];
    let previous = groups[run_start..at].last().filter(|last| !last.closed);
    let goes_on = |last: &Group| {
        last.digits.len() == 4 && matches!(last.gap, Gap::Break | Gap::Space | Gap::Comma)
    };
    let is_loose = matches!(first.gap, Gap::Break | Gap::Space | Gap::Comma);
    // Before a group with a letter in front of it every run ends, so only the first of a run can have one.
    is_loose && !groups[run_start].glued_before && !previous.is_some_and(goes_on)
}

fn may_end(groups: &[Group], last: usize) -> bool {
    let next = groups.get(last + 1).map_or(Gap::Break, |next| next.gap);
    !groups[last].glued_after && !matches!(next, Gap::Dash | Gap::Dot | Gap::Nothing)
}

/// One separator throughout; what is spoken or dictated has pauses.
fn fits(parts: &[Group]) -> bool {
    let gap = parts[parts.len() - 1].gap;
    let pauses = [Gap::Space, Gap::Comma];
    match gap {
        Gap::Space | Gap::Comma => parts[1..].iter().all(|part| pauses.contains(&part.gap)),
        Gap::Dash | Gap::Dot => parts[1..].iter().all(|part| part.gap == gap),
        _ => false,
    }
}

/// The groups in which cards are printed.
fn is_usual(parts: &[Group]) -> bool {
    let sizes: Vec<_> = parts.iter().map(|part| part.digits.len()).collect();
    match &sizes[..] {
        [_] | [4, 6, 4 | 5] | [8, 8] => true,
        [fours @ .., last] => fours.iter().all(|size| *size == 4) && *last <= 4,
        [] => false,
    }
}

fn ends_run(groups: &[Group], last: usize) -> bool {
    let next = groups.get(last + 1).map_or(Gap::Break, |next| next.gap);
    next == Gap::Break || next != groups[last].gap
}

fn is_number(page: &Page, digits: &[u8], range: &Range<usize>) -> bool {
    if !LENGTHS.contains(&digits.len()) {
        return false;
    }
    match brand(digits) {
        Brand::Common => has_checksum(digits),
        Brand::Rare => has_checksum(digits) && page.is_about(range, context::CARD, 0),
        Brand::None => false,
    }
}

enum Brand {
    /// Beginning and length together are rare by chance.
    Common,
    /// Many article numbers look like this; a word must say that it is a card.
    Rare,
    None,
}

/// What the issuers have agreed on: which beginnings go with which lengths.
fn brand(digits: &[u8]) -> Brand {
    let start = |count: usize| {
        digits[..count]
            .iter()
            .fold(0_u32, |sum, digit| sum * 10 + u32::from(*digit))
    };
    let (two, three, four) = (start(2), start(3), start(4));
    match digits.len() {
        16 if digits[0] == 4 || (51..=55).contains(&two) || (2200..=2204).contains(&four) => {
            Brand::Common
        }
        16 if (2221..=2720).contains(&four) || (3528..=3589).contains(&four) => Brand::Common,
        16..=19 if four == 6011 || two == 65 || (644..=649).contains(&three) => Brand::Common,
        16..=19 if two == 62 || two == 81 => Brand::Common,
        15 if two == 34 || two == 37 => Brand::Common,
        14 if (300..=305).contains(&three) || matches!(two, 36 | 38 | 39) => Brand::Common,
        16 if is_maestro(four) => Brand::Common,
        19 if digits[0] == 4 => Brand::Common,
        13 if digits[0] == 4 => Brand::Rare,
        13..=19 if is_maestro(four) => Brand::Rare,
        _ => Brand::None,
    }
}

fn is_maestro(four: u32) -> bool {
    matches!(four, 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763)
}

/// Luhn's: from the right, every second digit doubled, the digits of all summed.
fn has_checksum(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| {
            let value = u32::from(*digit) << (index % 2);
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    sum.is_multiple_of(10)
}
