//! The tables `stream_lease` and `stream_offsets`: who forwards what interactions say, and how far each was forwarded.
//!
//! One listener at a time forwards; the others hear everything, and wait. Its epoch is a fence: whoever lost the lease, and does not
//! know yet, writes nothing. Time is the database's alone.

mod lease;
mod offsets;

use std::time::Duration;

pub use lease::{Lease, Standing, Taken, look, release, renew, take};
pub use offsets::{Offset, expire, fetch, fetch_open, forget_sent, store};

pub(super) use offsets::forget;

/// So long after its last word an interaction is remembered.
pub const REMEMBERED: Duration = Duration::from_hours(24);
