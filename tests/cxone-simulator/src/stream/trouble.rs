//! What can go wrong with an open stream.

use serde::{Deserialize, Serialize};

/// How the stream betrays those who listen. Frames are counted per connection, from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StreamTrouble {
    /// The connection is lost at every so many frames, which do not arrive.
    pub lose_every: Option<u64>,
    /// The connection is lost after every so many frames, which do arrive.
    pub drop_every: Option<u64>,
    /// A connection is not lost without a word, but closed with this code.
    pub close_code: Option<u16>,
    /// Before every so many frames comes one that nobody can read.
    pub junk_every: Option<u64>,
    /// Before every so many frames comes one of this size, all blanks but an empty object.
    pub huge_every: Option<u64>,
    /// Every so many frames come twice.
    pub double_every: Option<u64>,
    /// Pings are not answered, and nothing is sent.
    pub is_silent: bool,
}

/// Whether this is one of every so many.
pub(super) fn strikes(every: Option<u64>, number: u64) -> bool {
    every.is_some_and(|every| every > 0 && number.is_multiple_of(every))
}
