//! Who may ask: the holder of a live API key with the scope.

use jiff::Timestamp;
use shared::auth::{ApiKeys, Caller, Scope};
use shared::error::Error;
use shared::http::Headers;
use shared::secrets::Secret;

const SCOPE: Scope = Scope::KnowledgeRefresh;

/// Lets the caller in. A key that is not known may be a new one: the keys are read again, rarely, and it is looked up once more.
pub(crate) async fn admit(
    keys: &Secret<ApiKeys>,
    headers: &Headers,
    now: Timestamp,
) -> Result<Caller, Error> {
    let known = keys.get(now).await?;
    match known.authorize(headers, SCOPE, now) {
        Err(Error::Unauthorized("wrong_key")) => {}
        decided => return decided,
    }
    match keys.refreshed(&known, now).await? {
        Some(fresh) => fresh.authorize(headers, SCOPE, now),
        None => Err(Error::Unauthorized("wrong_key")),
    }
}
