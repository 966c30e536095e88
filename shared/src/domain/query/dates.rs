//! A span of time.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::body::{Object, value};

/// From one instant to another, both of them within it. Either may be open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DateRange {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl DateRange {
    /// Takes the ends, if the second is not before the first.
    pub fn parse(from: Option<Timestamp>, to: Option<Timestamp>) -> Result<Self, &'static str> {
        let ends = from.into_iter().chain(to);
        if !ends.into_iter().all(value::is_storable) {
            return Err(value::STORABLE);
        }
        match (from, to) {
            (Some(from), Some(to)) if to < from => Err("must not lie before the beginning"),
            _ => Ok(Self { from, to }),
        }
    }

    /// The first instant within.
    pub fn from(&self) -> Option<Timestamp> {
        self.from
    }

    /// The last instant within.
    pub fn to(&self) -> Option<Timestamp> {
        self.to
    }

    /// Takes two fields of an object. That the end lies before the beginning is a flaw of the end.
    pub(super) fn take(object: &mut Object<'_>, from: &str, to: &str) -> Option<Self> {
        let mut end = |name: &str| object.take(name, value::instant);
        let (from, last) = (end(from), end(to));
        Self::parse(from, last)
            .map_err(|detail| object.note(to, detail))
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_open_or_runs_forward_through_years_that_postgres_knows() {
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let (early, late) = (at("2026-01-01T00:00:00+01:00"), at("2026-01-01T00:00:00Z"));
        for (from, to, taken) in [
            (None, None, true),
            (early, None, true),
            (None, late, true),
            (early, late, true),
            (late, late, true),
            (late, early, false),
            (at("0001-01-01T00:00:00Z"), None, true),
            (at("0000-12-31T23:59:59Z"), None, false),
            (None, Some(Timestamp::MIN), false),
            (None, Some(Timestamp::MAX), true),
        ] {
            assert_eq!(DateRange::parse(from, to).is_ok(), taken, "{from:?} {to:?}");
        }
    }
}
