//! The drawing of faults: a pure function, so that a failure replays from its seed.

/// A number in 0..1 for the `nth` request (from 0) that the rule at position `rule` of a plan has seen.
pub fn draw(seed: u64, rule: usize, nth: u64) -> f64 {
    let mixed = mix(mix(mix(seed) ^ rule as u64) ^ nth);
    // 32 bits are plenty for a rate, and fit an f64 exactly.
    let high = u32::try_from(mixed >> 32).unwrap_or(u32::MAX);
    f64::from(high) / (f64::from(u32::MAX) + 1.0)
}

/// `SplitMix64`: every input bit reaches every output bit. Not for secrets.
pub(crate) fn mix(state: u64) -> u64 {
    let z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_even_and_differ_by_seed_and_rule() {
        let hits = |seed, rule| {
            (0..10_000)
                .map(|nth| draw(seed, rule, nth) < 0.1)
                .collect::<Vec<_>>()
        };
        let share = |hits: &[bool]| hits.iter().filter(|hit| **hit).count();
        assert_eq!(hits(7, 0), hits(7, 0));
        assert_ne!(hits(7, 0), hits(8, 0));
        assert_ne!(hits(7, 0), hits(7, 1));
        for seed in 0..20 {
            let share = share(&hits(seed, 0));
            assert!(
                (850..1_150).contains(&share),
                "{share} of 10,000 at a rate of 0.1"
            );
        }
    }

    /// A seed in an old report must still name the same faults.
    #[test]
    fn the_draws_of_a_seed_never_change() {
        let hits: Vec<u64> = (0..64).filter(|nth| draw(7, 0, *nth) < 0.1).collect();
        assert_eq!(hits, [5, 8, 19, 46, 60, 61]);
    }
}
