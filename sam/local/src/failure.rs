//! The one error of this crate: what went wrong, and what to do about it.

use std::error::Error;

type Source = Box<dyn Error + Send + Sync>;

/// What went wrong, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Failure {
    what: String,
    advice: String,
    source: Option<Source>,
}

impl Failure {
    /// A failure without a further cause.
    pub fn new(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            advice: advice.into(),
            source: None,
        }
    }

    /// What the person at the terminal should do.
    pub fn advice(&self) -> &str {
        &self.advice
    }

    /// Every cause, the nearest first.
    pub fn causes(&self) -> Vec<String> {
        let mut causes = Vec::new();
        let mut next = self.source();
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        causes.dedup();
        causes
    }
}

/// Says what a foreign error means here.
pub trait OrFail<T> {
    /// Turns the error into a [`Failure`] with this sentence and this advice.
    fn or_fail(self, what: impl Into<String>, advice: impl Into<String>) -> Result<T, Failure>;
}

impl<T, E: Into<Source>> OrFail<T> for Result<T, E> {
    fn or_fail(self, what: impl Into<String>, advice: impl Into<String>) -> Result<T, Failure> {
        self.map_err(|source| Failure {
            what: what.into(),
            advice: advice.into(),
            source: Some(source.into()),
        })
    }
}
