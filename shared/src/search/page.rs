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
    /// Whether the ranking ends with it, and not the number of results that there may be.
    pub is_end: bool,
}

/// The page of a ranking that others join meanwhile, also because it is looked into deeper: it begins after the last result that was given,
/// wherever that stands now, because whoever joins may move all scores a little. If it is gone, the page begins where it stood. `place`
/// says by what results are ordered: the score, best first, then the number.
pub fn page<T>(
    ranked: Vec<T>,
    from: Option<Position>,
    limit: Limit,
    place: impl Fn(&T) -> (Score, i64),
) -> Page<T> {
    let given = from.map_or(0, |from| usize::from(from.given));
    let first = match from {
        Some(Position { score, doc, .. }) => {
            let last = ranked.iter().position(|item| place(item).1 == doc);
            let is_earlier = |item: &T| {
                let (own, number) = place(item);
                own > score || own == score && number <= doc
            };
            last.map_or_else(|| ranked.partition_point(is_earlier), |last| last + 1)
        }
        None => 0,
    };
    let room = limit.get().min(MOST_RESULTS.saturating_sub(given));
    let mut items: Vec<_> = ranked.into_iter().skip(first).take(room + 1).collect();
    let is_more = items.len() > room;
    items.truncate(room);
    let given = given + items.len();
    let next = u16::try_from(given)
        .ok()
        .filter(|_| is_more && given < MOST_RESULTS);
    let next = next.zip(items.last()).map(|(given, last)| {
        let (score, doc) = place(last);
        Position { given, score, doc }
    });
    Page {
        is_end: !is_more && given < MOST_RESULTS,
        items,
        next,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn limit(number: u64) -> Limit {
        Limit::parse(number).unwrap()
    }

    /// All pages, one after the other.
    fn walk<T>(mut next: impl FnMut(Option<Position>) -> Page<T>) -> Vec<T> {
        let (mut all, mut from) = (Vec::new(), None);
        loop {
            let Page {
                items,
                next: after,
                is_end,
            } = next(from);
            assert!(!is_end || after.is_none());
            all.extend(items);
            match after {
                Some(_) if after == from => panic!("the same page again"),
                Some(_) => from = after,
                None => return all,
            }
        }
    }

    fn ranked(numbers: &[u8]) -> Vec<(Score, i64)> {
        let scores = numbers
            .iter()
            .map(|number| Score::saturating(f64::from(*number) / 255.0));
        let mut ranked: Vec<_> = scores.zip(0..).collect();
        ranked.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
        ranked
    }

    #[test]
    fn there_is_a_next_page_if_there_is_a_next_result() {
        for (all, given, next, is_end) in [
            (0, None, None, true),
            (10, None, None, true),
            (11, None, Some(10), false),
            (20, Some(10), None, true),
            (21, Some(10), Some(20), false),
            (5, Some(10), None, true),
            (200, Some(190), None, false),
            (500, Some(185), Some(195), false),
            (500, Some(190), None, false),
            (500, Some(195), None, false),
        ] {
            let all: Vec<_> = (0..all).map(|doc| (Score::ONE, doc)).collect();
            let after = |given: u16| Position {
                given,
                score: Score::ONE,
                doc: i64::from(given) - 1,
            };
            let found = page(all, given.map(after), limit(10), |place| *place);
            assert_eq!(found.next, next.map(after), "{given:?}");
            assert_eq!(found.is_end, is_end, "{given:?}");
        }
    }

    #[test]
    fn what_joins_between_two_pages_is_no_reason_to_repeat_or_leave_out() {
        let mut all = ranked(&[90, 80, 70, 60, 50]);
        let first = page(all.clone(), None, limit(2), |place| *place);
        all.insert(0, (Score::ONE, 77));
        all.insert(5, (all[5].0, -1));
        let second = page(all, first.next, limit(2), |place| *place);
        let docs =
            |page: &Page<(Score, i64)>| page.items.iter().map(|(_, doc)| *doc).collect::<Vec<_>>();
        assert_eq!((docs(&first), docs(&second)), (vec![0, 1], vec![2, 3]));
    }

    #[test]
    fn a_page_goes_on_after_the_last_result_also_when_all_scores_have_moved_or_it_is_gone() {
        let first = page(ranked(&[90, 80, 70, 60]), None, limit(2), |place| *place);
        let second = |all| {
            let page = page(all, first.next, limit(9), |place| *place);
            page.items.iter().map(|(_, doc)| *doc).collect::<Vec<_>>()
        };
        assert_eq!(second(ranked(&[190, 180, 170, 160])), [2, 3]);
        assert_eq!(second(ranked(&[50, 40, 30, 20])), [2, 3]);
        let mut without = ranked(&[90, 80, 70, 60]);
        without.remove(1);
        assert_eq!(second(without), [2, 3]);
    }

    #[test]
    fn among_equal_scores_a_page_goes_on_after_the_number_that_is_gone() {
        let mut all = ranked(&[90; 5]);
        let first = page(all.clone(), None, limit(2), |place| *place);
        all.remove(1);
        let second = page(all, first.next, limit(9), |place| *place);
        let docs: Vec<_> = second.items.iter().map(|(_, doc)| *doc).collect();
        assert_eq!(docs, [2, 3, 4]);
    }

    proptest! {
        #[test]
        fn the_pages_together_are_the_first_200_once(numbers in proptest::collection::vec(any::<u8>(), 0..260), most in 1_u64..=50) {
            let all = ranked(&numbers);
            let expected: Vec<_> = all.iter().copied().take(MOST_RESULTS).collect();
            prop_assert_eq!(walk(|from| page(all.clone(), from, limit(most), |place| *place)), expected);
        }
    }
}
