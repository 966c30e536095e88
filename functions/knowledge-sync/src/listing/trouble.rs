//! Why a listing has no end for now.

use std::fmt;

use shared::error::Error;

/// What a later try may find mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The listing never stood still for long enough.
    Restless,
    /// A part says that others follow, and nothing does. It may be that those others were just unpublished.
    HiddenRest,
}

impl Trouble {
    /// Of what kind this failure is, if it is one of a listing.
    pub(crate) fn of(error: &Error) -> Option<Self> {
        match error {
            Error::Transient { source, .. } => source.downcast_ref().copied(),
            _ => None,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Restless => "articles change faster than they can be listed",
            Self::HiddenRest => "nothing is new after a part of the articles",
        })
    }
}

impl std::error::Error for Trouble {}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        let what = match trouble {
            Trouble::Restless => "CXone's listing",
            Trouble::HiddenRest => "the rest of CXone's listing",
        };
        Self::transient(what, trouble)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_is_known_again_and_nothing_else_is_taken_for_one() {
        for trouble in [Trouble::Restless, Trouble::HiddenRest] {
            let error = Error::from(trouble);
            assert_eq!(Trouble::of(&error), Some(trouble));
            assert!(!shared::cxone::is_away(&error), "{error}");
            let same_words = Error::transient("CXone's listing", trouble.to_string());
            assert_eq!(Trouble::of(&same_words), None);
        }
        assert_eq!(Trouble::of(&Error::NotFound), None);
    }
}
