//! A corpus becomes a knowledge base, the way the knowledge sync makes one.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use shared::db::Database;
use shared::db::knowledge_chunks::NewChunk;
use shared::db::words::Words;
use shared::domain::{Embedding, TextHash};
use shared::embedding::{Counted, Embedder, Failure, Local};
use shared::text::article::{ArticleChunk, chunk_article};
use shared::text::chunk::Limits;
use shared::text::html;
use shared::text::terms::Analysis;
use tokio::time::Instant;

use crate::Outcome;
use crate::clerk::{Clerk, Entry, LANGUAGE};
use crate::dataset::Article;

/// Articles that are stored at once, as the sync asks for them.
const PAGE: usize = 100;
/// The sizes of a piece that the sync has without settings.
const CHUNK_TOKENS: usize = 400;
const CHUNK_OVERLAP: usize = 40;
/// Longer than any page takes.
pub(crate) const LONG: Duration = Duration::from_hours(24);

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
#[derive(Debug, Clone, Copy, Default)]
pub struct Progress {
    /// Articles that are stored.
    pub articles: usize,
    /// Pieces that are stored.
    pub passages: usize,
}

/// Where texts lie.
type Vectors = HashMap<TextHash, Arc<Embedding>>;

impl Library {
    /// Stores a corpus in an empty database, with the vectors of the local model that is in the folder `model`, and says after every page
    /// how far it has come.
    pub async fn load(
        database: Database,
        model: &Path,
        corpus: &[Article],
        mut say: impl FnMut(Progress),
    ) -> Outcome<Self> {
        let embedder = Embedder::Local(Local::load(model)?);
        let clerk = Clerk::hire(&database, embedder.space()).await?;
        let tokens = CHUNK_TOKENS.min(embedder.max_tokens());
        let limits = Limits::new(tokens, CHUNK_OVERLAP.min(tokens / 4))?;
        let mut done = Progress::default();
        for page in corpus.chunks(PAGE) {
            let entries = prepare(&clerk, &embedder, limits, page).await?;
            let passages = entries.iter().map(|entry| entry.chunks.len());
            done.passages += passages.sum::<usize>();
            done.articles += page.len();
            clerk.store(entries).await?;
            say(done);
        }
        clerk.finish().await?;
        Ok(Self {
            articles: done.articles,
            passages: done.passages,
            database,
            embedder,
        })
    }
}

/// Cuts and embeds a page of articles.
async fn prepare(
    clerk: &Clerk<'_>,
    embedder: &Embedder,
    limits: Limits,
    page: &[Article],
) -> Outcome<Vec<Entry>> {
    let cut = |article: &Article| {
        let page = html::read(&to_html(&article.text), None);
        chunk_article(&article.title, &page.sections, limits, embedder.tokens())
    };
    let pieces: Vec<_> = page.iter().map(cut).collect();
    let vectors = embed(embedder, pieces.iter().flatten()).await?;
    let chunk = |piece: ArticleChunk| {
        let vector = vectors.get(&piece.hash).map(Arc::clone);
        NewChunk {
            heading: piece.heading_path.join(" > "),
            words: Words::count(&piece.text, Analysis::of(LANGUAGE)),
            text: piece.text,
            hash: piece.hash,
            vectors: vector.map(|one| (clerk.model, one)).into_iter().collect(),
        }
    };
    let entry = |(article, pieces): (&Article, Vec<ArticleChunk>)| Entry {
        id: article.id.clone(),
        title: article.title.clone(),
        chunks: pieces.into_iter().map(chunk).collect(),
    };
    Ok(page.iter().zip(pieces).map(entry).collect())
}

/// Where the pieces lie, each text of them asked for once. One that the model refuses lies nowhere: only words find it.
async fn embed(
    embedder: &Embedder,
    pieces: impl Iterator<Item = &ArticleChunk>,
) -> Outcome<Vectors> {
    let pieces: HashMap<TextHash, &ArticleChunk> =
        pieces.map(|piece| (piece.hash, piece)).collect();
    let mut pieces: Vec<_> = pieces.into_values().collect();
    // The model takes texts of like length together in less time.
    pieces.sort_by_key(|piece| piece.tokens);
    let counted = pieces.iter().map(|piece| Counted {
        text: &piece.text,
        tokens: piece.tokens,
    });
    let texts: Vec<_> = counted.collect();
    let outcomes = embedder.embed(&texts, Instant::now() + LONG).await;
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

/// What an editor of CXone would have made of the text.
pub fn to_html(text: &str) -> String {
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let lines = escaped.lines().map(str::trim);
    let lines = lines.map(|line| if line.is_empty() { "</p><p>" } else { line });
    format!("<p>{}</p>", lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_survives_as_paragraphs() {
        let text = "a < b & <i>c</i>\nnext line\n\nSecond: &amp;";
        let page = html::read(&to_html(text), None);
        let texts = page.sections.iter().map(|section| section.text.as_str());
        let texts: Vec<_> = texts.collect();
        assert_eq!(texts, ["a < b & <i>c</i> next line\n\nSecond: &amp;"]);
    }
}
