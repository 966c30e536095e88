//! Which faults happen, and how often: a pure decision over a generator.

use std::ops::RangeInclusive;
use std::time::Duration;

use rand::{Rng, RngExt};

/// What happens to one turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: request and answer pass.
    Pass,
    /// The connection is dropped, and nothing was forwarded.
    CutBefore,
    /// The request is forwarded; when the answer begins, the work is done, and the connection is dropped instead.
    LoseAnswer,
    /// The request is forwarded after this time.
    Delay(Duration),
    /// These bytes are the answer, then the connection is closed; nothing was forwarded.
    Answer(Vec<u8>),
}

/// The share of turns that meet each fault; what is left passes. Shares over 1 altogether crowd out the later ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Where the generator starts.
    pub seed: u64,
    /// The share of turns whose connection is dropped before anything was forwarded.
    pub cut_before: f64,
    /// The share of turns that are executed and whose answer is lost.
    pub lose_answer: f64,
    /// The share of turns that get `answer_bytes`.
    pub answer: f64,
    /// The answer to those; by default an empty HTTP 503.
    pub answer_bytes: Vec<u8>,
    /// The share of turns that are delayed.
    pub delay: f64,
    /// By how much, in milliseconds.
    pub delay_ms: RangeInclusive<u64>,
    /// The share of new connections that are closed at once. Drawn apart from turns, which it doesn't shift.
    pub refuse: f64,
}

impl Plan {
    /// A plan in which everything passes, to build others from.
    pub fn none() -> Self {
        let unavailable =
            b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        Self {
            seed: 0,
            cut_before: 0.0,
            lose_answer: 0.0,
            answer: 0.0,
            answer_bytes: unavailable.to_vec(),
            delay: 0.0,
            delay_ms: 1..=50,
            refuse: 0.0,
        }
    }

    /// Draws what happens to the next turn. It takes the same from the generator whatever comes out.
    pub fn draw(&self, rng: &mut impl Rng) -> Fault {
        let mut share: f64 = rng.random();
        let delay = rng.random_range(self.delay_ms.clone());
        let mut falls_in = |rate: f64| {
            share -= rate;
            share < 0.0
        };
        if falls_in(self.cut_before) {
            Fault::CutBefore
        } else if falls_in(self.lose_answer) {
            Fault::LoseAnswer
        } else if falls_in(self.answer) {
            Fault::Answer(self.answer_bytes.clone())
        } else if falls_in(self.delay) {
            Fault::Delay(Duration::from_millis(delay))
        } else {
            Fault::Pass
        }
    }

    /// Draws whether a new connection is refused.
    pub fn draw_refusal(&self, rng: &mut impl Rng) -> bool {
        rng.random::<f64>() < self.refuse
    }
}

impl Default for Plan {
    fn default() -> Self {
        Self::none()
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    fn mixed() -> Plan {
        Plan {
            cut_before: 0.1,
            lose_answer: 0.2,
            answer: 0.05,
            delay: 0.15,
            refuse: 0.25,
            ..Plan::none()
        }
    }

    fn draw(plan: &Plan, seed: u64) -> Vec<Fault> {
        let mut rng = StdRng::seed_from_u64(seed);
        (0..100_000).map(|_| plan.draw(&mut rng)).collect()
    }

    type IsKind = fn(&Fault) -> bool;

    #[test]
    fn shares_are_kept() {
        let drawn = draw(&mixed(), 1);
        let cases: [(f64, IsKind); 5] = [
            (0.1, |fault| *fault == Fault::CutBefore),
            (0.2, |fault| *fault == Fault::LoseAnswer),
            (0.05, |fault| matches!(fault, Fault::Answer(_))),
            (0.15, |fault| matches!(fault, Fault::Delay(_))),
            (0.5, |fault| *fault == Fault::Pass),
        ];
        for (share, is_kind) in cases {
            let count = drawn.iter().filter(|fault| is_kind(fault)).count();
            let found = f64::from(u32::try_from(count).unwrap()) / 100_000.0;
            // Five standard deviations of the largest share are 0.008.
            assert!((found - share).abs() < 0.008, "{share}: {found}");
        }
    }

    #[test]
    fn refusals_keep_their_share() {
        let (plan, mut rng) = (mixed(), StdRng::seed_from_u64(3));
        let refused = (0..10_000).filter(|_| plan.draw_refusal(&mut rng)).count();
        assert!((2_300..2_700).contains(&refused), "{refused}");
    }

    #[test]
    fn a_seed_gives_one_sequence() {
        assert_eq!(draw(&mixed(), 7), draw(&mixed(), 7));
        assert_ne!(draw(&mixed(), 7), draw(&mixed(), 8));
    }

    #[test]
    fn none_always_passes_and_one_never_does() {
        assert!(
            draw(&Plan::none(), 1)
                .iter()
                .all(|fault| *fault == Fault::Pass)
        );
        let always = Plan {
            lose_answer: 1.0,
            ..Plan::none()
        };
        assert!(
            draw(&always, 1)
                .iter()
                .all(|fault| *fault == Fault::LoseAnswer)
        );
    }

    #[test]
    fn delays_stay_in_their_range() {
        let slow = Plan {
            delay: 1.0,
            delay_ms: 5..=7,
            ..Plan::none()
        };
        for fault in draw(&slow, 1) {
            let Fault::Delay(delay) = fault else {
                panic!("{fault:?}");
            };
            assert!((5..=7).contains(&delay.as_millis()), "{delay:?}");
        }
    }
}
