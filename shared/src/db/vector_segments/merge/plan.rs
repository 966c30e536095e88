//! Which segments become one next. Pure.

use std::collections::BTreeMap;

use crate::db::vector_segments::SegmentId;

/// So many segments of a tier become one, and so many of those the next: a question then looks into few graphs, and a row is written into a
/// graph again once a tier.
const FAN: usize = 8;

/// Four hundred thousand vectors of 384 numbers: two busy cores build a graph of so many in six minutes (1,150 rows a second, measured). What
/// does not end within a run is begun again in the next one, and would never end.
const MOST_VALUES: i64 = 153_600_000;

/// How segments are merged.
#[derive(Debug, Clone, Copy)]
pub struct MergeRules {
    /// So many segments of a tier become one.
    pub fan: usize,
    /// The numbers that all vectors of a merged segment have, at most: its graph must be built within one run.
    pub most_values: i64,
    /// The memory that a build may take, in bytes. Without, half of what the server keeps for its pages.
    pub memory: Option<i64>,
}

impl Default for MergeRules {
    fn default() -> Self {
        Self {
            fan: FAN,
            most_values: MOST_VALUES,
            memory: None,
        }
    }
}

impl MergeRules {
    /// One alone would be made anew for ever.
    pub(super) fn most_sources(&self) -> usize {
        self.fan.max(2)
    }

    /// Where as many would be too large, fewer come together, but not so few that rows are written again for little.
    pub(super) fn fewest_sources(&self) -> usize {
        self.most_sources().div_ceil(2).max(2)
    }
}

/// A sealed segment, of which no other is being made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sealed {
    pub(super) id: SegmentId,
    pub(super) tier: i16,
    /// Rows when it was sealed.
    pub(super) rows: i64,
    /// Those of them that are left.
    pub(super) live: i64,
    pub(super) dimensions: u16,
}

impl Sealed {
    fn values(&self) -> i64 {
        self.live.saturating_mul(i64::from(self.dimensions))
    }

    /// Whether so many are dead that it is worth a new graph: over a fifth.
    fn is_worn(&self) -> bool {
        (self.rows - self.live).saturating_mul(5) > self.rows
    }
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// These become one, of this tier. A single one is made anew.
    Merge {
        sources: Vec<SegmentId>,
        tier: i16,
        /// The numbers that it has.
        values: i64,
    },
    /// Nothing is left of it.
    Drop(SegmentId),
}

