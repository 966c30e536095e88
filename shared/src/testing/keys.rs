//! API keys of a test.

use jiff::{SignedDuration, Timestamp};

use crate::auth::{ApiKeys, Scope};

/// Issues a key that is good for an hour, under this name: `fixture` makes that of the events in `events/`. Gives the key itself.
///
/// # Panics
///
/// If the name is taken.
pub fn issue(keys: &mut ApiKeys, name: &str, scopes: &[Scope]) -> String {
    let expires = Timestamp::now() + SignedDuration::from_hours(1);
    let issued = keys.issue(name, [7; 32], scopes.to_vec(), expires);
    issued.unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What the secret of the keys holds.
///
/// # Panics
///
/// If they cannot be written.
pub fn written(keys: &ApiKeys) -> String {
    serde_json::to_string(keys).unwrap_or_else(|error| panic!("{error}"))
}
