//! Who may ask an HTTP function: the holder of a live API key with the route's scope.

use jiff::Timestamp;

use super::Headers;
use crate::auth::{ApiKeys, Caller, Scope};
use crate::error::Error;
use crate::secrets::Secret;

/// Lets the caller in. A key that is not known may be a new one: the keys are read again, rarely, and it is looked up once more.
pub async fn admit(
    keys: &Secret<ApiKeys>,
    scope: Scope,
    headers: &Headers,
    now: Timestamp,
) -> Result<Caller, Error> {
    let known = keys.get(now).await?;
    let caller = match known.authorize(headers, scope, now) {
        Err(Error::Unauthorized("wrong_key")) => match keys.refreshed(&known, now).await? {
            Some(fresh) => fresh.authorize(headers, scope, now)?,
            None => return Err(Error::Unauthorized("wrong_key")),
        },
        decided => decided?,
    };
    tracing::info!(key.id = caller.key_id(), "admitted");
    Ok(caller)
}
