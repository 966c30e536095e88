//! Articles that search finds, stored as the sync stores them.

use std::time::Duration;

use jiff::Timestamp;

use crate::db::knowledge::{PageChanges, store_page};
use crate::db::knowledge_articles::NewArticle;
use crate::db::knowledge_sync::take_lease;
use crate::db::{Database, knowledge_runs};
use crate::domain::{RunId, RunKind, TextHash};
use crate::error::Error;

/// What is known of an article with this text.
pub fn new_article(text: &str, modified: Timestamp) -> NewArticle {
    NewArticle {
        modified,
        version: Some(1),
        territory: None,
        category: None,
        status: None,
        content_hash: TextHash::of(text),
        rendered_as: String::new(),
        conflict: None,
    }
}

/// Stores a page in a run of its own.
///
/// # Panics
///
/// If the database does not take it.
pub async fn store_articles(database: &Database, page: &PageChanges) {
    let storing = async {
        let lease = take_lease(database, Duration::ZERO).await?;
        let lease = lease.ok_or(Error::NotFound)?;
        knowledge_runs::request(database, RunId::generate(), RunKind::Full, false).await?;
        let run = knowledge_runs::next(database, &lease).await?;
        store_page(database, &lease, run.ok_or(Error::NotFound)?.id, page).await
    };
    if let Err(error) = storing.await {
        panic!("the articles are not stored: {error}");
    }
}
