//! The table `conversation_embeddings`: the texts and vectors that search reads, in segments.

use std::collections::HashMap;
use std::sync::Arc;

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use tokio_postgres::types::{ToSql, Type};

use super::Database;
use super::connect::failed;
use super::conversation_events::EventId;
use super::embedding_models::ModelId;
use super::vector_segments::{self, SegmentId};
use super::vector_types::{VectorTypes, Written, fetch_vectors};
use super::words::{self, Words};
use crate::domain::{ConversationId, Embedding, TextHash};
use crate::error::Error;
use crate::search::words::Doc;
use crate::text::intent::{Intent, IntentCategory};
use crate::text::terms::Analysis;

/// A piece of a conversation.
#[derive(Debug, Clone)]
pub struct NewChunk {
    /// What was said.
    pub text: String,
    /// What makes it the same as another.
    pub hash: TextHash,
    /// Where it lies; without, only words find it.
    pub embedding: Option<Arc<Embedding>>,
    /// Its tags, as JSON.
    pub metadata: String,
    /// The words of the text.
    pub words: Words,
}

/// A chunk with its place.
pub(super) struct Row<'a> {
    pub(super) segment: SegmentId,
    pub(super) model: ModelId,
    pub(super) event: EventId,
    pub(super) conversation: &'a ConversationId,
    pub(super) occurred_at: Timestamp,
    pub(super) number: i32,
    pub(super) chunk: &'a NewChunk,
    /// Its number among the words.
    pub(super) doc: Doc,
}

pub(super) async fn insert<'a>(
    transaction: &Transaction<'_>,
    types: &VectorTypes,
    rows: &[Row<'a>],
) -> Result<(), Error> {
    let insert = "
        INSERT INTO conversation_embeddings (segment, model_id, event_id, chunk, source_system, conversation_id, occurred_at,
            text_content, content_hash, embedding, semantic_metadata, doc, words, analysis, words_version)
        SELECT segment, model, event, number, 'nice_cxone', conversation, occurred, text, hash, embedding, metadata::jsonb,
            doc, words, analysis, $14
        FROM unnest($1::int4[], $2::int2[], $3::int8[], $4::int4[], $5::text[], $6::timestamptz[], $7::text[], $8::bytea[],
            $9, $10::text[], $11::int8[], $12::int4[], $13::text[])
            AS c (segment, model, event, number, conversation, occurred, text, hash, embedding, metadata, doc, words, analysis)";
    let segments: Vec<_> = rows.iter().map(|row| row.segment.0).collect();
    let models: Vec<_> = rows.iter().map(|row| row.model.0).collect();
    let events: Vec<_> = rows.iter().map(|row| row.event.0).collect();
    let numbers: Vec<_> = rows.iter().map(|row| row.number).collect();
    let conversations: Vec<_> = rows.iter().map(|row| row.conversation.as_str()).collect();
    let occurred: Vec<_> = rows.iter().map(|row| row.occurred_at).collect();
    let texts: Vec<_> = rows.iter().map(|row| row.chunk.text.as_str()).collect();
    let hashes: Vec<_> = rows.iter().map(|row| row.chunk.hash.as_bytes()).collect();
    let vector = |row: &Row<'a>| row.chunk.embedding.as_deref().map(Written);
    let vectors: Vec<_> = rows.iter().map(vector).collect();
    let metadata: Vec<_> = rows.iter().map(|row| row.chunk.metadata.as_str()).collect();
    let docs: Vec<_> = rows.iter().map(|row| row.doc.0).collect();
    let words: Vec<_> = rows.iter().map(|row| row.chunk.words.length()).collect();
    let analyses: Vec<_> = rows
        .iter()
        .map(|row| row.chunk.words.analysis.name())
        .collect();
    transaction
        .execute_typed(
            insert,
            &[
                (&segments, Type::INT4_ARRAY),
                (&models, Type::INT2_ARRAY),
                (&events, Type::INT8_ARRAY),
                (&numbers, Type::INT4_ARRAY),
                (&conversations, Type::TEXT_ARRAY),
                (&occurred, Type::TIMESTAMPTZ_ARRAY),
                (&texts, Type::TEXT_ARRAY),
                (&hashes, Type::BYTEA_ARRAY),
                (&vectors, types.array(&**transaction).await?),
                (&metadata, Type::TEXT_ARRAY),
                (&docs, Type::INT8_ARRAY),
                (&words, Type::INT4_ARRAY),
                (&analyses, Type::TEXT_ARRAY),
                (&Analysis::VERSION, Type::INT2),
            ],
        )
        .await
        .map(drop)
        .map_err(failed)
}

