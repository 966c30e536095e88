//! Telephone numbers: international with `+` or `00`, national as they are written; any other digits only near a word for it.

use std::ops::Range;

use super::context;
use super::digits::{Gap, Group, before};
use super::page::Page;

/// An international number without its `+`, and any number near a word for it.
const LENGTHS: std::ops::RangeInclusive<usize> = 7..=15;

pub(super) fn scan(page: &Page) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut at, mut found_end) = (0, 0);
    while at < page.groups.len() {
        // The first group stands behind nothing, and may begin a number as well. Behind a number that was just found another may begin
        // at once: each further look would find but one of many.
        let is_behind_value = at == found_end || page.groups[at - 1].closed;
        let count = number_at(page, at, is_behind_value);
        if let Some(count) = count {
            found.push(range(page, at, count));
            found_end = at + count;
        }
        at += count.unwrap_or(1);
    }
    found
}

fn number_at(page: &Page, at: usize, is_behind_value: bool) -> Option<usize> {
    let begins = may_begin(&page.groups[at], is_behind_value);
    begins.then(|| count_at(page, at, is_behind_value))?
}

/// Not in the middle of a number, and not part of a name.
fn may_begin(group: &Group, is_behind_value: bool) -> bool {
    let is_loose = match group.gap {
        Gap::Break | Gap::Space | Gap::Comma | Gap::Paren => true,
        Gap::Slash => is_behind_value,
        Gap::Nothing | Gap::Dash | Gap::Dot => false,
    };
    is_loose && !group.closed && !group.glued_before
}

/// How many groups make the number that begins here.
fn count_at(page: &Page, at: usize, is_behind_value: bool) -> Option<usize> {
    let groups = &page.groups[at..];
    let whole = extent(page, at)?;
    let ends_well = |count: &usize| ends_well(groups, *count);
    if is_international(page, at, is_behind_value) {
        return international(&groups[..whole]).filter(ends_well);
    }
    if is_date(&groups[..whole]) || is_other_form(&groups[..whole]) {
        return None;
    }
    let starts_run = is_behind_value || matches!(groups[0].gap, Gap::Break | Gap::Comma);
    let national = || national(&groups[..whole]).filter(|_| starts_run);
    let bracketed = || bracketed(page, at, whole).filter(|_| starts_run);
    let typical = north_american(groups, whole)
        .or_else(national)
        .or_else(bracketed);
    if let Some(count) = typical.filter(ends_well) {
        let place = range(page, at, count);
        let is_other =
            page.is_otherwise(&place, context::PHONE, context::REFERENCE | context::SOCIAL);
        return (!is_other).then_some(count);
    }
    let rivals = context::REFERENCE | context::SOCIAL | context::CARD;
    let is_meant = starts_run && LENGTHS.contains(&length(&groups[..whole])) && ends_well(&whole);
    (is_meant && page.is_about(&range(page, at, whole), context::PHONE, rivals)).then_some(whole)
}

/// How many groups hang together; none if they are more than any number has. Who says digits makes pauses.
fn extent(page: &Page, at: usize) -> Option<usize> {
    let is_spoken =
        |group: &Group| !page.text[group.range.clone()].starts_with(|c: char| c.is_ascii_digit());
    let hangs = |pair: &&[Group]| match pair[1].gap {
        _ if pair[1].closed => false,
        Gap::Comma => is_spoken(&pair[0]) && is_spoken(&pair[1]),
        gap => !matches!(gap, Gap::Break | Gap::Nothing),
    };
    let most = *LENGTHS.end() + 4;
    let groups = page.groups[at..].windows(2);
    let count = 1 + groups.take(most).take_while(hangs).count();
    (count <= most).then_some(count)
}

fn length(groups: &[Group]) -> usize {
    groups.iter().map(|group| group.digits.len()).sum()
}

/// Nothing hangs on behind that would make it a part of something longer.
fn ends_well(groups: &[Group], count: usize) -> bool {
    let next = groups.get(count).map_or(Gap::Break, |next| next.gap);
    !matches!(next, Gap::Dash | Gap::Dot | Gap::Nothing) && !groups[count - 1].glued_after
}

/// `+49…`, `(+49)…`, and `0049 …` in groups.
fn is_international(page: &Page, at: usize, is_behind_value: bool) -> bool {
    let group = &page.groups[at];
    let plus = page.text[..group.range.start].strip_suffix('+');
    let is_loose = |before: &str| {
        let touches = at > 0 && page.groups[at - 1].range.end == before.len();
        !touches && !before.ends_with(|c: char| c.is_alphanumeric() || c == '+')
    };
    let is_plus = plus.is_some_and(is_loose);
    let next = page
        .groups
        .get(at + 1)
        .is_some_and(|next| next.gap == Gap::Space);
    let starts_run = is_behind_value || group.gap != Gap::Space;
    let is_double_zero =
        starts_run && next && group.digits.len() <= 5 && group.digits.starts_with(&[0, 0]);
    is_plus && group.digits[0] != 0
        || is_double_zero && group.digits.get(2).is_some_and(|digit| *digit != 0)
}

