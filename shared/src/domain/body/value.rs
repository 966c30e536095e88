//! Readers of single values.

use std::ops::RangeInclusive;

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::Flaws;
use crate::domain::parse_instant;
use crate::json;

/// The largest number up to which a float tells every whole number from its neighbours.
const MOST_WHOLE: f64 = 9_007_199_254_740_992.0;
/// The first second of year 1, counted from 1970.
const FIRST_SECOND: i64 = -62_135_596_800;
/// What an instant must be for the database to compare it.
pub(crate) const STORABLE: &str = "must lie in the years 1 to 9999";

/// A text without NUL, which Postgres cannot keep, and without half a surrogate pair.
pub(crate) fn text(value: &RawValue) -> Result<String, Flaws> {
    if !value.get().starts_with('"') {
        return Err("must be a string".into());
    }
    let text = json::text(value).ok_or("holds half a surrogate pair")?;
    if text.contains('\0') {
        return Err("holds a NUL character".into());
    }
    Ok(text)
}

/// A text that keeps the rule of a type.
pub(crate) fn parsed<T>(
    value: &RawValue,
    parse: impl FnOnce(&str) -> Result<T, &'static str>,
) -> Result<T, Flaws> {
    Ok(parse(&text(value)?)?)
}

/// `true` or `false`.
pub(crate) fn flag(value: &RawValue) -> Result<bool, Flaws> {
    value
        .get()
        .parse()
        .map_err(|_| "must be true or false".into())
}

/// A number that a float can hold.
pub(crate) fn number(value: &RawValue) -> Result<f64, Flaws> {
    let number: Option<f64> = serde_json::from_str(value.get()).ok();
    number.ok_or_else(|| "must be a number".into())
}

/// A whole number, if it is one from 0. JSON knows one kind of number: 10.0 is 10.
pub(crate) fn whole(value: &RawValue) -> Option<u64> {
    value.get().parse().ok().or_else(|| {
        let number = number(value).ok()?;
        let is_whole = number.fract() == 0.0 && (0.0..=MOST_WHOLE).contains(&number);
        let digits = is_whole.then(|| format!("{:.0}", number.abs()));
        digits?.parse().ok()
    })
}

/// An instant that the database can compare.
pub(crate) fn instant(value: &RawValue) -> Result<Timestamp, Flaws> {
    let instant = parsed(value, parse_instant)?;
    if is_storable(instant) {
        Ok(instant)
    } else {
        Err(STORABLE.into())
    }
}

/// Whether the database can compare an instant.
pub(crate) fn is_storable(instant: Timestamp) -> bool {
    instant.as_second() >= FIRST_SECOND
}

/// The items of a list of so many; `rule` says how many.
pub(crate) fn list<'doc, T>(
    value: &'doc RawValue,
    count: RangeInclusive<usize>,
    rule: &'static str,
    mut read: impl FnMut(&'doc RawValue) -> Result<T, Flaws>,
) -> Result<Vec<T>, Flaws> {
    let is_list = value.get().starts_with('[');
    let items = is_list.then(|| serde_json::from_str::<Vec<&RawValue>>(value.get()).ok());
    let items = items.flatten().ok_or("must be a list")?;
    if !count.contains(&items.len()) {
        return Err(rule.into());
    }
    let (mut taken, mut flaws) = (Vec::with_capacity(items.len()), Flaws::default());
    for (index, item) in items.into_iter().enumerate() {
        match read(item) {
            Ok(item) => taken.push(item),
            Err(wrong) => flaws.add(&format!("/{index}"), wrong),
        }
    }
    flaws.or(taken)
}
