//! Somebody else's server is told what was done, at an address that the caller of ours wrote.
//!
//! - **Outbox**: what is to be told is written in the transaction of the change ([`db::callbacks::enqueue`](crate::db::callbacks::enqueue))
//!   and told later by [`drain`], so that no answer of ours waits for it.
//! - **At least once**: an answer that was lost means another try, under the same `webhook-id`.
//! - **Signed** as Standard Webhooks, by the new key and by the one before it.
//! - **Guarded**: [`net_guard`](crate::net_guard) decides what may be called, each time anew. Redirects are not followed, and no body of an
//!   answer is read.
//! - **Patience**: at most 12 tries within a day, further and further apart; then it is dead, and stands in the table with the reason.

mod caller;
mod drain;
mod outcome;

pub use crate::auth::Signer;
pub use crate::db::callbacks::Outcome;
pub use caller::Caller;
pub use drain::{Drained, drain};
