//! Whether the links of an article still lead somewhere.
//!
//! - **Asked** with `HEAD`, and with `GET` where that does not settle it; the body of an answer is never read.
//! - **Polite**: one request at a time to a host, at a pace; `429` and `503` end the questions.
//! - **Safe**: only what [`crate::net_guard`] lets through is called, redirects included.
//! - **Slow to judge**: only `404`, `410` and a name that nobody knows speak against a link. Everything else that is not a success says
//!   nothing: it may be the way to us that is barred (401, 403, 429), an outage (5xx, timeouts, refused connections), or a matter
//!   of trust (certificates that other readers may accept).
//! - **Remembered** by the caller: [`judge`] counts strikes, three of which make a link broken.
//!
//! A broken link never keeps an article from being indexed.

mod check;
mod judge;
mod pace;
mod verdict;

#[cfg(test)]
mod tests;

pub use check::{LinkChecker, Settings};
pub use judge::{is_broken, judge, rest};
pub use verdict::{Unknown, Verdict};
