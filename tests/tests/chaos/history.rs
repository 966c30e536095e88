//! What happened, when, and to whom: what a failure prints.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Whom blows hit: everybody.
pub(crate) const WORLD: &str = "the world";

pub(crate) struct History {
    seed: u64,
    begun: Instant,
    lines: Mutex<Vec<(f64, String, String)>>,
}

impl History {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            begun: Instant::now(),
            lines: Mutex::default(),
        }
    }

    pub(crate) fn tell(&self, who: &str, what: impl Display) {
        let at = self.begun.elapsed().as_secs_f64();
        let line = (at, who.to_owned(), what.to_string());
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line);
    }

    /// Ends the test with the seed, and all that happened to these and to the world, if this does not hold.
    pub(crate) fn demand(&self, holds: bool, whose: &[&str], what: impl Display) {
        if holds {
            return;
        }
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        for (at, who, told) in lines.iter() {
            if who == WORLD || whose.contains(&who.as_str()) {
                println!("{at:8.3} s  {who}: {told}");
            }
        }
        panic!("seed {}: {}: {what}", self.seed, whose.join(", "));
    }

    /// Prints how often what happened to the world.
    pub(crate) fn sum_up(&self, seed: u64) {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let mut counts = BTreeMap::<&str, usize>::new();
        for (_, _, told) in lines.iter().filter(|(_, who, _)| who == WORLD) {
            let kind = told.split(':').next().unwrap_or_default();
            *counts.entry(kind).or_default() += 1;
        }
        println!(
            "seed {seed}, {:.0} s: {counts:?}",
            self.begun.elapsed().as_secs_f64()
        );
    }
}
