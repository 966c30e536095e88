//! How closely requests may follow each other. Pure: it is told the time.
//!
//! A provider refuses when it has nothing left to give. So what it let through between two refusals is what it gives in that time,
//! and what it is asked for after a pause is spaced by that, a little more closely with every request, until it refuses again. Whoever
//! asks faster is refused more often, and what a provider saves up meanwhile has an end.

use std::time::Duration;

use tokio::time::Instant;

/// A refusal that comes so soon after a pause shows that more was wanted than there was.
const SOON: Duration = Duration::from_secs(1);
/// After so many requests without a refusal they come twice as close, and hardly closer after a quarter of them.
const TWICE: f64 = 200.0;
/// This share of what was let through is left to the provider, so that it does not refuse again at once; it is never more than a
/// few.
const LEFT: f64 = 1.0 / 16.0;
const MOST_LEFT: f64 = 2.0;
/// Fewer than this say nothing: who refuses by chance, and not by a pace, would be asked more and more seldom.
const FEWEST: f64 = 8.0;
/// No pause for a turn is shorter.
const SHORTEST: Duration = Duration::from_millis(1);

/// A request that may be sent: the number of refusals before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Turn(u64);

/// The provider's pace, as far as it is known.
#[derive(Default)]
pub(super) struct Rhythm {
    closed_until: Option<Instant>,
    refusals: u64,
    /// When the provider last had nothing left.
    refused_at: Option<Instant>,
    /// Requests that were sent since.
    sent: f64,
    /// What it gives, if that is known.
    pace: Option<Pace>,
    /// What it should have for us, and when that was so.
    saved: f64,
    counted_at: Option<Instant>,
}

/// What a provider let through in how many seconds.
struct Pace {
    requests: f64,
    seconds: f64,
}

impl Rhythm {
    /// Takes a turn, or says when to ask for one again.
    pub(super) fn take(&mut self, now: Instant) -> Result<Turn, Duration> {
        if let Some(until) = self.closed_until.filter(|until| *until > now) {
            return Err(until - now);
        }
        if let Some(pace) = &self.pace {
            let per_second = pace.per_second() * (1.0 + (self.sent / TWICE).powi(2));
            let before = self.counted_at.replace(now).unwrap_or(now);
            self.saved += per_second * (now - before).as_secs_f64();
            if self.saved < 1.0 {
                let wait = Duration::try_from_secs_f64((1.0 - self.saved) / per_second);
                return Err(wait.unwrap_or(Duration::MAX).max(SHORTEST));
            }
            self.saved -= 1.0;
        }
        self.sent += 1.0;
        Ok(Turn(self.refusals))
    }

    /// The provider had nothing left for this request.
    pub(super) fn refuse(&mut self, turn: Turn, now: Instant) {
        if turn.0 == self.refusals {
            self.pace = self.measured(now);
            let requests = self.pace.as_ref().map_or(0.0, |pace| pace.requests);
            self.saved = -(requests * LEFT).min(MOST_LEFT);
            self.counted_at = Some(now);
            self.refused_at = Some(now);
            self.refusals += 1;
            self.sent = 0.0;
        } else if turn.0 + 1 == self.refusals
            && let Some(pace) = &mut self.pace
        {
            // Of what was sent before a refusal, more was refused than was known by then.
            pace.requests = (pace.requests - 1.0).max(1.0);
        }
    }

    /// What was sent since the refusal before says something only if all was asked for that there was. The refused request counts
    /// too: it came a little early, and who counted less than there was would slow down from refusal to refusal.
    fn measured(&self, now: Instant) -> Option<Pace> {
        let wanted_all = match (&self.pace, self.closed_until) {
            (Some(_), _) => self.saved < 2.0,
            (None, opened) => now < opened? + SOON,
        };
        let seconds = (now - self.refused_at?).as_secs_f64();
        let pace = Pace {
            requests: self.sent,
            seconds,
        };
        (wanted_all && self.sent >= FEWEST && seconds > 0.0).then_some(pace)
    }

    /// Nobody asks before.
    pub(super) fn close(&mut self, until: Instant) {
        self.closed_until = self.closed_until.max(Some(until));
    }
}

