//! Leaves a service alone that is down: after some failures in a row nothing is asked for a while, then one request tries. Pure:
//! the time is an argument.

use std::time::Duration;

use tokio::time::Instant;

/// When it opens, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// So many failures in a row open it.
    pub failures: u32,
    /// The most that the first pause lasts; each further one lasts twice as long.
    pub first: Duration,
    /// The most that any pause lasts. A request that tries and is never heard of again blocks others for as long.
    pub most: Duration,
}

/// What lets one request through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permit {
    /// The service is thought to be well.
    Usual,
    /// This request finds out.
    Trial,
}

/// The state that all calls to a service share.
#[derive(Debug)]
pub(crate) struct Breaker {
    rule: Rule,
    state: State,
}

#[derive(Debug)]
enum State {
    Closed { failures: u32 },
    Open { until: Instant, pauses: u32 },
}

impl Breaker {
    pub(crate) fn new(rule: Rule) -> Self {
        let state = State::Closed { failures: 0 };
        Self { rule, state }
    }

    /// Lets a request through, or says how long to stay away.
    pub(crate) fn admit(&mut self, now: Instant) -> Result<Permit, Duration> {
        match &mut self.state {
            State::Closed { .. } => Ok(Permit::Usual),
            State::Open { until, .. } if now < *until => Err(*until - now),
            State::Open { until, .. } => {
                *until = now + self.rule.most;
                Ok(Permit::Trial)
            }
        }
    }

    /// The service answered, whatever it said.
    pub(crate) fn answered(&mut self) {
        self.state = State::Closed { failures: 0 };
    }

    /// The service failed; `random` lies in 0..1. Says for how long it opens, if it does. What was under way when it opened says
    /// nothing new.
    pub(crate) fn failed(&mut self, permit: Permit, now: Instant, random: f64) -> Option<Duration> {
        let pauses = match (&mut self.state, permit) {
            (State::Closed { failures }, _) => {
                *failures += 1;
                if *failures < self.rule.failures {
                    return None;
                }
                0
            }
            (State::Open { pauses, .. }, Permit::Trial) => *pauses + 1,
            (State::Open { .. }, Permit::Usual) => return None,
        };
        let pause = self.pause(pauses, random);
        self.state = State::Open {
            until: now + pause,
            pauses,
        };
        Some(pause)
    }

    /// Half of it is fixed, so that it always is a pause, and half is drawn, so that many clients do not return together.
    fn pause(&self, pauses: u32, random: f64) -> Duration {
        let doubled = self.rule.first.saturating_mul(2_u32.saturating_pow(pauses));
        doubled
            .min(self.rule.most)
            .mul_f64(0.5 + random.clamp(0.0, 1.0) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule {
        failures: 3,
        first: Duration::from_secs(10),
        most: Duration::from_mins(1),
    };

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Fails until it opens.
    fn opened(now: Instant) -> Breaker {
        let mut breaker = Breaker::new(RULE);
        for opens in [None, None, Some(seconds(10))] {
            let permit = breaker.admit(now).unwrap();
            assert_eq!(permit, Permit::Usual);
            assert_eq!(breaker.failed(permit, now, 1.0), opens);
        }
        breaker
    }

    #[test]
    fn only_failures_in_a_row_open_it() {
        let now = Instant::now();
        let mut breaker = Breaker::new(RULE);
        for _ in 0..10 {
            assert_eq!(breaker.failed(Permit::Usual, now, 1.0), None);
            assert_eq!(breaker.failed(Permit::Usual, now, 1.0), None);
            breaker.answered();
        }
        assert_eq!(breaker.admit(now), Ok(Permit::Usual));
    }

    #[test]
    fn after_the_pause_one_request_tries_and_its_success_closes_it() {
        let now = Instant::now();
        let mut breaker = opened(now);
        assert_eq!(breaker.admit(now + seconds(4)), Err(seconds(6)));
        assert_eq!(breaker.admit(now + seconds(10)), Ok(Permit::Trial));
        assert_eq!(breaker.admit(now + seconds(10)), Err(seconds(60)));
        breaker.answered();
        assert_eq!(breaker.admit(now + seconds(10)), Ok(Permit::Usual));
        assert_eq!(
            breaker.failed(Permit::Usual, now, 1.0),
            None,
            "it counts anew"
        );
    }

    #[test]
    fn pauses_double_to_the_most_and_keep_their_half() {
        let mut now = Instant::now();
        let mut breaker = opened(now);
        for (random, pause) in [(1.0, 20), (1.0, 40), (1.0, 60), (0.0, 30), (1.0, 60)] {
            now += seconds(60);
            assert_eq!(breaker.admit(now), Ok(Permit::Trial));
            assert_eq!(
                breaker.failed(Permit::Trial, now, random),
                Some(seconds(pause))
            );
            assert_eq!(breaker.admit(now), Err(seconds(pause)));
        }
    }

    #[test]
    fn what_was_under_way_neither_lengthens_the_pause_nor_is_ignored_when_it_succeeds() {
        let now = Instant::now();
        let mut breaker = opened(now);
        assert_eq!(breaker.failed(Permit::Usual, now + seconds(5), 1.0), None);
        assert_eq!(breaker.admit(now + seconds(5)), Err(seconds(5)));
        breaker.answered();
        assert_eq!(breaker.admit(now + seconds(5)), Ok(Permit::Usual));
    }

    #[test]
    fn a_trial_that_is_never_heard_of_again_blocks_for_a_while_only() {
        let now = Instant::now();
        let mut breaker = opened(now);
        assert_eq!(breaker.admit(now + seconds(10)), Ok(Permit::Trial));
        assert!(breaker.admit(now + seconds(69)).is_err());
        assert_eq!(breaker.admit(now + seconds(70)), Ok(Permit::Trial));
    }
}
