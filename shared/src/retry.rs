//! When to try again: exponential, capped, with full jitter, so that those who failed together do not return together.

use std::time::Duration;

/// A growing pause.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// The most that the first pause lasts.
    pub first: Duration,
    /// The most that any pause lasts.
    pub most: Duration,
}

impl Backoff {
    /// The pause after `failures` failures in a row; `random` lies in 0..1.
    pub fn pause(self, failures: u32, random: f64) -> Duration {
        let ceiling = self
            .first
            .saturating_mul(2_u32.saturating_pow(failures))
            .min(self.most);
        ceiling.mul_f64(random.clamp(0.0, 1.0))
    }

    /// Sleeps for such a pause.
    pub async fn sleep(self, failures: u32) {
        tokio::time::sleep(self.pause(failures, fastrand::f64())).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pauses_grow_to_the_cap_and_never_beyond(failures in 0_u32..100, random in 0.0..1.0) {
            let backoff = Backoff { first: Duration::from_millis(200), most: Duration::from_secs(5) };
            let pause = backoff.pause(failures, random);
            prop_assert!(pause <= backoff.most);
            prop_assert!(pause <= backoff.pause(failures + 1, random));
            prop_assert!(pause <= backoff.pause(failures, 1.0));
            prop_assert_eq!(backoff.pause(0, 1.0), backoff.first);
        }
    }
}
