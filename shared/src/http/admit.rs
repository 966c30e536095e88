//! Who may ask an HTTP function: the holder of a live API key with the route's scope.

use jiff::Timestamp;

use super::Headers;
use crate::auth::{ApiKeys, Caller, Scope};
use crate::error::Error;
use crate::secrets::Secret;

/// Lets the caller in. A key that is not known may be a new one: it is looked up once more.
pub async fn admit(
    keys: &Secret<ApiKeys>,
    scope: Scope,
    headers: &Headers,
    now: Timestamp,
) -> Result<Caller, Error> {
    let authorize = |keys: &ApiKeys| keys.authorize(headers, scope, now);
    let caller = keys.ask(now, authorize).await?;
    tracing::info!(key.id = caller.key_id(), "admitted");
    Ok(caller)
}
