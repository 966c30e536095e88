//! What a page brings, as the database takes it.

use shared::db::knowledge_articles::NewArticle;
use shared::db::knowledge_chunks::NewChunk;
use shared::db::knowledge_documents::NewDocument;
use shared::db::words::Words;
use shared::domain::ArticleId;
use shared::error::Error;
use shared::text::terms::Analysis;

use super::{Compared, Texts};
use crate::app::App;
use crate::progress::raw;
use crate::render::{Document, Rendered};
use crate::vectors::Vectors;

/// Whether these are the texts that the article has already.
pub(super) fn has_same_texts(id: &ArticleId, rendered: &Rendered, before: &Texts) -> bool {
    let languages = before.keys().filter(|(article, _)| article == id).count();
    languages
        == rendered
            .documents
            .values()
            .filter(|one| !one.chunks.is_empty())
            .count()
        && rendered.documents.iter().all(|(locale, document)| {
            let name = (id.clone(), locale.to_string());
            let hashes = document.chunks.iter().map(|chunk| &chunk.hash);
            hashes.eq(before.get(&name).into_iter().flatten())
        })
}

/// A document with its words and vectors, as it is stored.
pub(super) fn located(
    document: Document,
    analysis: Analysis,
    vectors: &Vectors,
) -> Result<NewDocument, Error> {
    let chunks = document.chunks.into_iter().map(|chunk| NewChunk {
        heading: chunk.heading_path.join(" > "),
        words: Words::count(&chunk.text, analysis),
        text: chunk.text,
        hash: chunk.hash,
        vectors: vectors.of(chunk.hash),
    });
    Ok(NewDocument {
        title: document.title,
        chunks: chunks.collect(),
        metadata: raw(&document.metadata)?,
    })
}

/// The article, as it is stored.
pub(super) fn stored(app: &App, one: &Compared) -> NewArticle {
    let told = &one.told;
    NewArticle {
        modified: told.modified,
        version: told.version,
        territory: told.territory.clone(),
        category: told.category.clone(),
        status: told.status.clone(),
        content_hash: one.hash,
        rendered_as: app.rendered_as(),
        conflict: None,
    }
}
