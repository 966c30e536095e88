//! Transcripts that are to be injected into CXone: what is asked for, the rules, repair, parts, and the exact bytes that are sent.
//!
//! [`Draft::read`] reads a body into fields of the right types; [`Draft::check`] looks at every rule and makes the payloads;
//! [`Intake::parse`] does both. Every broken rule is told at once. Pure. The live stream's transcripts are [`crate::transcript`]'s.

mod check;
mod draft;
mod intake;
mod line;
#[cfg(feature = "openapi")]
mod openapi;
mod outlook;
pub mod pace;
mod payload;
mod repair;
#[cfg(test)]
mod tests;
mod unicode;

use sha2::{Digest as _, Sha256};

use crate::domain::hex;
use crate::json;

pub use draft::Draft;
pub use intake::{Intake, Part, Repairs};
pub use outlook::Outlook;
pub use pace::Pace;

/// Under which a transcript is known that comes without a key, alone or as a line of many: its content, however it is spelled. Sent again,
/// from wherever, it is the same transcript.
pub fn content_key(body: &[u8]) -> String {
    let name = json::digest(body).unwrap_or_else(|_| Sha256::digest(body).into());
    format!("line:{}", hex(&name))
}

/// CXone takes no more messages at once.
pub const MOST_MESSAGES: usize = 500;
/// CXone takes no more bytes at once.
pub const MOST_PAYLOAD: usize = 1_048_576;
/// A longer body is not read: no function is invoked with more.
pub const MOST_BODY: usize = 6 << 20;
/// A transcript that is split has no more messages.
pub const MOST_TO_SPLIT: usize = 10_000;
