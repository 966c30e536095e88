//! How messages become text for SQS and are read back: JSON that says its version.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;

/// The version of every message that this code writes and reads.
pub(super) const VERSION: u8 = 1;

/// A message that says its version.
pub(super) trait Envelope: Serialize + DeserializeOwned {
    /// What a text is told that is none: `is no …`.
    const WHAT: &'static str;
    /// Where its version stands.
    const VERSION_AT: &'static str = "/version";

    /// The version that it says.
    fn version(&self) -> u8;
}

/// The text for SQS.
pub(super) fn write(message: &impl Envelope) -> Result<String, Error> {
    serde_json::to_string(message).map_err(|error| Error::Bug {
        what: "a message does not serialize",
        source: Some(Box::new(error)),
    })
}

/// Reads a message back. What cannot be read is invalid for good.
pub(super) fn read<M: Envelope>(text: &str) -> Result<M, Error> {
    let unreadable = |_| Error::invalid("", format!("is no {}", M::WHAT));
    let message: M = serde_json::from_str(text).map_err(unreadable)?;
    if message.version() != VERSION {
        let detail = format!("is not {VERSION}, the version that this code reads");
        return Err(Error::invalid(M::VERSION_AT, detail));
    }
    Ok(message)
}
