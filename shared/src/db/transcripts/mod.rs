//! The tables `transcripts`, `transcript_archive`, `transcript_tallies`, `injection_pace` and `injection_posts`: what is to be put into CXone, at
//! which pace, and what became of it.
//!
//! - **Taken in** in one transaction: every part, and an entry of the audit ([`store`]).
//! - **Claimed** under a committed lease by the database's clock; no transaction is open while CXone is asked. Its epoch is a fence: whoever
//!   worked for longer settles nothing.
//! - **In order**: a part is posted when nothing before it in its interaction waits, is under way, or is dead.
//! - **At the tenant's pace**: claims and the tokens of the bucket are taken in one transaction.
//! - **Counted** by the table's triggers, whatever changes it: the sum of the tallies is the truth in every snapshot.

mod archive;
mod claim;
mod fetch;
mod metrics;
mod outcome;
mod pause;
mod remove;
mod requeue;
mod settle;
mod spent;
mod store;
mod tally;

use crate::domain::words;

pub use archive::archive_waiting;
pub use claim::{Claimed, Claims, claim};
pub use fetch::{Archive, Part, Pause, Transcript, fetch};
pub use metrics::{Metrics, fetch_metrics};
pub use outcome::Outcome;
pub use pause::{pause, resume};
pub use remove::expire;
pub(crate) use remove::{erase, fetch_names};
pub use requeue::{Which, requeue};
pub use settle::{Settled, settle};
pub use store::{NewPart, NewTranscript, Stored, note, store};
pub use tally::fold_tallies;

words!(
    /// How far a part of a transcript has come.
    State {
        /// It waits.
        Pending = "pending",
        /// It is being posted.
        Sending = "sending",
        /// CXone has it.
        Injected = "injected",
        /// CXone does not take it, nor will it later.
        Refused = "refused",
        /// It was tried too often. It can be brought back.
        Dead = "dead",
        /// Whether CXone has it is not known, and cannot be found out. It can be brought back by whoever found out.
        OutcomeUnknown = "outcome_unknown",
    }
);
