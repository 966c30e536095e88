//! A transcript that keeps every rule, as it is sent.

use serde::{Deserialize, Serialize};

use super::Draft;
use crate::domain::{CallbackUrl, InteractionId};
use crate::error::Error;

/// A transcript that CXone takes, as far as its rules are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intake {
    /// The interaction that it belongs to.
    pub interaction_id: InteractionId,
    /// Where somebody wants to be told that it was injected.
    pub archive_callback_url: Option<CallbackUrl>,
    /// What is sent, in this order: one part, or several if splitting was asked for and is needed.
    pub parts: Vec<Part>,
    /// What was repaired, if that was asked for.
    pub repairs: Option<Repairs>,
}

/// What is sent at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// How many messages it has.
    pub messages: usize,
    /// The exact bytes for CXone: JSON in UTF-8.
    pub payload: Vec<u8>,
}

/// What was done to messages so that they keep the rules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = TranscriptRepairs))]
pub struct Repairs {
    /// Messages that stand in another place now, by time.
    pub sorted: usize,
    /// Messages that had no id and were given one.
    pub defaulted: usize,
    /// Messages that were left out, because each says exactly what an earlier one says.
    pub dropped: usize,
    /// Messages whose time was moved behind the one before.
    pub moved: usize,
}

impl Intake {
    /// Reads the body of a request.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        Draft::read(body)?.check()
    }
}
