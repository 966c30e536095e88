//! A corpus becomes a knowledge base, the way the knowledge sync makes one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use shared::db::embedding_models::ModelId;
use shared::db::knowledge::{ArticleChange, PageChanges, store_page};
use shared::db::knowledge_articles::NewArticle;
use shared::db::knowledge_chunks::NewChunk;
use shared::db::knowledge_documents::NewDocument;
use shared::db::knowledge_sync::{Lease, take_lease};
use shared::db::migrate::{MIGRATIONS, migrate};
use shared::db::words::Words;
use shared::db::{Database, knowledge_runs, vector_segments};
use shared::domain::{Embedding, Locale, RunId, RunKind, TextHash};
use shared::embedding::{Counted, Embedder, Failure};
use shared::text::article::{ArticleChunk, chunk_article};
use shared::text::chunk::Limits;
use shared::text::html;
use shared::text::terms::Analysis;
use tokio::time::Instant;

use crate::Outcome;
use crate::dataset::Article;

/// Articles that are stored at once, as the sync asks for them.
const PAGE: usize = 100;
/// The sizes of a piece that the sync has without settings.
const CHUNK_TOKENS: usize = 400;
const CHUNK_OVERLAP: usize = 40;
/// Longer than any corpus takes.
const LONG: Duration = Duration::from_hours(24);
/// Corpora and questions are in English; a corpus in another language is searched all the same, without stems.
const LANGUAGE: &str = "en";

/// A knowledge base that holds a corpus.
pub struct Library {
    /// Where it is.
    pub database: Database,
    /// What turns questions into vectors.
    pub embedder: Embedder,
    /// How many articles it has.
    pub articles: usize,
    /// How many pieces they have.
    pub passages: usize,
}

/// How far loading has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Articles that are stored.
    pub articles: usize,
    /// Pieces that are stored.
    pub passages: usize,
}

/// Where texts lie.
type Vectors = HashMap<TextHash, Arc<Embedding>>;

/// Who stores: the sync's lease, its run, its model.
struct Clerk<'a> {
    database: &'a Database,
    embedder: &'a Embedder,
    lease: Lease,
    run: RunId,
    model: ModelId,
    limits: Limits,
    language: Locale,
}

impl Library {
    /// Stores a corpus in an empty database, and says after every page how far it has come.
    pub async fn load(
        database: Database,
        embedder: Embedder,
        corpus: &[Article],
        mut say: impl FnMut(Progress),
    ) -> Outcome<Self> {
        let soon = Instant::now() + Duration::from_mins(1);
        migrate(&database, MIGRATIONS, soon).await?;
        let clerk = Clerk::hire(&database, &embedder).await?;
        let mut done = Progress { articles: 0, passages: 0 };
        for page in corpus.chunks(PAGE) {
            done.passages += clerk.store(page).await?;
            done.articles += page.len();
            say(done);
        }
        Ok(Self {
            articles: done.articles,
            passages: done.passages,
            database,
            embedder,
        })
    }
}

impl<'a> Clerk<'a> {
    async fn hire(database: &'a Database, embedder: &'a Embedder) -> Outcome<Self> {
        let lease = take_lease(database, LONG).await?;
        let lease = lease.ok_or("another process fills this database")?;
        let run = RunId::generate();
        knowledge_runs::request(database, run, RunKind::Full, false).await?;
        knowledge_runs::next(database, &lease).await?;
        let tokens = CHUNK_TOKENS.min(embedder.max_tokens());
        Ok(Self {
            model: vector_segments::open(database, embedder.space()).await?,
            limits: Limits::new(tokens, CHUNK_OVERLAP.min(tokens / 4))?,
            language: Locale::parse(LANGUAGE)?,
            database,
            embedder,
            lease,
            run,
        })
    }

