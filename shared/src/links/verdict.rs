//! What an answer says about a link.

use crate::net_guard::Failure;

/// What one check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It leads somewhere.
    Fine,
    /// It leads nowhere: the status of the answer, or none where the host does not exist.
    Broken(Option<u16>),
    /// Nothing was learnt.
    Unknown(Unknown),
}

/// Why nothing was learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// An answer that does not say whether there is something.
    #[error("answered {0}")]
    Status(u16),
    /// No answer.
    #[error(transparent)]
    Failure(#[from] Failure),
    /// The run had no time left for it.
    #[error("there was no time to ask")]
    NoTime,
}

impl Verdict {
    /// What the status of an answer says, redirects having been followed.
    pub(super) fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Self::Fine,
            404 | 410 => Self::Broken(Some(status)),
            _ => Self::Unknown(Unknown::Status(status)),
        }
    }

    /// What it says that no answer came.
    pub(super) fn of_failure(failure: Failure) -> Self {
        match failure {
            Failure::NoSuchHost => Self::Broken(None),
            failure => Self::Unknown(failure.into()),
        }
    }

    /// Whether a `GET` could tell more than the `HEAD` that ended so. Many servers answer only `GET` well. One that asks to be
    /// left alone is, and who cannot be reached is not asked twice.
    pub(super) fn is_worth_a_get(self) -> bool {
        match self {
            Self::Fine | Self::Broken(None) | Self::Unknown(Unknown::NoTime) => false,
            Self::Broken(Some(_)) => true,
            Self::Unknown(Unknown::Status(status)) => !matches!(status, 429 | 503),
            Self::Unknown(Unknown::Failure(failure)) => failure == Failure::Broken,
        }
    }
}
