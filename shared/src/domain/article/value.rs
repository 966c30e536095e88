//! Single values of an article. What is wrong with one is said without it.

use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::domain::parse_instant_or_utc;
use crate::json::{self, Fields};

/// The value under this name; `null` counts as missing.
pub(super) fn field<'doc>(fields: &Fields<'doc>, name: &str) -> Option<&'doc RawValue> {
    let value = fields.get(name).copied()?;
    (value.get() != "null").then_some(value)
}

/// Text without NUL.
pub(super) fn text(fields: &Fields<'_>, name: &str) -> Result<Option<String>, String> {
    let Some(value) = field(fields, name) else {
        return Ok(None);
    };
    let text = json::text(value).ok_or_else(|| format!("{name} must be text"))?;
    Ok(Some(if text.contains('\0') {
        text.replace('\0', "")
    } else {
        text
    }))
}

/// A word that says something.
pub(super) fn word(fields: &Fields<'_>, name: &str) -> Result<Option<String>, String> {
    let text = text(fields, name)?;
    let trimmed = text.map(|text| text.trim().to_owned());
    Ok(trimmed.filter(|text| !text.is_empty()))
}

/// A version as a number, or as text that holds one.
pub(super) fn version(fields: &Fields<'_>, name: &str) -> Result<Option<u64>, String> {
    let Some(value) = field(fields, name) else {
        return Ok(None);
    };
    let written = json::text(value).unwrap_or_else(|| value.get().to_owned());
    let version = written
        .trim()
        .parse()
        .ok()
        .filter(|it| i64::try_from(*it).is_ok());
    version
        .map(Some)
        .ok_or_else(|| format!("{name} must be a whole number that is not negative"))
}

/// An instant that both clocks and Postgres know.
pub(super) fn instant(fields: &Fields<'_>, name: &str) -> Result<Option<Timestamp>, String> {
    let Some(text) = word(fields, name)? else {
        return Ok(None);
    };
    let instant = parse_instant_or_utc(&text).map_err(|rule| format!("{name} {rule}"))?;
    let is_of_our_era = instant.to_zoned(jiff::tz::TimeZone::UTC).year() >= 1;
    is_of_our_era
        .then_some(Some(instant))
        .ok_or_else(|| format!("{name} must not lie before the year 1"))
}