impl Pace {
    fn per_second(&self) -> f64 {
        self.requests / self.seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A provider: what it gives a second, and how much it saves up.
    #[derive(Debug, Clone, Copy)]
    struct Provider {
        per_second: f64,
        most: f64,
        saved: f64,
        let_through: u32,
        refused: u32,
    }

    const LATENCY: f64 = 0.05;

    impl Provider {
        fn new(per_second: f64, most: f64) -> Self {
            Self {
                per_second,
                most,
                saved: most,
                let_through: 0,
                refused: 0,
            }
        }

        /// Lanes ask without end for so many seconds, each again when it is answered; as in `ask`.
        fn asked(&mut self, rhythm: &mut Rhythm, lanes: usize, from: f64, to: f64) {
            let start = Instant::now();
            let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
            let mut free = vec![from; lanes];
            let mut now = from;
            loop {
                let lane = (0..lanes)
                    .min_by(|a, b| free[*a].total_cmp(&free[*b]))
                    .unwrap();
                self.saved = (self.saved + (free[lane] - now) * self.per_second).min(self.most);
                now = free[lane];
                if now >= to {
                    return;
                }
                match rhythm.take(at(now)) {
                    Err(wait) => free[lane] += wait.as_secs_f64(),
                    Ok(_) if self.saved >= 1.0 => {
                        self.saved -= 1.0;
                        self.let_through += 1;
                        free[lane] += LATENCY;
                    }
                    Ok(turn) => {
                        self.refused += 1;
                        let wait = ((1.0 - self.saved) / self.per_second).ceil();
                        rhythm.refuse(turn, at(now));
                        rhythm.close(at(now + wait));
                        free[lane] += wait + 0.001 * f64::from(u32::try_from(lane % 100).unwrap());
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn who_always_has_something_to_ask_gets_what_there_is(
            per_second in 0.2_f64..200.0,
            lanes in 4_usize..40,
            extra in 1.0_f64..5.0,
        ) {
            // Less than this no provider should save that tells to wait for whole seconds.
            let mut provider = Provider::new(per_second, (per_second * extra).max(2.0));
            provider.asked(&mut Rhythm::default(), lanes, 0.0, 120.0);
            let most = (provider.most + per_second * 120.0).min(f64::from(u32::try_from(lanes).unwrap()) / LATENCY * 120.0);
            let share = f64::from(provider.let_through) / most;
            // Who refuses before eight were let through is not measured: it is asked at once after each of its pauses, which are
            // whole seconds, and what it could not save up meanwhile is lost.
            let expected = if provider.most < FEWEST { 0.6 } else { 0.93 };
            prop_assert!(share > expected, "{share}: {provider:?}");
        }
    }

    #[test]
    fn few_are_refused() {
        let mut provider = Provider::new(20.0, 20.0);
        provider.asked(&mut Rhythm::default(), 16, 0.0, 60.0);
        assert!(provider.refused < 25, "{provider:?}");
        assert!(provider.let_through > 1_175, "{provider:?}");
    }

    #[test]
    fn a_rest_is_no_measure_and_what_a_provider_gives_now_counts() {
        let (mut rhythm, mut provider) = (Rhythm::default(), Provider::new(20.0, 20.0));
        provider.asked(&mut rhythm, 16, 0.0, 5.0);
        provider.asked(&mut rhythm, 16, 300.0, 310.0);
        assert!(provider.let_through > 305, "{provider:?}");
        let before = provider.let_through;
        provider.per_second = 80.0;
        provider.most = 80.0;
        provider.asked(&mut rhythm, 16, 310.0, 340.0);
        let let_through = provider.let_through - before;
        assert!(let_through > 1_800, "{let_through}: {provider:?}");
    }

    #[test]
    fn who_is_refused_by_chance_loses_no_more_than_the_pauses() {
        let (mut rhythm, mut draw) = (Rhythm::default(), fastrand::Rng::with_seed(1));
        let (start, mut now, mut pauses, mut let_through) = (Instant::now(), 0.0, 0.0, 0);
        while let_through < 400 {
            let at = start + Duration::from_secs_f64(now);
            match rhythm.take(at) {
                Err(wait) => now += wait.as_secs_f64(),
                Ok(turn) if draw.f64() < 0.66 => {
                    let pause = 0.25 * draw.f64();
                    pauses += pause;
                    rhythm.refuse(turn, at);
                    rhythm.close(at + Duration::from_secs_f64(pause));
                }
                Ok(_) => {
                    let_through += 1;
                    now += 0.01;
                }
            }
        }
        assert!(
            now < 1.1 * (pauses + 4.0),
            "{now} s, of which {pauses} s were pauses"
        );
    }
}
