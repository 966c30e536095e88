//! Code that reads foreign text costs that text's event if it panics, and no other.

use std::panic::{AssertUnwindSafe, catch_unwind};

use shared::error::Error;

/// Runs `work`; a panic in it becomes an error of `what`. What `work` leaves half done must not be used afterwards.
pub(crate) fn isolate<T>(
    what: &'static str,
    work: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    let outcome = catch_unwind(AssertUnwindSafe(work));
    outcome.unwrap_or_else(|_| Err(Error::Bug { what, source: None }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::error::Kind;

    #[test]
    fn a_panic_is_an_error_and_an_error_stays_what_it_is() {
        let outcomes: [fn() -> Result<u8, Error>; 3] = [
            || Ok(1),
            || Err(Error::invalid("", "is bad")),
            || panic!("on purpose"),
        ];
        let kinds = outcomes.map(|work| isolate("it", work).map_err(|error| error.kind()));
        assert_eq!(kinds, [Ok(1), Err(Kind::Invalid), Err(Kind::Bug)]);
    }
}
