//! The tables `knowledge_links` and `knowledge_article_links`: every link once, and which article it stands in.

mod broken;
mod checks;

use std::collections::BTreeSet;

use deadpool_postgres::Transaction;
use tokio_postgres::types::{ToSql, Type};

pub use self::broken::{BrokenLink, BrokenLinks, fetch_broken};
pub use self::checks::{Check, DueLink, fetch_due, store_checks};
use super::Database;
use super::connect::failed;
use super::knowledge_sync::{Lease, hold};
use super::transaction::begin;
use crate::domain::{ArticleId, TextHash};
use crate::error::Error;

/// Lets these articles have these links and no others. A link that is new is due at once.
pub(super) async fn replace(
    transaction: &Transaction<'_>,
    rewritten: &[&str],
    articles: &[(&ArticleId, &BTreeSet<String>)],
) -> Result<(), Error> {
    if rewritten.is_empty() {
        return Ok(());
    }
    let add = "INSERT INTO knowledge_links (url_hash, url) SELECT DISTINCT ON (hash) hash, url
        FROM unnest($1::bytea[], $2::text[]) AS n (hash, url) ON CONFLICT DO NOTHING";
    let cut = "DELETE FROM knowledge_article_links WHERE article_id = ANY($1)
        AND (article_id, url_hash) NOT IN (SELECT * FROM unnest($2::text[], $3::bytea[]))";
    let tie = "INSERT INTO knowledge_article_links (article_id, url_hash)
        SELECT * FROM unnest($1::text[], $2::bytea[]) ON CONFLICT DO NOTHING";
    let all = articles
        .iter()
        .flat_map(|(article, urls)| urls.iter().map(|url| (article.as_str(), url.as_str())));
    let (articles, urls): (Vec<&str>, Vec<&str>) = all.unzip();
    let hashes: Vec<_> = urls.iter().map(|url| TextHash::of(url)).collect();
    let hashes: Vec<_> = hashes.iter().map(TextHash::as_bytes).collect();
    let (rewritten, articles) = (
        (&rewritten as &(dyn ToSql + Sync), Type::TEXT_ARRAY),
        (&articles as &(dyn ToSql + Sync), Type::TEXT_ARRAY),
    );
    let urls = (&urls as &(dyn ToSql + Sync), Type::TEXT_ARRAY);
    let hashes = (&hashes as &(dyn ToSql + Sync), Type::BYTEA_ARRAY);
    for (sql, values) in [
        (add, vec![hashes.clone(), urls]),
        (cut, vec![rewritten, articles.clone(), hashes.clone()]),
        (tie, vec![articles, hashes]),
    ] {
        let done = transaction.execute_typed(sql, &values).await;
        done.map_err(failed)?;
    }
    Ok(())
}

/// Forgets links that no article has; says how many.
pub async fn sweep(database: &Database, lease: &Lease) -> Result<u64, Error> {
    let sweep = "DELETE FROM knowledge_links k
        WHERE NOT EXISTS (SELECT FROM knowledge_article_links l WHERE l.url_hash = k.url_hash)";
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    hold(&transaction, lease).await?;
    let swept = transaction.execute_typed(sweep, &[]).await;
    let swept = swept.map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    Ok(swept)
}
