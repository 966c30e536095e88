//! How many of the segments that wait get one graph between them. Pure.

use std::time::Duration;

use super::plan::MergeRules;

/// What several closed segments become is of this tier: as if each had been sealed, and all of them merged.
pub(super) const TIER: i16 = 1;

/// Who comes together waits for the last row of all. So that takes no longer than this, by the pace of earlier builds: a fifth of the time
/// after which people are told that a segment waits.
pub(super) const LONGEST: Duration = Duration::from_mins(3);

/// How many of those that wait come together, the oldest first, whose vectors have so many numbers: as many as a merge takes and as are
/// built in time (`most`, in numbers), if a merge would take so few. Otherwise one alone.
///
/// Fewer would have too few rows for their tier. In the lowest one they would be built again like all others: that saves nothing, and who
/// writes waits some milliseconds for the swap, where sealing one in its place makes nobody wait.
pub(super) fn count(waiting: &[i64], rules: &MergeRules, most: i64) -> usize {
    let limit = rules.most_values.min(most);
    let mut sum = 0_i64;
    let fits = |values: &&i64| {
        sum = sum.saturating_add(**values);
        sum <= limit
    };
    let some = waiting.iter().take(rules.most_sources());
    match some.take_while(fits).count() {
        count if count >= rules.fewest_sources() => count,
        _ => waiting.len().min(1),
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::{Plan, Sealed, plan};
    use super::*;
    use crate::db::vector_segments::SegmentId;
    use proptest::prelude::*;

    fn rules(fan: usize, most_values: i64) -> MergeRules {
        MergeRules {
            fan,
            most_values,
            memory: None,
        }
    }

    #[test]
    fn half_of_what_a_merge_takes_is_enough_and_time_and_size_are_bounds() {
        for (waiting, fan, most_values, most, expected) in [
            (&[][..], 8, 999, 999, 0),
            (&[10; 3][..], 8, 999, 999, 1),
            (&[10; 4], 8, 999, 999, 4),
            (&[10; 5], 8, 999, 999, 5),
            (&[10; 20], 8, 999, 999, 8),
            (&[10; 20], 8, 50, 999, 5),
            (&[10; 20], 8, 999, 79, 7),
            (&[10; 20], 8, 999, 39, 1),
            (&[10; 20], 8, 39, 999, 1),
            (&[10; 20], 8, 999, 0, 1),
            (&[10; 2], 0, 999, 999, 2),
            (&[10; 5], 3, 999, 999, 3),
            // One that nobody could let go in time goes alone, and those after it together.
            (&[i64::MAX, 10, 10, 10, 10], 8, i64::MAX - 1, i64::MAX, 1),
            (&[i64::MAX, 10, 10, 10, 10], 8, 999, 999, 1),
            (&[10, 10, 10, 10, i64::MAX], 8, 999, 999, 4),
            (&[0; 9], 8, 999, 0, 8),
        ] {
            let counted = count(waiting, &rules(fan, most_values), most);
            assert_eq!(counted, expected, "{waiting:?} {fan} {most_values} {most}");
        }
    }

    proptest! {
        #[test]
        fn as_many_come_together_as_may_and_otherwise_one(
            waiting in prop::collection::vec(0_i64..1_000, 0..30),
            fan in 0_usize..12,
            most_values in 0_i64..10_000,
            most in 0_i64..10_000,
        ) {
            let rules = rules(fan, most_values);
            let (few, many) = (rules.fewest_sources(), rules.most_sources());
            let fits = |count: usize| waiting[..count].iter().sum::<i64>() <= most_values.min(most);
            let counted = count(&waiting, &rules, most);
            prop_assert_eq!(counted == 0, waiting.is_empty());
            if counted > 1 {
                prop_assert!((few..=many).contains(&counted) && fits(counted));
                prop_assert!(counted == many || counted == waiting.len() || !fits(counted + 1));
            } else {
                prop_assert!(waiting.len() < few || !fits(few), "enough waited and would have fitted");
            }
        }

        /// Backlogs come, each is sealed to its end, and what is sealed is merged. No row is built more often than its tier says, and what
        /// came together has skipped one; a tier has the rows that as many merges take at least.
        #[test]
        fn what_comes_together_stands_in_the_tier_of_its_rows(
            backlogs in prop::collection::vec(1_usize..30, 1..40),
            fan in 0_usize..9,
        ) {
            let rules = rules(fan, i64::MAX);
            let few = i64::try_from(rules.fewest_sources()).unwrap();
            let many = i64::try_from(rules.most_sources()).unwrap();
            // Each with the rows of so many closed ones, and the most builds that one of these has been through.
            let mut standing: Vec<(Sealed, u32)> = Vec::new();
            let mut next = 0;
            let mut sealed = |tier, rows| {
                next += 1;
                Sealed { id: SegmentId(next), tier, rows, live: rows, dimensions: 1 }
            };
            for backlog in &backlogs {
                let mut waiting = vec![1_i64; *backlog];
                while !waiting.is_empty() {
                    let together = count(&waiting, &rules, i64::MAX);
                    waiting.drain(..together);
                    let tier = if together > 1 { TIER } else { 0 };
                    standing.push((sealed(tier, i64::try_from(together).unwrap()), 1));
                }
                let all = |standing: &[(Sealed, u32)]| standing.iter().map(|one| one.0).collect::<Vec<_>>();
                while let Some(Plan::Merge { sources, tier, .. }) = plan(&all(&standing), &rules, |_| i64::MAX) {
                    let (gone, left): (Vec<_>, Vec<_>) = standing.into_iter().partition(|one| sources.contains(&one.0.id));
                    let rows = gone.iter().map(|one| one.0.live).sum();
                    let builds = gone.iter().map(|one| one.1).max().unwrap() + 1;
                    standing = left;
                    standing.push((sealed(tier, rows), builds));
                }
            }
            let rows: i64 = standing.iter().map(|one| one.0.live).sum();
            prop_assert_eq!(rows, i64::try_from(backlogs.iter().sum::<usize>()).unwrap(), "no row is lost");
            for (one, builds) in &standing {
                let tier = u32::from(one.tier.unsigned_abs());
                prop_assert!(*builds <= tier + 1);
                let least = if tier == 0 { 1 } else { few * many.pow(tier - 1) };
                prop_assert!((least..=many.pow(tier)).contains(&one.live), "{one:?}");
            }
            for tier in standing.iter().map(|one| one.0.tier) {
                let of_tier = standing.iter().filter(|one| one.0.tier == tier).count();
                prop_assert!(of_tier < rules.most_sources());
            }
        }
    }
}
