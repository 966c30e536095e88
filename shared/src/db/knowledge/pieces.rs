//! A document comes to its new chunks: those of the same text keep their rows, vectors and words.

use std::collections::HashMap;

use deadpool_postgres::Transaction;

use crate::db::embedding_models::ModelId;
use crate::db::knowledge_chunks::{self, ChunkId, NewChunk, Placed, Standing, plan_chunks};
use crate::db::knowledge_documents::{self, DocumentId, NewDocument, Translated};
use crate::db::knowledge_vectors;
use crate::db::vector_types::VectorTypes;
use crate::db::words::{self, NewWords, WordSpace};
use crate::domain::Embedding;
use crate::error::Error;
use crate::search::words::Doc;

/// All documents' plans in one.
#[derive(Default)]
struct Plans<'a> {
    kept: Vec<(ChunkId, i32)>,
    removed: Vec<ChunkId>,
    added: Vec<Placed<'a>>,
    /// Every chunk that stands in the end and whose number is known.
    standing: Vec<(ChunkId, &'a NewChunk)>,
}

/// Lets these documents, which are stored, have their chunks and no others; says how many rows changed for it.
pub(super) async fn replace(
    transaction: &Transaction<'_>,
    types: &VectorTypes,
    articles: &[Translated<'_>],
) -> Result<u64, Error> {
    let documents = number(transaction, articles).await?;
    let mut plans = plan(transaction, &documents).await?;
    let removed = knowledge_chunks::delete(transaction, &plans.removed).await?;
    let moved = knowledge_chunks::renumber(transaction, &plans.kept).await?;
    let added = knowledge_chunks::insert(transaction, &plans.added).await?;
    let new = plans.added.iter();
    let new = new.map(|(document, number, chunk)| ((*document, *number), *chunk));
    let new: HashMap<_, &NewChunk> = new.collect();
    let known = added
        .iter()
        .filter_map(|(document, number, id)| Some((*id, *new.get(&(*document, *number))?)));
    let known: Vec<_> = known.collect();
    insert_words(transaction, &known).await?;
    plans.standing.extend(known);
    let vectors: Vec<_> = plans.standing.iter().flat_map(vectors).collect();
    let placed = knowledge_vectors::insert(transaction, types, &vectors).await?;
    let added = u64::try_from(added.len()).unwrap_or(u64::MAX);
    Ok(removed + moved + added + placed)
}

async fn insert_words(
    transaction: &Transaction<'_>,
    chunks: &[(ChunkId, &NewChunk)],
) -> Result<(), Error> {
    let words = chunks.iter().map(|(id, chunk)| NewWords {
        space: WordSpace::Knowledge,
        segment: None,
        doc: Doc(id.0),
        words: &chunk.words,
    });
    words::insert(transaction, &words.collect::<Vec<_>>()).await
}

fn vectors<'a>(
    (id, chunk): &(ChunkId, &'a NewChunk),
) -> impl Iterator<Item = (ChunkId, ModelId, &'a Embedding)> + use<'a> {
    let id = *id;
    let row = move |(model, vector): &'a (ModelId, _)| (id, *model, AsRef::as_ref(vector));
    chunk.vectors.iter().map(row)
}

/// The documents with their numbers.
async fn number<'a>(
    transaction: &Transaction<'_>,
    articles: &[Translated<'a>],
) -> Result<Vec<(DocumentId, &'a NewDocument)>, Error> {
    let names: Vec<_> = articles.iter().map(|(id, _)| id.as_str()).collect();
    let numbers = knowledge_documents::number(transaction, &names).await?;
    let documents = articles.iter().flat_map(|(article, documents)| {
        let name = |locale: &str| (article.as_str().to_owned(), locale.to_owned());
        documents
            .iter()
            .filter_map(|(locale, one)| Some((*numbers.get(&name(locale.as_str()))?, one)))
            .collect::<Vec<_>>()
    });
    Ok(documents.collect())
}

async fn plan<'a>(
    transaction: &Transaction<'_>,
    documents: &[(DocumentId, &'a NewDocument)],
) -> Result<Plans<'a>, Error> {
    if documents.is_empty() {
        return Ok(Plans::default());
    }
    let ids: Vec<_> = documents.iter().map(|(id, _)| *id).collect();
    let mut all: HashMap<DocumentId, Vec<Standing>> = HashMap::new();
    for chunk in knowledge_chunks::among(transaction, &ids).await? {
        all.entry(chunk.document).or_default().push(chunk);
    }
    let mut plans = Plans::default();
    for (id, document) in documents {
        let first = document.chunks.first();
        let analysis = first.map(|chunk| chunk.words.analysis.name());
        // One whose words are counted otherwise today makes room for a new one.
        let (old, others): (Vec<_>, Vec<_>) = all
            .remove(id)
            .unwrap_or_default()
            .into_iter()
            .partition(|chunk| chunk.analysis.as_deref() == analysis);
        let others = others.iter().map(|chunk| chunk.chunk.0);
        plans.removed.extend(others);
        let old: Vec<_> = old.iter().map(|chunk| chunk.chunk).collect();
        let hashes: Vec<_> = document.chunks.iter().map(|chunk| chunk.hash).collect();
        let plan = plan_chunks(&old, &hashes);
        let chunk = |number: i32| document.chunks.get(usize::try_from(number).ok()?);
        let kept = plan
            .kept
            .iter()
            .filter_map(|(id, at)| Some((*id, chunk(*at)?)));
        plans.standing.extend(kept);
        let added = plan
            .added
            .iter()
            .filter_map(|at| Some((*id, *at, chunk(*at)?)));
        plans.added.extend(added);
        plans.kept.extend(plan.kept);
        plans.removed.extend(plan.removed);
    }
    Ok(plans)
}
