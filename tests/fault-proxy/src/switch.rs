//! What the owner of a proxy and its connections share: the plan, its generators, the outage, the counts.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::sync::watch;

use crate::plan::{Fault, Plan};
use crate::stats::Stats;

/// Sets the generator for refusals apart from the one for turns.
const REFUSALS: u64 = 0x5bd1_e995_0000_0001;

pub(crate) struct Switch {
    state: Mutex<State>,
    up: watch::Sender<bool>,
}

struct State {
    plan: Plan,
    turns: StdRng,
    refusals: StdRng,
    stats: Stats,
}

impl Switch {
    pub(crate) fn new(plan: Plan) -> Self {
        let state = State {
            turns: StdRng::seed_from_u64(plan.seed),
            refusals: StdRng::seed_from_u64(plan.seed ^ REFUSALS),
            plan,
            stats: Stats::default(),
        };
        Self {
            state: Mutex::new(state),
            up: watch::Sender::new(true),
        }
    }

    pub(crate) fn set_plan(&self, plan: Plan) {
        let mut state = self.lock();
        state.turns = StdRng::seed_from_u64(plan.seed);
        state.refusals = StdRng::seed_from_u64(plan.seed ^ REFUSALS);
        state.plan = plan;
    }

    pub(crate) fn set_up(&self, up: bool) {
        self.up.send_replace(up);
    }

    /// Takes a new connection; none if it is to be closed at once. What it gives resolves in an outage.
    pub(crate) fn admit(&self) -> Option<watch::Receiver<bool>> {
        let up = self.up.subscribe();
        let mut state = self.lock();
        state.stats.connections += 1;
        let State { plan, refusals, .. } = &mut *state;
        if plan.draw_refusal(refusals) || !*up.borrow() {
            state.stats.refused += 1;
            return None;
        }
        Some(up)
    }

    /// Begins a turn.
    pub(crate) fn draw(&self) -> Fault {
        let mut state = self.lock();
        state.stats.turns += 1;
        let State { plan, turns, .. } = &mut *state;
        plan.draw(turns)
    }

    pub(crate) fn count(&self, count: impl FnOnce(&mut Stats)) {
        count(&mut self.lock().stats);
    }

    pub(crate) fn stats(&self) -> Stats {
        self.lock().stats
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