/// What is worth most: what is empty goes; of the lowest tier that has enough, the first that fit together become one, as many as may; else what has most
/// dead is made anew. The segments come in the order of their rows, and are merged in it, so that each keeps to a span of time.
///
/// `most` says how many numbers a segment of a tier may have, so that it is built in time.
pub(super) fn plan(
    sealed: &[Sealed],
    rules: &MergeRules,
    most: impl Fn(i16) -> i64,
) -> Option<Plan> {
    if let Some(empty) = sealed.iter().find(|one| one.live == 0) {
        return Some(Plan::Drop(empty.id));
    }
    let mut tiers: BTreeMap<i16, Vec<&Sealed>> = BTreeMap::new();
    for one in sealed {
        tiers.entry(one.tier).or_default().push(one);
    }
    let values = |some: &[&Sealed]| {
        let values = some.iter().map(|one| one.values());
        values.fold(0, i64::saturating_add)
    };
    for (tier, of_tier) in &tiers {
        let next = tier.saturating_add(1);
        let limit = rules.most_values.min(most(next));
        let sizes = (rules.fewest_sources()..=rules.most_sources()).rev();
        let mut some = sizes.flat_map(|size| of_tier.windows(size));
        let fitting = some.find(|some| values(some) <= limit);
        if let Some(some) = fitting.filter(|_| of_tier.len() >= rules.most_sources()) {
            return Some(Plan::Merge {
                sources: some.iter().map(|one| one.id).collect(),
                tier: next,
                values: values(some),
            });
        }
    }
    let is_due = |one: &&Sealed| one.is_worn() && one.values() <= most(one.tier);
    let worn = sealed.iter().filter(is_due);
    let most_worn = worn.max_by(|one, other| {
        let share =
            |one: &Sealed, other: &Sealed| i128::from(one.rows - one.live) * i128::from(other.rows);
        share(one, other).cmp(&share(other, one))
    })?;
    Some(Plan::Merge {
        sources: vec![most_worn.id],
        tier: most_worn.tier,
        values: most_worn.values(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sealed(id: i32, tier: i16, rows: i64, live: i64) -> Sealed {
        Sealed {
            id: SegmentId(id),
            tier,
            rows,
            live,
            dimensions: 10,
        }
    }

    fn rules(fan: usize, most_rows: i64) -> MergeRules {
        MergeRules {
            fan,
            most_values: most_rows * 10,
            memory: None,
        }
    }

    /// What it plans while there is time for everything: sources and tier, or what goes.
    fn planned(sealed: &[Sealed], rules: &MergeRules) -> Option<(Vec<SegmentId>, Option<i16>)> {
        match plan(sealed, rules, |_| i64::MAX)? {
            Plan::Merge { sources, tier, .. } => Some((sources, Some(tier))),
            Plan::Drop(id) => Some((vec![id], None)),
        }
    }

    fn merge(sources: &[i32], tier: i16) -> (Vec<SegmentId>, Option<i16>) {
        (sources.iter().copied().map(SegmentId).collect(), Some(tier))
    }

    fn gone(id: i32) -> (Vec<SegmentId>, Option<i16>) {
        (vec![SegmentId(id)], None)
    }

    #[test]
    fn what_takes_too_long_is_left_and_something_smaller_is_done() {
        let two = |tier, rows| [sealed(1, tier, rows, rows), sealed(2, tier, rows, rows)];
        let (rules, all) = (rules(2, 9_999), [two(0, 10), two(1, 100)].concat());
        let most = |values: [i64; 3]| move |tier: i16| values[usize::try_from(tier).unwrap()];
        let chosen = |limits| match plan(&all, &rules, most(limits)) {
            Some(Plan::Merge { tier, values, .. }) => Some((tier, values)),
            _ => None,
        };
        assert_eq!(chosen([0, 200, 2_000]), Some((1, 200)));
        assert_eq!(chosen([0, 199, 2_000]), Some((2, 2_000)));
        assert_eq!(chosen([0, 199, 1_999]), None);
        let worn = [sealed(1, 1, 100, 50)];
        assert!(plan(&worn, &rules, most([0, 500, 0])).is_some());
        assert!(plan(&worn, &rules, most([0, 499, 0])).is_none());
    }

    #[test]
    fn enough_of_a_tier_become_one_and_the_worn_are_made_anew() {
        let four = [1, 2, 3, 4].map(|id| sealed(id, 0, 100, 100));
        let mixed = [
            sealed(9, 1, 800, 800),
            sealed(1, 0, 100, 79),
            sealed(2, 0, 100, 70),
            sealed(3, 1, 900, 900),
        ];
        for (segments, rules, expected) in [
            (&[][..], rules(2, 9_999), None),
            (&four[..], rules(5, 9_999), None),
            (&four, rules(4, 400), Some(merge(&[1, 2, 3, 4], 1))),
            (&four, rules(4, 399), Some(merge(&[1, 2, 3], 1))),
            (&four, rules(4, 199), None),
            (&four[..3], rules(4, 9_999), None),
            (&four, rules(2, 9_999), Some(merge(&[1, 2], 1))),
            (&mixed, rules(2, 9_999), Some(merge(&[1, 2], 1))),
            (&mixed, rules(3, 9_999), Some(merge(&[2], 0))),
            (&mixed[..2], rules(3, 9_999), Some(merge(&[1], 0))),
            (&[sealed(1, 0, 100, 80)], rules(1, 9_999), None),
            (
                &[sealed(1, 2, 100, 79)],
                rules(1, 9_999),
                Some(merge(&[1], 2)),
            ),
            (
                &[sealed(5, 0, 10, 10), sealed(6, 0, 10, 0)],
                rules(2, 9_999),
                Some(gone(6)),
            ),
            (&[sealed(6, 0, 0, 0)], rules(2, 9_999), Some(gone(6))),
            (
                // The first two are too large together; the last two are not.
                &[
                    sealed(1, 0, 900, 900),
                    sealed(2, 0, 900, 900),
                    sealed(3, 0, 90, 90),
                ],
                rules(2, 1_000),
                Some(merge(&[2, 3], 1)),
            ),
        ] {
            assert_eq!(
                planned(segments, &rules),
                expected,
                "{segments:?} {rules:?}"
            );
        }
    }

    proptest! {
        /// Segments come one after the other, some of their rows die, and the plan is carried out until it has nothing to say.
        #[test]
        fn it_comes_to_an_end_and_keeps_rows_order_and_bounds(
            arrivals in prop::collection::vec((1_i64..100, 0_i64..=100), 1..80),
            fan in 0_usize..6,
            most_rows in 50_i64..2_000,
        ) {
            let rules = rules(fan, most_rows);
            let mut standing: Vec<Sealed> = Vec::new();
            let mut next = 1_000;
            for (number, (rows, dead)) in arrivals.iter().enumerate() {
                standing.push(sealed(i32::try_from(number).unwrap(), 0, *rows, *rows));
                // One that stands loses some of its rows.
                let chosen = usize::try_from(rows * 7 + dead).unwrap() % standing.len();
                standing[chosen].live -= standing[chosen].live * dead / 100;
                let live: i64 = standing.iter().map(|one| one.live).sum();
                for turn in 0.. {
                    prop_assert!(turn < 200, "it does not end");
                    let Some(chosen) = plan(&standing, &rules, |_| i64::MAX) else { break };
                    match chosen {
                        Plan::Drop(id) => {
                            let at = standing.iter().position(|one| one.id == id).unwrap();
                            prop_assert_eq!(standing.remove(at).live, 0);
                        }
                        Plan::Merge { sources, tier, .. } => {
                            let place = |id: &SegmentId| standing.iter().position(|one| one.id == *id).unwrap();
                            let places: Vec<_> = sources.iter().map(place).collect();
                            prop_assert!(places.is_sorted_by(|one, other| one < other), "in the order of their rows");
                            let rows: i64 = places.iter().map(|place| standing[*place].live).sum();
                            if let [place] = places[..] {
                                prop_assert!(standing[place].is_worn() && tier == standing[place].tier);
                            } else {
                                prop_assert!(places.len() <= fan.max(2) && 2 * places.len() >= fan && rows <= most_rows);
                                prop_assert!(places.iter().all(|place| standing[*place].tier + 1 == tier));
                            }
                            standing[places[0]] = sealed(next, tier, rows, rows);
                            next += 1;
                            for place in places[1..].iter().rev() {
                                standing.remove(*place);
                            }
                        }
                    }
                }
                prop_assert_eq!(standing.iter().map(|one| one.live).sum::<i64>(), live, "no row is lost");
                prop_assert!(standing.iter().all(|one| !one.is_worn() && one.live > 0));
                for tier in standing.iter().map(|one| one.tier) {
                    let of_tier: Vec<_> = standing.iter().filter(|one| one.tier == tier).collect();
                    let sum = |some: &[&Sealed]| some.iter().map(|one| one.live).sum::<i64>();
                    prop_assert!(of_tier.windows(fan.max(2)).all(|some| sum(some) > most_rows));
                }
            }
        }
    }
}
