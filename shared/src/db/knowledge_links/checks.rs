//! Links are checked now and then; what is broken stands in the metadata of every document concerned.

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use crate::db::Database;
use crate::db::connect::failed;
use crate::db::knowledge_documents;
use crate::db::knowledge_mirror;
use crate::db::knowledge_sync::{Lease, hold, next_generation};
use crate::db::stored;
use crate::db::transaction::begin;
use crate::domain::{LinkState, TextHash};
use crate::error::Error;

/// A link whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueLink {
    /// The hash of its address.
    pub hash: TextHash,
    /// Its address.
    pub url: String,
    /// What was known until now.
    pub state: LinkState,
    /// How many checks in a row said that it is broken.
    pub strikes: i16,
}

/// What a check found.
#[derive(Debug, Clone)]
pub struct Check {
    /// The hash of the link's address.
    pub hash: TextHash,
    /// What is known from now on.
    pub state: LinkState,
    /// The status that was answered, if any was.
    pub status: Option<i16>,
    /// Why it is so, for people.
    pub why: Option<String>,
    /// How many checks in a row said that it is broken.
    pub strikes: i16,
    /// When it was checked.
    pub checked_at: Timestamp,
    /// When it is checked again.
    pub next_check_at: Timestamp,
}

/// Up to `most` of the links that are due at `now`, the longest due first.
pub async fn fetch_due(
    database: &Database,
    now: Timestamp,
    most: i64,
) -> Result<Vec<DueLink>, Error> {
    let due = "SELECT url_hash, url, state, strikes FROM knowledge_links WHERE next_check_at <= $1
        ORDER BY next_check_at LIMIT $2";
    let values: [(&(dyn ToSql + Sync), Type); 2] = [(&now, Type::TIMESTAMPTZ), (&most, Type::INT8)];
    let connection = database.connection().await?;
    let rows = connection.query_typed(due, &values).await;
    let read = |row: &Row| {
        Ok(DueLink {
            hash: stored::hash(row, 0)?,
            url: row.get(1),
            state: stored::word(row, 2, LinkState::parse)?,
            strikes: row.get(3),
        })
    };
    rows.map_err(failed)?.iter().map(read).collect()
}

/// Stores what checks found, each link once; says whether search can see a difference, which copies of the
/// documents are to follow if there are any (`mirrors`). A link that went meanwhile is left alone.
pub async fn store_checks(
    database: &Database,
    lease: &Lease,
    checks: &[Check],
    mirrors: bool,
) -> Result<bool, Error> {
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    hold(&transaction, lease).await?;
    let flipped = update(&transaction, checks).await?;
    let articles = fetch_articles(&transaction, &flipped).await?;
    let articles: Vec<_> = articles.iter().map(String::as_str).collect();
    let visible = knowledge_documents::mark(&transaction, &articles).await? > 0;
    if visible && mirrors {
        knowledge_mirror::note(&transaction, &articles).await?;
    }
    if visible {
        next_generation(&transaction).await?;
    }
    crate::fail_point::reach("store_checks.before_commit");
    transaction.commit().await.map_err(failed)?;
    Ok(visible)
}

/// Gives the hashes of those links that broke or came back.
async fn update(transaction: &Transaction<'_>, checks: &[Check]) -> Result<Vec<Vec<u8>>, Error> {
    let update = "
        UPDATE knowledge_links k SET state = n.state, status = n.status, why = n.why, strikes = n.strikes, checked_at = n.checked,
            next_check_at = n.next
        FROM unnest($1::bytea[], $2::text[], $3::int2[], $4::text[], $5::int2[], $6::timestamptz[], $7::timestamptz[])
            AS n (hash, state, status, why, strikes, checked, next)
        JOIN knowledge_links before ON before.url_hash = n.hash
        WHERE k.url_hash = n.hash RETURNING k.url_hash, (before.state = 'broken') <> (k.state = 'broken')";
    let hashes: Vec<_> = checks.iter().map(|one| one.hash.as_bytes()).collect();
    let states: Vec<_> = checks.iter().map(|one| one.state.as_str()).collect();
    let statuses: Vec<_> = checks.iter().map(|one| one.status).collect();
    let whys: Vec<_> = checks.iter().map(|one| one.why.as_deref()).collect();
    let strikes: Vec<_> = checks.iter().map(|one| one.strikes).collect();
    let checked: Vec<_> = checks.iter().map(|one| one.checked_at).collect();
    let next: Vec<_> = checks.iter().map(|one| one.next_check_at).collect();
    let values: [(&(dyn ToSql + Sync), Type); 7] = [
        (&hashes, Type::BYTEA_ARRAY),
        (&states, Type::TEXT_ARRAY),
        (&statuses, Type::INT2_ARRAY),
        (&whys, Type::TEXT_ARRAY),
        (&strikes, Type::INT2_ARRAY),
        (&checked, Type::TIMESTAMPTZ_ARRAY),
        (&next, Type::TIMESTAMPTZ_ARRAY),
    ];
    let rows = transaction.query_typed(update, &values).await;
    let rows = rows.map_err(failed)?;
    let flipped = rows.iter().filter(|row| row.get(1));
    Ok(flipped.map(|row| row.get(0)).collect())
}

/// The articles that these links stand in.
async fn fetch_articles(
    transaction: &Transaction<'_>,
    links: &[Vec<u8>],
) -> Result<Vec<String>, Error> {
    if links.is_empty() {
        return Ok(Vec::new());
    }
    let articles =
        "SELECT DISTINCT article_id FROM knowledge_article_links WHERE url_hash = ANY($1)";
    let rows = transaction
        .query_typed(articles, &[(&links, Type::BYTEA_ARRAY)])
        .await
        .map_err(failed)?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
