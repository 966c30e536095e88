//! Links that lead nowhere, for people.

use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::db::Database;
use crate::db::connect::failed;
use crate::error::Error;

/// A link that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BrokenLink {
    /// Its address.
    pub url: String,
    /// The status that was answered, if any was.
    pub status: Option<i16>,
    /// Why it counts as broken.
    pub why: Option<String>,
    /// Some of the articles that have it, ten at most.
    pub articles: Vec<String>,
}

/// All links that lead nowhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BrokenLinks {
    /// How many there are.
    pub count: i64,
    /// The first of them, by address.
    pub links: Vec<BrokenLink>,
}

/// Up to `most` of the links that are broken now, and how many there are.
pub async fn fetch_broken(database: &Database, most: i64) -> Result<BrokenLinks, Error> {
    let broken = "SELECT url, status, why,
            ARRAY(SELECT article_id FROM knowledge_article_links a WHERE a.url_hash = k.url_hash ORDER BY article_id LIMIT 10),
            count(*) OVER ()
        FROM knowledge_links k WHERE state = 'broken' ORDER BY url LIMIT $1";
    let connection = database.connection().await?;
    let rows = connection.query_typed(broken, &[(&most, Type::INT8)]).await;
    let rows = rows.map_err(failed)?;
    let link = |row: &Row| BrokenLink {
        url: row.get(0),
        status: row.get(1),
        why: row.get(2),
        articles: row.get(3),
    };
    Ok(BrokenLinks {
        count: rows.first().map(|row| row.get(4)).unwrap_or_default(),
        links: rows.iter().map(link).collect(),
    })
}
