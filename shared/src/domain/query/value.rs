//! Readers of single values.

use serde_json::value::RawValue;

use super::object::Flaws;
use crate::json;

/// A list holds no more.
const MOST_ITEMS: usize = 50;

/// A text without NUL, which Postgres cannot keep, and without half a surrogate pair.
pub(super) fn text(value: &RawValue) -> Result<String, Flaws> {
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
pub(super) fn parsed<T>(
    value: &RawValue,
    parse: impl FnOnce(&str) -> Result<T, &'static str>,
) -> Result<T, Flaws> {
    Ok(parse(&text(value)?)?)
}

/// `true` or `false`.
pub(super) fn flag(value: &RawValue) -> Result<bool, Flaws> {
    value
        .get()
        .parse()
        .map_err(|_| "must be true or false".into())
}

/// A number that a float can hold.
pub(super) fn number(value: &RawValue) -> Result<f64, Flaws> {
    let number: Option<f64> = serde_json::from_str(value.get()).ok();
    number.ok_or_else(|| "must be a number".into())
}

/// The items of a list of 1 to 50.
pub(super) fn list<T>(
    value: &RawValue,
    read: impl Fn(&RawValue) -> Result<T, Flaws>,
) -> Result<Vec<T>, Flaws> {
    let is_list = value.get().starts_with('[');
    let items = is_list.then(|| serde_json::from_str::<Vec<&RawValue>>(value.get()).ok());
    let items = items.flatten().ok_or("must be a list")?;
    if !(1..=MOST_ITEMS).contains(&items.len()) {
        return Err("must hold 1 to 50 items; left out, it filters nothing".into());
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
