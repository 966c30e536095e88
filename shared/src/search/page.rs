//! One page of a ranking, and where the next one begins.

use crate::domain::Score;
use crate::domain::query::{Limit, MOST_RESULTS, Position};

/// A part of a ranking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What stands on it, in order.
    pub items: Vec<T>,
    /// Where the next one begins; `None` after the last one, or when all pages together have as many results as there may be.
    pub next: Option<Position>,
}

/// The page of a ranking that does not change between two pages.
pub fn page_by_offset<T>(ranked: Vec<T>, from: Option<Position>, limit: Limit) -> Page<T> {
    let given = from.map_or(0, Position::given);
    cut(ranked.into_iter().skip(given), given, limit, |_, given| {
        Position::Offset(given)
    })
}

/// The page of a ranking that others join meanwhile: it begins after the last result that was given. `place` says by what results are
/// ordered: the score, best first, then the number.
pub fn page_by_place<T>(
    ranked: Vec<T>,
    from: Option<Position>,
    limit: Limit,
    place: impl Fn(&T) -> (Score, i64),
) -> Page<T> {
    let given = from.map_or(0, Position::given);
    let is_later = |item: &T| match from {
        Some(Position::After { score, doc, .. }) => {
            let (own, number) = place(item);
            own < score || own == score && number > doc
        }
        _ => true,
    };
    cut(
        ranked.into_iter().filter(is_later),
        given,
        limit,
        |last, given| {
            let (score, doc) = place(last);
            Position::After { given, score, doc }
        },
    )
}

fn cut<T>(
    rest: impl Iterator<Item = T>,
    given: usize,
    limit: Limit,
    position: impl Fn(&T, u16) -> Position,
) -> Page<T> {
    let room = limit.get().min(MOST_RESULTS.saturating_sub(given));
    let mut items: Vec<_> = rest.take(room + 1).collect();
    let is_more = items.len() > room;
    items.truncate(room);
    let given = given + items.len();
    let next = u16::try_from(given)
        .ok()
        .filter(|_| is_more && given < MOST_RESULTS);
    let next = next
        .zip(items.last())
        .map(|(given, last)| position(last, given));
    Page { items, next }
}
