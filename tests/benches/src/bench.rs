//! What a bench is.

use std::error::Error;
use std::pin::Pin;

use crate::report::Report;

/// What a bench gives, or what was wrong; a slow result isn't wrong.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

type Running = Pin<Box<dyn Future<Output = Outcome<Report>>>>;

/// How long to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// For CI.
    Quick,
    /// For a person who waits.
    Default,
    /// Longer, where that tells something that the default does not.
    Medium,
    /// For the last digit.
    Full,
}

/// A named measurement.
pub(crate) struct Bench {
    pub(crate) name: &'static str,
    pub(crate) run: fn(Size) -> Running,
}

impl Bench {
    /// A line of the list.
    pub(crate) const fn new(name: &'static str, run: fn(Size) -> Running) -> Self {
        Self { name, run }
    }
}

impl Size {
    /// One of three numbers; of most benches the medium one is the default.
    pub(crate) fn pick<T>(self, quick: T, default: T, full: T) -> T {
        match self {
            Self::Quick => quick,
            Self::Default | Self::Medium => default,
            Self::Full => full,
        }
    }

    /// How to ask for this size again.
    pub(crate) fn flag(self) -> &'static str {
        match self {
            Self::Quick => " --quick",
            Self::Default => "",
            Self::Medium => " --medium",
            Self::Full => " --full",
        }
    }
}
