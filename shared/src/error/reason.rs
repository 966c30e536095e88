//! Why a caller is refused.

use std::fmt;

/// Why a request was refused, nearest miss last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// No scheme found the headers that it reads.
    NoCredentials,
    /// A header is there and cannot be what it should be.
    Malformed,
    /// The signed time is too far from now.
    Stale,
    /// A key that was live, and is so no more.
    Expired,
    /// Everything is in place, but no live key made it.
    WrongKey,
    /// Everything is in place, but the scheme has no live key to compare with: nobody can know.
    NoKeys,
}

impl Reason {
    /// Whether the caller may hold a key that is newer than ours.
    pub fn may_be_a_new_key(self) -> bool {
        matches!(self, Self::WrongKey | Self::NoKeys)
    }

    /// One stable word for the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoCredentials => "no_credentials",
            Self::Malformed => "malformed_credentials",
            Self::Stale => "stale_timestamp",
            Self::Expired => "expired_key",
            Self::WrongKey => "wrong_key",
            Self::NoKeys => "no_keys",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
