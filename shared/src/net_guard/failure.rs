//! Why no answer came.

use std::error::Error as StdError;
use std::io;

use super::Refusal;

/// What a caller can make of a request that was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It was not called.
    #[error("it is not called: {0}")]
    Refused(#[from] Refusal),
    /// The name is not known to anyone.
    #[error("there is no such host")]
    NoSuchHost,
    /// No connection came about.
    #[error("it cannot be connected to")]
    NotConnected,
    /// The server could not prove who it is to us.
    #[error("its certificate is not accepted")]
    Certificate,
    /// It took too long.
    #[error("it does not answer in time")]
    TimedOut,
    /// The connection broke, or what came was no HTTP.
    #[error("its answer is broken")]
    Broken,
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        let causes = || std::iter::successors(error.source(), |cause| cause.source());
        if let Some(refusal) = causes().find_map(|cause| cause.downcast_ref::<Refusal>()) {
            return Self::Refused(*refusal);
        }
        if error.is_timeout() {
            return Self::TimedOut;
        }
        if causes().any(is_about_certificate) {
            return Self::Certificate;
        }
        if causes()
            .filter_map(|cause| cause.downcast_ref::<io::Error>())
            .any(is_no_such_host)
        {
            return Self::NoSuchHost;
        }
        if error.is_connect() {
            Self::NotConnected
        } else {
            Self::Broken
        }
    }
}

fn is_about_certificate(cause: &(dyn StdError + 'static)) -> bool {
    let inner = cause
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    let tls = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(
        tls.or_else(|| cause.downcast_ref()),
        Some(rustls::Error::InvalidCertificate(_))
    )
}

/// The C library says only in words that the name does not exist, rather than that nobody could be asked.
fn is_no_such_host(error: &io::Error) -> bool {
    let words = error.to_string();
    let known = [
        "Name or service not known",
        "No address associated with hostname",
        "Name does not resolve",
    ];
    known.iter().any(|known| words.ends_with(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_that_does_not_exist_counts_as_such() {
        for (words, expected) in [
            (
                "failed to lookup address information: Name or service not known",
                true,
            ),
            (
                "failed to lookup address information: No address associated with hostname",
                true,
            ),
            (
                "failed to lookup address information: Temporary failure in name resolution",
                false,
            ),
            ("failed to lookup address information: Try again", false),
            ("Connection refused (os error 111)", false),
        ] {
            assert_eq!(
                is_no_such_host(&io::Error::other(words)),
                expected,
                "{words}"
            );
        }
    }
}