/// The vectors that some texts have already, by their place in the question.
pub async fn fetch_known(
    database: &Database,
    model: ModelId,
    texts: &[TextHash],
    dimensions: u16,
) -> Result<Vec<Option<Embedding>>, Error> {
    let known = "SELECT e.embedding::real[] FROM unnest($2::bytea[]) WITH ORDINALITY AS t (hash, position)
        LEFT JOIN LATERAL (SELECT embedding FROM conversation_embeddings
            WHERE content_hash = t.hash AND model_id = $1 AND embedding IS NOT NULL LIMIT 1) e ON true
        ORDER BY t.position";
    fetch_vectors(database, known, model, texts, dimensions).await
}

/// What those of these events are about that have texts of this model. All texts of an event say the same of it.
pub async fn fetch_intents(
    database: &Database,
    model: ModelId,
    events: &[EventId],
) -> Result<HashMap<EventId, Intent>, Error> {
    let intents = "SELECT event_id, semantic_metadata->>'intent_category', (semantic_metadata->>'intent_score')::float4
        FROM conversation_embeddings WHERE event_id = ANY($1) AND model_id = $2 AND chunk = 0";
    let events: Vec<_> = events.iter().map(|event| event.0).collect();
    let question: [(&(dyn ToSql + Sync), Type); 2] =
        [(&events, Type::INT8_ARRAY), (&model.0, Type::INT2)];
    let rows = database
        .connection()
        .await?
        .query_typed(intents, &question)
        .await
        .map_err(failed)?;
    let intent = |row: &tokio_postgres::Row| {
        let category = IntentCategory::parse(row.get::<_, Option<String>>(1)?).ok()?;
        let score = row.get(2);
        Some((EventId(row.get(0)), Intent { category, score }))
    };
    Ok(rows.iter().filter_map(intent).collect())
}

/// Removes the texts and vectors of these events, of every model.
pub(super) async fn delete(
    transaction: &Transaction<'_>,
    events: &[EventId],
) -> Result<u64, Error> {
    if events.is_empty() {
        return Ok(0);
    }
    let events: Vec<_> = events.iter().map(|event| event.0).collect();
    let events = [(&events as _, Type::INT8_ARRAY)];
    delete_where(transaction, "WHERE c.event_id = ANY($1)", &events).await
}

/// Removes the texts and vectors that these events have of these models.
pub(super) async fn delete_of_models(
    transaction: &Transaction<'_>,
    pairs: &[(EventId, ModelId)],
) -> Result<(), Error> {
    if pairs.is_empty() {
        return Ok(());
    }
    let which = "USING unnest($1::int8[], $2::int2[]) AS old (event, model)
        WHERE c.event_id = old.event AND c.model_id = old.model";
    let events: Vec<_> = pairs.iter().map(|(event, _)| event.0).collect();
    let models: Vec<_> = pairs.iter().map(|(_, model)| model.0).collect();
    let pairs = [
        (&events as _, Type::INT8_ARRAY),
        (&models as _, Type::INT2_ARRAY),
    ];
    delete_where(transaction, which, &pairs).await.map(drop)
}

/// Removes rows, and names those dead that have words; says how many rows went. What goes from a segment of which another is being made
/// is written down, so that it goes from the other one too.
async fn delete_where(
    transaction: &Transaction<'_>,
    which: &str,
    values: &[(&(dyn ToSql + Sync), Type)],
) -> Result<u64, Error> {
    let delete = format!(
        "WITH gone AS (DELETE FROM conversation_embeddings c {which}
            RETURNING c.segment, c.chunk, '{}' || c.model_id AS space, c.doc, c.analysis, c.words_version, c.words, c.event_id),
        dead AS ({}),
        removed AS (INSERT INTO segment_removed (segment, event_id, chunk)
            SELECT gone.segment, gone.event_id, gone.chunk FROM gone JOIN vector_segments s ON s.id = gone.segment
            WHERE s.replaced_by IS NOT NULL)
        SELECT count(*) FROM gone",
        words::CONVERSATIONS,
        words::name_dead("gone"),
    );
    // One after the other, without waiting in between.
    let (held, row) = tokio::join!(
        biased;
        vector_segments::hold(transaction),
        transaction.query_typed_one(&delete, values),
    );
    held?;
    let count: i64 = row.map_err(failed)?.get(0);
    Ok(count.unsigned_abs())
}
