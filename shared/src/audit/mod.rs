//! The audit: what was done about whom, so that nobody can unsay it.
//!
//! - **Chains**: entries stand in 16 chains; each entry holds the hash of the one before it. [`entry`] says over which bytes.
//! - **Pseudonyms**: who it is about stands there under a key of its own, and so do digests of what was said or shown. Erasure takes the key
//!   away; the chain stays whole.
//! - **Anchors**: every quarter of an hour the ends of the chains are kept outside of Postgres, so that a chain that was cut or made
//!   anew is found, even by somebody who was master of the database. What Postgres says of the ends is believed only after the entries
//!   since the anchor before were followed there. Each time some older entries are looked at again, until all were.
//! - **Verification**: [`Verifier`] finds what was changed, removed, swapped, cut or replaced. What was appended after the last anchor
//!   and then made anew from there to the end is what it cannot find.
//!
//! Entries are appended by [`db::audit`](crate::db::audit). What they hold is no personal text, and no name of a person or conversation.

mod anchor;
mod anchoring;
pub mod entry;
mod report;
mod seal;
mod store;
mod verify;

pub use anchor::{Anchor, Seen};
pub use anchoring::{Anchoring, Steps, anchor, anchor_by};
pub use entry::{Entry, EntryKind, Hash, Link, Position};
pub use report::{ChainReport, Fault, Report, Unanchored};
pub use seal::SubjectKey;
pub use store::AnchorStore;
pub use verify::{Head, Verifier};

/// How many chains there are.
pub const SHARDS: i16 = 16;
#[cfg(test)]
mod tests;
