//! Whether CXone is away, or something else is the matter.

use super::profile::Capability;
use super::{addresses, tokens};
use crate::error::Error;

/// Whether CXone is away for now: one of its interfaces, or whoever gives tokens and addresses for it.
pub fn is_away(error: &Error) -> bool {
    let Error::Transient { what, .. } = error else {
        return false;
    };
    let spoken = Capability::ALL.map(Capability::spoken);
    spoken.contains(what) || [tokens::WHAT, addresses::WHAT].contains(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_services_of_cxone_are_away() {
        let spoken = Capability::ALL.map(Capability::spoken);
        for what in spoken.into_iter().chain([tokens::WHAT, addresses::WHAT]) {
            assert!(is_away(&Error::transient(what, "HTTP 503")), "{what}");
            assert!(!is_away(&Error::misconfigured(what)), "{what}");
        }
        for what in ["CXone's listing", "Postgres", "the work"] {
            assert!(!is_away(&Error::transient(what, "HTTP 503")), "{what}");
        }
    }
}