    /// Stores a page; says how many pieces it has.
    async fn store(&self, page: &[Article]) -> Outcome<usize> {
        let cut = |article: &Article| self.cut(article);
        let pieces: Vec<_> = page.iter().map(cut).collect();
        let vectors = self.embed(pieces.iter().flatten()).await?;
        let passages = pieces.iter().map(Vec::len).sum();
        let mut articles = BTreeMap::new();
        for (article, pieces) in page.iter().zip(pieces) {
            let pieces = pieces.into_iter();
            let chunks = pieces.map(|piece| self.chunk(piece, &vectors)).collect();
            articles.insert(article.id.clone(), self.live(article, chunks)?);
        }
        let page = PageChanges {
            articles,
            checkpoint: raw(&json!({}))?,
            counts: raw(&json!({}))?,
            ..PageChanges::default()
        };
        store_page(self.database, &self.lease, self.run, &page).await?;
        Ok(passages)
    }

    fn cut(&self, article: &Article) -> Vec<ArticleChunk> {
        let page = html::read(&to_html(&article.text), None);
        let tokens = self.embedder.tokens();
        chunk_article(&article.title, &page.sections, self.limits, tokens)
    }

    /// Where the texts lie, each of them asked for once. One that the model refuses has no place: only words find it.
    async fn embed(
        &self,
        pieces: impl Iterator<Item = &ArticleChunk>,
    ) -> Outcome<Vectors> {
        let pieces: HashMap<TextHash, &ArticleChunk> = pieces.map(|piece| (piece.hash, piece)).collect();
        let counted = |piece: &&ArticleChunk| (piece.text.as_str(), piece.tokens);
        let mut pieces: Vec<_> = pieces.into_values().collect();
        // The model takes texts of like length together in less time.
        pieces.sort_by_key(|piece| piece.tokens);
        let texts: Vec<_> = pieces.iter().map(counted).map(|(text, tokens)| Counted { text, tokens }).collect();
        let outcomes = self.embedder.embed(&texts, Instant::now() + LONG).await;
        let mut vectors = Vectors::new();
        for (piece, outcome) in pieces.iter().zip(outcomes) {
            match outcome {
                Ok(vector) => drop(vectors.insert(piece.hash, Arc::new(vector))),
                Err(Failure::Refused(_)) => {}
                Err(Failure::Failed(error)) => return Err(error.into()),
            }
        }
        Ok(vectors)
    }

    fn chunk(&self, piece: ArticleChunk, vectors: &Vectors) -> NewChunk {
        let vector = vectors.get(&piece.hash).map(Arc::clone);
        NewChunk {
            heading: piece.heading_path.join(" > "),
            words: Words::count(&piece.text, Analysis::of(self.language.as_str())),
            text: piece.text,
            hash: piece.hash,
            vectors: vector.map(|vector| (self.model, vector)).into_iter().collect(),
        }
    }
    fn live(&self, article: &Article, chunks: Vec<NewChunk>) -> Outcome<ArticleChange> {
        let document = NewDocument {
            title: article.title.clone(),
            metadata: raw(&json!({ "source": "evaluation", "language": self.language }))?,
            chunks,
        };
        Ok(ArticleChange::Live {
            article: NewArticle {
                modified: Timestamp::UNIX_EPOCH,
                version: None,
                territory: None,
                category: None,
                status: None,
                content_hash: TextHash::of(&article.text),
                rendered_as: "evaluation".to_owned(),
                conflict: None,
            },
            links: BTreeSet::new(),
            documents: BTreeMap::from([(self.language.clone(), document)]),
        })
    }
}

/// What an editor of CXone would have made of the text.
fn to_html(text: &str) -> String {
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let lines = escaped.lines().map(str::trim);
    let lines = lines.map(|line| if line.is_empty() { "</p><p>" } else { line });
    format!("<p>{}</p>", lines.collect::<Vec<_>>().join("\n"))
}

fn raw(value: &serde_json::Value) -> Outcome<Box<RawValue>> {
    Ok(to_raw_value(value)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_survives_as_paragraphs() {
        let page = html::read(&to_html("a < b & <i>c</i>\nnext line\n\nSecond: &amp;"), None);
        let texts: Vec<_> = page.sections.iter().map(|section| section.text.as_str()).collect();
        assert_eq!(texts, ["a < b & <i>c</i> next line\nSecond: &amp;"]);
    }
}
