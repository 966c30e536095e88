//! The tables `ranking_sessions` and `ranking_orders`: which order of snippets was accepted for a session, who posts it, and what became
//! of it.
//!
//! One at a time posts for a session, under a [`Lease`] by the database's clock; its name is a fence: whoever lost it writes nothing.

mod accept;
mod ending;
mod lease;
mod metrics;
mod remove;
mod turn;
mod unsure;

use serde_json::value::RawValue;

use crate::domain::SessionId;

pub use accept::{Accepted, NewOrder, accept};
pub use ending::{Ending, State, finish};
pub use lease::{Held, Lease, hold, release};
pub use metrics::{Figures, Latency, Span, fetch_figures};
pub(crate) use remove::erase;
pub use remove::expire;
pub use turn::{Ended, Turn, turn};
pub use unsure::{claim, fetch_abandoned, fetch_unsure, give_up};

/// An order that was accepted.
#[derive(Debug, Clone)]
pub struct Order {
    /// Whose snippets it orders.
    pub session: SessionId,
    /// Which one of the session's orders it is, from 1.
    pub version: i64,
    /// What is posted, byte for byte.
    pub ranking: Box<RawValue>,
    /// What was learned of its snippets.
    pub learning: Box<RawValue>,
    /// Where somebody wants to be told of it.
    pub callback_url: Option<String>,
}
