//! US social security numbers: 3-2-4 digits without the values that are never issued; in any other form only near a word for it.

use std::ops::Range;

use super::context;
use super::digits::{Gap, Group};
use super::page::Page;

const LENGTH: usize = 9;

pub(super) fn scan(page: &Page) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < page.groups.len() {
        let count = count_at(&page.groups, at).filter(|count| is_meant(page, at, *count));
        if let Some(count) = count {
            found.push(range(&page.groups[at..at + count]));
        }
        at += count.unwrap_or(1);
    }
    found
}

/// How many groups give nine digits that could have been issued, with nothing attached.
fn count_at(groups: &[Group], at: usize) -> Option<usize> {
    let mut digits = Vec::with_capacity(LENGTH);
    for (index, group) in groups[at..].iter().enumerate() {
        let goes_on =
            index == 0 || matches!(group.gap, Gap::Space | Gap::Dash | Gap::Dot | Gap::Comma);
        if group.closed || !goes_on || digits.len() + group.digits.len() > LENGTH {
            return None;
        }
        digits.extend_from_slice(&group.digits);
        if digits.len() == LENGTH {
            let count = index + 1;
            return (is_issued(&digits) && is_alone(groups, at, count)).then_some(count);
        }
    }
    None
}

/// Area 000, 666 and 900 to 999, group 00 and serial 0000 are never issued.
fn is_issued(digits: &[u8]) -> bool {
    let area = &digits[..3];
    area != [0, 0, 0]
        && area != [6, 6, 6]
        && area[0] != 9
        && digits[3..5] != [0, 0]
        && digits[5..] != [0, 0, 0, 0]
}

fn is_alone(groups: &[Group], at: usize, count: usize) -> bool {
    let next = groups.get(at + count).map_or(Gap::Break, |next| next.gap);
    let tight = |gap: Gap| matches!(gap, Gap::Dash | Gap::Dot | Gap::Slash | Gap::Nothing);
    !tight(groups[at].gap)
        && !tight(next)
        && !groups[at].glued_before
        && !groups[at + count - 1].glued_after
}

/// Written as it is printed, unless a word says that it is something else; or near a word for it.
fn is_meant(page: &Page, at: usize, count: usize) -> bool {
    let groups = &page.groups[at..at + count];
    let range = range(groups);
    let sizes: Vec<_> = groups.iter().map(|group| group.digits.len()).collect();
    let is_printed = sizes == [3, 2, 4];
    let dashes = groups[1..].iter().all(|group| group.gap == Gap::Dash);
    let others = context::REFERENCE | context::PHONE;
    if is_printed && dashes {
        return !page.is_otherwise(&range, context::SOCIAL, context::REFERENCE);
    }
    let before = page.groups[at].gap;
    let after = page
        .groups
        .get(at + count)
        .map_or(Gap::Break, |next| next.gap);
    let is_whole = before == Gap::Break && after == Gap::Break;
    (is_printed || count == 1 || is_whole) && page.is_about(&range, context::SOCIAL, others)
}

fn range(groups: &[Group]) -> Range<usize> {
    groups[0].range.start..groups[groups.len() - 1].range.end
}