/// The most groups that stay within the longest number, eleven digits for North America.
fn international(groups: &[Group]) -> Option<usize> {
    let most = match &groups[0].digits[..] {
        [1, ..] => 11,
        [0, 0, 1, ..] => 13,
        [0, 0, ..] => 17,
        _ => *LENGTHS.end(),
    };
    let mut sum = 0;
    let fits = |group: &&Group| {
        sum += group.digits.len();
        sum <= most
    };
    let count = groups.iter().take_while(fits).count();
    (length(&groups[..count]) > *LENGTHS.start()).then_some(count)
}

/// `212-555-0123`, `(212) 555-0123`, `1.212.555.0123`: area and exchange begin with 2 to 9.
fn north_american(groups: &[Group], whole: usize) -> Option<usize> {
    let skip = usize::from(groups[0].digits == [1]);
    let parts = groups[skip..whole].get(..3)?;
    let sizes = [0, 1, 2].map(|index| parts[index].digits.len());
    let is_plan = sizes == [3, 3, 4] && parts[0].digits[0] > 1 && parts[1].digits[0] > 1;
    let is_form = matches!(
        (parts[1].gap, parts[2].gap),
        (Gap::Dash, Gap::Dash)
            | (Gap::Dot, Gap::Dot)
            | (Gap::Paren, Gap::Dash | Gap::Space | Gap::Dot)
    );
    (is_plan && is_form).then_some(skip + 3)
}

/// A leading zero, groups, 9 to 12 digits: as Europe writes its numbers.
fn national(groups: &[Group]) -> Option<usize> {
    let first = &groups[0].digits;
    let has_trunk = first[0] == 0 && first.get(1).is_some_and(|digit| *digit != 0);
    let all_pairs = groups.iter().all(|group| group.digits.len() == 2);
    let dots = groups[1..].iter().any(|group| group.gap == Gap::Dot);
    let digits = length(groups);
    let is_size = if all_pairs || dots {
        digits == 10
    } else {
        (9..=12).contains(&digits)
    };
    let is_form = first.len() <= 6 && (!dots || all_pairs);
    (has_trunk && is_form && is_size).then_some(groups.len())
}

/// `(55) 1234-5678`, `(11) 91234-5678`: an area in brackets and two groups, as Latin America writes its numbers.
fn bracketed(page: &Page, at: usize, whole: usize) -> Option<usize> {
    let parts = &page.groups[at..at + whole];
    let sizes: Vec<_> = parts.iter().map(|part| part.digits.len()).collect();
    let is_area = before(page.text, parts[0].range.start) == Some('(');
    let is_form = matches!(sizes[..], [2 | 3, 3..=5, 4])
        && parts[1].gap == Gap::Paren
        && matches!(parts[2].gap, Gap::Dash | Gap::Space);
    (is_area && is_form).then_some(whole)
}

/// `12/03/1984`, `2024-01-15`, with or without an hour behind.
fn is_date(groups: &[Group]) -> bool {
    let sizes: Vec<_> = groups
        .iter()
        .take(3)
        .map(|group| group.digits.len())
        .collect();
    let tight = |group: &Group| matches!(group.gap, Gap::Dash | Gap::Dot | Gap::Slash);
    matches!(sizes[..], [1 | 2, 1 | 2, 4] | [4, 1 | 2, 1 | 2]) && groups[1..3].iter().all(tight)
}

/// The address of a machine, a number with decimals, and what has the form of a social security number: no country writes telephone
/// numbers like that.
fn is_other_form(groups: &[Group]) -> bool {
    let sizes: Vec<_> = groups.iter().map(|group| group.digits.len()).collect();
    let all = |gap| groups[1..].iter().all(|group| group.gap == gap);
    match sizes[..] {
        [_, _, _, _] if all(Gap::Dot) => sizes.iter().all(|size| *size <= 3) && sizes != [2; 4],
        [1..=3, decimals] => all(Gap::Dot) && decimals > 4 && groups[0].digits[0] != 0,
        [3, 2, 4] => all(Gap::Dash),
        _ => false,
    }
}

/// From the `+` or the bracket on.
fn range(page: &Page, at: usize, count: usize) -> Range<usize> {
    let groups = &page.groups[at..at + count];
    let mut start = groups[0].range.start;
    let closes = |text: &str| text.contains(')');
    let gap = groups
        .get(1)
        .map_or("", |next| &page.text[groups[0].range.end..next.range.start]);
    if before(page.text, start) == Some('+') {
        start -= 1;
    }
    if before(page.text, start) == Some('(') && closes(gap) {
        start -= 1;
    }
    start..groups[count - 1].range.end
}
