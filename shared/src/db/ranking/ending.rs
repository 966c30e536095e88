//! An order ends: what became of it, what the agent sees now, who is to be told, and what the audit says, in one transaction.

use deadpool_postgres::Transaction;
use serde_json::Value;
use tokio_postgres::types::{ToSql, Type};

use super::Order;
use super::lease::Lease;
use crate::audit::{Entry, EntryKind};
use crate::db::assist_impressions::{self, Impression};
use crate::db::callbacks::{self, NewCallback};
use crate::db::connect::failed;
use crate::db::transaction::begin;
use crate::db::{Database, audit};
use crate::domain::{ErasureKey, words};
use crate::error::Error;

words!(
    /// What became of an order.
    State {
        /// It waits to be posted.
        Waiting = "waiting",
        /// CXone confirmed it.
        Posted = "posted",
        /// A newer one took its place before it was posted.
        Superseded = "superseded",
        /// CXone does not take it.
        Failed = "failed",
        /// The session was locked for too long.
        Locked = "locked",
        /// Whether it arrived is not known.
        Unknown = "unknown",
    }
);

/// How an order ends.
#[derive(Debug)]
pub struct Ending<'a> {
    /// What became of it.
    pub state: State,
    /// What CXone answered last, if it answered.
    pub status: Option<u16>,
    /// From its acceptance to its end.
    pub latency_ms: f64,
    /// What the audit says.
    pub audit: Value,
    /// What whoever asked is told, if it failed.
    pub problem: Option<Value>,
    /// What the agent sees now.
    pub shown: Vec<Impression>,
    /// What somebody is to be told, who wants to know.
    pub callback: Option<(&'a str, String)>,
    /// Whether a try was made of which nobody knows what became.
    pub is_in_doubt: bool,
}

/// Ends an order, and gives the lease up. Whoever lost the lease writes nothing and meets [`Error::Conflict`]; without one, an order
/// that has ended stays as it is.
pub async fn finish(
    database: &Database,
    key: &ErasureKey,
    order: &Order,
    lease: Option<Lease>,
    ending: &Ending<'_>,
) -> Result<(), Error> {
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    let session = order.session.as_str();
    let entry = Entry {
        kind: EntryKind::Ranking,
        subject: session,
        content: ending.audit.clone(),
    };
    // All at once: they are sent in this order, without waiting for each other's answers. What fails takes everything with it.
    let (released, settled, shown, appended) = tokio::join!(
        release(&transaction, order, lease, ending),
        settle(&transaction, order, ending),
        assist_impressions::show(&transaction, session, &ending.shown),
        audit::append(&transaction, key, entry),
    );
    released?;
    let is_new = settled?;
    if !is_new && lease.is_none() {
        return Ok(());
    }
    shown?;
    appended?;
    if is_new && let Some((url, body)) = &ending.callback {
        let subject = &key.mac_of(session);
        callbacks::enqueue(&transaction, NewCallback { url, subject, body }).await?;
    }
    crate::fail_point::reach("finish_order.before_commit");
    transaction.commit().await.map_err(failed)
}

/// What is sure after a confirmation: this order is what the agent sees, unless there is a newer one, or an older one may still arrive.
async fn release(
    transaction: &Transaction<'_>,
    order: &Order,
    lease: Option<Lease>,
    ending: &Ending<'_>,
) -> Result<(), Error> {
    let Some(lease) = lease else {
        return Ok(());
    };
    let release = "UPDATE ranking_sessions SET poster = NULL, poster_until = NULL,
            posted_version = CASE WHEN $4 THEN $2 ELSE posted_version END,
            doubt_until = CASE WHEN $5 THEN clock_timestamp() + interval '1 minute' ELSE doubt_until END,
            unsure = NOT $6 OR version > $2 OR coalesce(doubt_until > clock_timestamp(), false)
        WHERE session_id = $1 AND poster = $3";
    let is_posted = ending.state == State::Posted;
    let is_settled = is_posted || ending.state == State::Failed;
    let values: [(&(dyn ToSql + Sync), Type); 6] = [
        (&order.session.as_str(), Type::TEXT),
        (&order.version, Type::INT8),
        (&lease.0, Type::UUID),
        (&is_posted, Type::BOOL),
        (&ending.is_in_doubt, Type::BOOL),
        (&is_settled, Type::BOOL),
    ];
    match transaction.execute_typed(release, &values).await {
        Ok(0) => Err(Error::Conflict(
            "somebody else posts for this session".to_owned(),
        )),
        Ok(_) => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

/// Says whether it had not ended before: what was posted, and is posted again to be sure, stays as it was. Somebody without the lease may
/// have said that a newer one took its place while it was on its way: only who holds the lease can say that it was posted.
async fn settle(
    transaction: &Transaction<'_>,
    order: &Order,
    ending: &Ending<'_>,
) -> Result<bool, Error> {
    let settle = "UPDATE ranking_orders SET state = $3, status = $4, latency_ms = $5, audit = $6::text::json, problem = $7::text::json,
            finished_at = clock_timestamp()
        WHERE session_id = $1 AND version = $2 AND (
            state IN ('waiting', 'locked', 'unknown') OR (state = 'superseded' AND $3 = 'posted'))";
    let status = ending.status.and_then(|status| i16::try_from(status).ok());
    let problem = ending.problem.as_ref().map(Value::to_string);
    #[expect(clippy::cast_possible_truncation, reason = "a column of real")]
    let latency_ms = ending.latency_ms as f32;
    let values: [(&(dyn ToSql + Sync), Type); 7] = [
        (&order.session.as_str(), Type::TEXT),
        (&order.version, Type::INT8),
        (&ending.state.as_str(), Type::TEXT),
        (&status, Type::INT2),
        (&latency_ms, Type::FLOAT4),
        (&ending.audit.to_string(), Type::TEXT),
        (&problem, Type::TEXT),
    ];
    let settled = transaction.execute_typed(settle, &values).await;
    settled.map(|rows| rows > 0).map_err(failed)
}
