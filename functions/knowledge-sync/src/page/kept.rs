//! Articles whose side here stays, because CXone's contradicts it. CXone no longer has their text: it is read from here, and made anew where
//! it was made otherwise than today. Else search would lose them with the next model, or the next way to count words.

use std::collections::BTreeMap;

use shared::db::knowledge::ArticleChange;
use shared::db::knowledge_documents::{self, Piece, StandingDocument};
use shared::domain::ArticleId;
use shared::error::Error;
use shared::text::article::ArticleChunk;
use shared::text::chunk::Tokens as _;
use shared::text::terms::Analysis;

use super::Prepared;
use super::rows::located;
use crate::app::App;
use crate::render::{Document, Rendered};
use crate::vectors::Vectors;

/// What stands of these articles, as if it had just been rendered. It stays cut as it is.
pub(super) async fn fetch(
    app: &App,
    articles: &[ArticleId],
) -> Result<Vec<(ArticleId, Rendered)>, Error> {
    let mut kept: BTreeMap<ArticleId, Rendered> = BTreeMap::new();
    for standing in knowledge_documents::fetch_standing(&app.database, articles).await? {
        let (article, locale) = (standing.article.clone(), standing.locale.clone());
        let documents = &mut kept.entry(article).or_default().documents;
        documents.insert(locale, document(app, standing)?);
    }
    Ok(kept.into_iter().collect())
}

fn document(app: &App, standing: StandingDocument) -> Result<Document, Error> {
    let metadata = serde_json::from_str(standing.metadata.get());
    let chunk = |piece: Piece| ArticleChunk {
        tokens: app.count(&piece.text),
        text: piece.text,
        hash: piece.hash,
        heading_path: vec![piece.heading],
    };
    Ok(Document {
        title: standing.title,
        metadata: metadata.map_err(|error| Error::Bug {
            what: "the metadata of a document cannot be read",
            source: Some(error.into()),
        })?,
        chunks: standing.pieces.into_iter().map(chunk).collect(),
    })
}

/// How an article stands whose own text was made anew: as `rendered_as`, but cut as before, and in the languages of before. So it is rendered
/// as soon as CXone's side agrees again.
pub(super) fn kept_as(rendered_as: &str) -> String {
    format!("kept;{rendered_as}")
}

impl Prepared {
    /// Lets an article be found with its own text. Where it has no vectors yet, the next complete listing tries again; and one that is just
    /// being marked is made anew by it.
    pub(super) fn renew(
        &mut self,
        app: &App,
        article: ArticleId,
        text: Rendered,
        vectors: &Vectors,
    ) -> Result<(), Error> {
        if vectors.failure(&text).is_some() {
            return Ok(());
        }
        let rendered_as = kept_as(&app.rendered_by(vectors.answered(app, &text)));
        let mut documents = BTreeMap::new();
        for (locale, document) in text.documents {
            let located = located(document, Analysis::of(locale.as_str()), vectors)?;
            documents.insert(locale, located);
        }
        let renewed = ArticleChange::Renewed {
            rendered_as,
            documents,
        };
        self.articles.entry(article).or_insert(renewed);
        Ok(())
    }
}
