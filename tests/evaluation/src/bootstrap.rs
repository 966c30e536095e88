//! How far a share may be off that was counted in few calls. Pure, and the same each time.

/// So often calls are drawn.
const DRAWS: usize = 4_000;

/// Between which shares 95 of 100 lie, if as many calls are drawn from these as there are, again and again: of each its right cards and
/// all its cards. Cards of one call belong together, so calls are drawn and not cards.
pub(crate) fn interval(calls: &[(usize, usize)]) -> (f64, f64) {
    let mut dice = Dice(0x005e_ed0f_ca11_ed00);
    let mut shares: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let drawn = (0..calls.len()).map(|_| calls[dice.below(calls.len())]);
            let sum = drawn.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            super::supervisor::share(sum.0, sum.1)
        })
        .collect();
    shares.sort_by(f64::total_cmp);
    (shares[DRAWS / 40], shares[DRAWS - 1 - DRAWS / 40])
}

/// `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let end = u128::try_from(end).unwrap_or(1);
        usize::try_from((u128::from(mixed) * end) >> 64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_calls_say_little_and_many_say_more() {
        let some = [(1, 1), (0, 1), (2, 2), (1, 2), (0, 0)];
        let (low, high) = interval(&some);
        assert!(low < 0.5 && high > 0.85, "{low} {high}");
        let many = some.repeat(100);
        let (low, high) = interval(&many);
        assert!(low > 0.6 && high < 0.74, "{low} {high}");
        assert_eq!(interval(&[(3, 3), (1, 1)]), (1.0, 1.0));
    }
}
