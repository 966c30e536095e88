//! What went wrong, said as what the caller should do about it. [`crate::http`] alone turns a kind into a status.

mod reason;

use std::error::Error as StdError;
use std::time::Duration;

use crate::config::ConfigError;
use crate::validation::Violation;

pub use reason::Reason;

/// The source of an error, kept whole and never turned into text for a client.
pub type Source = Box<dyn StdError + Send + Sync>;

/// A failure that crosses a room's border.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was sent breaks these rules; sending it again changes nothing.
    #[error("the request breaks {} rule(s)", .0.len())]
    Invalid(Vec<Violation>),
    /// The caller did not prove who they are. The reason is for the log only.
    #[error("not authenticated: {0}")]
    Unauthorized(Reason),
    /// The caller is known and lacks this scope.
    #[error("the scope {0} is missing")]
    Forbidden(&'static str),
    /// There is nothing under this address.
    #[error("there is no such resource")]
    NotFound,
    /// The address exists, this method does not.
    #[error("the method is not allowed here; allowed: {0}")]
    MethodNotAllowed(&'static str),
    /// The state of things forbids it; the text says what to change.
    #[error("{0}")]
    Conflict(String),
    /// Somebody else's service does not take it, nor will it later; the text says what it said.
    #[error("{0}")]
    Refused(String),
    /// More bytes than the limit.
    #[error("larger than {limit} bytes{}", if *.compressed { " after compression" } else { "" })]
    TooLarge {
        /// Whether the limit is for what was left after compression.
        compressed: bool,
        /// The limit that was exceeded.
        limit: usize,
    },
    /// A representation that is not read.
    #[error("{0}")]
    Unsupported(&'static str),
    /// Something outside failed and may be well again; try later.
    #[error("{what} failed for now")]
    Transient {
        /// Which outside part failed.
        what: &'static str,
        /// When trying again makes sense.
        retry_after: Duration,
        /// What it said.
        #[source]
        source: Source,
    },
    /// A configuration or a stored value that cannot work; a person has to change it.
    #[error("{what}")]
    Misconfigured {
        /// What to change.
        what: String,
        /// What was seen.
        #[source]
        source: Option<Source>,
    },
    /// Our own mistake.
    #[error("{what}")]
    Bug {
        /// What should have been impossible.
        what: &'static str,
        /// What was seen.
        #[source]
        source: Option<Source>,
    },
}

/// One stable word per way of failing: the Lambda error type, the metric dimension and the alarm carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Never retry.
    Invalid,
    /// Authenticate first.
    Unauthorized,
    /// Ask for the scope.
    Forbidden,
    /// Nothing there.
    NotFound,
    /// Another method.
    MethodNotAllowed,
    /// Change the state first.
    Conflict,
    /// Send something else: a service behind us does not take this.
    Refused,
    /// Send less.
    TooLarge,
    /// Send it differently.
    Unsupported,
    /// Retry later.
    Transient,
    /// A person must change a setting.
    Misconfigured,
    /// A person must change the code.
    Bug,
}

impl Error {
    /// A transient failure of `what`, worth another try in five seconds.
    pub fn transient(what: &'static str, source: impl Into<Source>) -> Self {
        Self::Transient {
            what,
            retry_after: Duration::from_secs(5),
            source: source.into(),
        }
    }

    /// A setting that a person must change; `what` says to which value.
    pub fn misconfigured(what: impl Into<String>) -> Self {
        Self::Misconfigured {
            what: what.into(),
            source: None,
        }
    }

    /// A single broken rule.
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![Violation::new(pointer, detail)])
    }

    /// How the caller should react.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Invalid(_) => Kind::Invalid,
            Self::Unauthorized(_) => Kind::Unauthorized,
            Self::Forbidden(_) => Kind::Forbidden,
            Self::NotFound => Kind::NotFound,
            Self::MethodNotAllowed(_) => Kind::MethodNotAllowed,
            Self::Conflict(_) => Kind::Conflict,
            Self::Refused(_) => Kind::Refused,
            Self::TooLarge { .. } => Kind::TooLarge,
            Self::Unsupported(_) => Kind::Unsupported,
            Self::Transient { .. } => Kind::Transient,
            Self::Misconfigured { .. } => Kind::Misconfigured,
            Self::Bug { .. } => Kind::Bug,
        }
    }

    /// The broken rules, if that is what it is.
    pub fn violations(&self) -> &[Violation] {
        if let Self::Invalid(violations) = self {
            violations
        } else {
            &[]
        }
    }

    /// The error and all its causes in one line, for the log.
    pub fn chain(&self) -> String {
        let mut line = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            line.push_str(": ");
            line.push_str(&error.to_string());
            cause = error.source();
        }
        line
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::misconfigured(error.to_string())
    }
}

impl Kind {
    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Conflict => "conflict",
            Self::Refused => "refused",
            Self::TooLarge => "too_large",
            Self::Unsupported => "unsupported",
            Self::Transient => "transient",
            Self::Misconfigured => "misconfigured",
            Self::Bug => "bug",
        }
    }
}
