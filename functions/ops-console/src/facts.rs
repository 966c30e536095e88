//! What the page is made of, and what is worked out of it. Pure: the instant of the page is part of it.

use jiff::{SignedDuration, Timestamp};
use shared::db::console::{
    ConversationMap, Count, EmbeddingHour, Failures, History, Knowledge, Minute, QueueMinute,
    Waiting,
};

use crate::prices::Prices;
use crate::words::{hour_of, minute_of};

/// Minutes that are shown one by one.
const MINUTES: i64 = 60;
/// A queue that was not looked at for longer is not known.
const LOOKED_AT: SignedDuration = SignedDuration::from_mins(5);

/// What the page is made of.
pub(crate) struct Facts {
    pub(crate) now: Timestamp,
    /// Whether this is a deployment, and not the stack of somebody's machine.
    pub(crate) is_deployed: bool,
    pub(crate) first_hour: Timestamp,
    pub(crate) history: History,
    pub(crate) map: ConversationMap,
    pub(crate) waiting: Vec<Waiting>,
    pub(crate) transcripts: Vec<Count>,
    pub(crate) knowledge: Knowledge,
    pub(crate) failures: Failures,
    pub(crate) prices: Prices,
}

/// What texts cost, as far as it is known.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Cost {
    pub(crate) tokens: i64,
    pub(crate) dollars: f64,
    /// Models that have no price.
    pub(crate) without_price: Vec<String>,
}

impl Facts {
    /// The last hour minute by minute, as far as whole minutes are counted; those without events are there too.
    pub(crate) fn minutes(&self) -> Vec<Minute> {
        let Some(until) = self.history.counted_until.map(minute_of) else {
            return Vec::new();
        };
        let known = |at| {
            self.history
                .minutes
                .iter()
                .find(|one| one.at == at)
                .copied()
        };
        let quiet = |at| Minute {
            at,
            events: 0,
            longest_wait_s: 0.0,
        };
        (1..=MINUTES)
            .rev()
            .map(|back| until - SignedDuration::from_mins(back))
            .map(|at| known(at).unwrap_or_else(|| quiet(at)))
            .collect()
    }

    /// The hours of the page, the one that has begun last.
    pub(crate) fn hours(&self) -> Vec<Timestamp> {
        let (mut hour, last) = (self.first_hour, hour_of(self.now));
        let mut hours = Vec::new();
        while hour <= last {
            hours.push(hour);
            hour += SignedDuration::from_hours(1);
        }
        hours
    }

    /// The queues as they were when they were last looked at, not long ago.
    pub(crate) fn queues(&self) -> Vec<&QueueMinute> {
        let last = self.history.queues.iter().map(|one| one.at).max();
        let is_now = |at: &Timestamp| at.duration_until(self.now) <= LOOKED_AT;
        let Some(last) = last.filter(is_now) else {
            return Vec::new();
        };
        let queues = self.history.queues.iter();
        queues.filter(|one| one.at == last).collect()
    }

    /// What all texts of the day cost.
    pub(crate) fn cost(&self) -> Cost {
        let mut cost = Cost::default();
        for hour in &self.history.embeddings {
            cost.add(hour, &self.prices);
        }
        cost
    }
}

impl Cost {
    fn add(&mut self, hour: &EmbeddingHour, prices: &Prices) {
        self.tokens += hour.tokens;
        match prices.cost(&hour.model, hour.tokens) {
            Some(dollars) => self.dollars += dollars,
            None if !self.without_price.contains(&hour.model) => {
                self.without_price.push(hour.model.clone());
            }
            None => {}
        }
    }
}
