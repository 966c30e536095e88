//! Faults at the level of the API: scripted, or drawn from a seed.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// What happens to a call instead of, or besides, its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An answer of this status with an empty body; the work isn't done.
    Status(u16),
    /// The error that both services give to a caller who is too fast; the work isn't done.
    ThrottlingException,
    /// The error that this name has, of a caller who may not do it or asks for what cannot be; the work isn't done.
    Refusal(&'static str),
    /// The work is done and answered, after this time.
    Slow(Duration),
    /// The work is done, then the connection is dropped without an answer.
    ExecuteThenLose,
    /// The entry of this index fails in a batch that is otherwise done and answered with 200; its sender isn't to blame.
    EntryFails(usize),
}

/// The faults that were asked for, by operation.
#[derive(Default)]
pub(crate) struct Faults {
    scripted: HashMap<String, VecDeque<(Fault, u32)>>,
    drawn: HashMap<String, Draw>,
}

struct Draw {
    fault: Fault,
    rate: f64,
    rng: StdRng,
}

impl Faults {
    pub(crate) fn script(&mut self, operation: &str, fault: Fault, count: u32) {
        if count > 0 {
            let script = self.scripted.entry(operation.to_owned()).or_default();
            script.push_back((fault, count));
        }
    }

    pub(crate) fn set_rate(&mut self, operation: &str, fault: Fault, rate: f64, seed: u64) {
        let draw = Draw {
            fault,
            rate,
            rng: StdRng::seed_from_u64(seed),
        };
        self.drawn.insert(operation.to_owned(), draw);
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The fault for the next call: what was scripted comes first.
    pub(crate) fn draw(&mut self, operation: &str) -> Option<Fault> {
        self.next_scripted(operation)
            .or_else(|| self.next_drawn(operation))
    }

    fn next_scripted(&mut self, operation: &str) -> Option<Fault> {
        let script = self.scripted.get_mut(operation)?;
        let (fault, left) = script.front_mut()?;
        let fault = fault.clone();
        *left -= 1;
        if *left == 0 {
            script.pop_front();
        }
        Some(fault)
    }

    fn next_drawn(&mut self, operation: &str) -> Option<Fault> {
        let draw = self.drawn.get_mut(operation)?;
        (draw.rng.random::<f64>() < draw.rate).then(|| draw.fault.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(seed: u64) -> Vec<bool> {
        let mut faults = Faults::default();
        faults.set_rate("SendMessage", Fault::Status(503), 0.1, seed);
        let draw = |_| faults.draw("SendMessage").is_some();
        (0..10_000).map(draw).collect()
    }

    #[test]
    fn a_seed_can_be_replayed_and_keeps_its_rate() {
        assert_eq!(pattern(1), pattern(1));
        assert_ne!(pattern(1), pattern(2));
        let failed = pattern(1).into_iter().filter(|failed| *failed).count();
        assert!((900..1_100).contains(&failed), "{failed}");
    }

    #[test]
    fn scripted_faults_come_first_and_in_order() {
        let mut faults = Faults::default();
        faults.set_rate("SendMessage", Fault::ExecuteThenLose, 1.0, 0);
        faults.script("SendMessage", Fault::Status(503), 2);
        faults.script("SendMessage", Fault::ThrottlingException, 1);
        let drawn: Vec<_> = (0..4).map_while(|_| faults.draw("SendMessage")).collect();
        let expected = [
            Fault::Status(503),
            Fault::Status(503),
            Fault::ThrottlingException,
            Fault::ExecuteThenLose,
        ];
        assert_eq!(drawn, expected);
        assert_eq!(faults.draw("ReceiveMessage"), None);
    }
}
