//! The table `vector_segments` and the partitions behind it: where new vectors go, and what becomes of what is full.
//!
//! Of each model one segment is *fresh*: it takes the writes and has no graph, because writing into one is what costs. Another is *next*,
//! empty and attached already. Whoever fills the fresh one lets the next take its place: the full one is *closed*. Once nobody writes into
//! it any more it gets its graph in one go, or the table of its signs, and is *sealed*. Where several wait, they become one.
//!
//! No lock is held alone by anybody. A writer holds the lock of writers with the others, reads which segment is fresh, and may go on writing
//! into that one after it was closed: who seals it waits until all who hold the lock then have ended ([`drain`]).

mod beside;
mod drain;
mod fresh;
mod keeper;
mod list;
mod make;
mod merge;
mod open;
mod recall;
mod roll;
mod seal;
mod signs;
mod waiting;

pub(super) use self::beside::delete_beside;
pub use self::drain::drain;
pub use self::fresh::{FRESH_VALUES, Fill};
pub(super) use self::fresh::{Held, hold, hold_fresh};
pub use self::keeper::{Lease, fetch_models, prolong, release, take_lease};
pub use self::list::{Backlog, Build, Graph, Listed, fetch_all, fetch_backlog, fetch_swap_wait};
pub use self::make::prepare_next;
pub use self::merge::{
    Dropped, MergeRules, Merged, choose_closed, discard, drop_expired, is_hindered, merge,
    seal_beside,
};
pub use self::open::open;
pub use self::recall::sample_recall;
pub use self::roll::roll_over;
pub use self::seal::{Sealing, fetch_closed, seal};

use tokio_postgres::error::SqlState;

use super::connect::failed;
use crate::error::Error;

/// Any fixed number. Whoever writes into segments holds it with the other writers until their transaction ends, so that it can be seen who
/// may still write where.
const LOCK: i64 = 0x0043_586f_6e65_5365;

/// Whether what was waited for came: somebody who waits for only a moment gives way to others.
fn is_through(outcome: Result<(), tokio_postgres::Error>) -> Result<bool, Error> {
    match outcome {
        Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => Ok(false),
        outcome => outcome.map(|()| true).map_err(failed),
    }
}

/// Whether a segment is not there any more: all of it expired, and whoever lets it go needs no lease.
fn is_gone(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::UNDEFINED_TABLE)
}

/// A part of the table of vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SegmentId(pub(super) i32);

impl SegmentId {
    /// The number.
    pub fn number(self) -> i32 {
        self.0
    }

    /// The table behind it.
    pub(super) fn table(self) -> String {
        format!("conversation_embeddings_{}", self.0)
    }

    /// The name of its graph.
    pub(super) fn graph(self) -> String {
        format!("conversation_embeddings_{}_graph", self.0)
    }

    /// The table of the signs of its vectors, if they stand in one.
    pub(super) fn signs(self) -> String {
        format!("conversation_signs_{}", self.0)
    }

    /// What lets its tables go.
    fn drop_tables(self) -> String {
        format!("DROP TABLE IF EXISTS {}, {};", self.signs(), self.table())
    }
}
