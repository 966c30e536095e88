//! The limit: the rows that our store wrote, copied into a fresh database as bytes that are ready; and our store alone.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use futures_util::{SinkExt as _, TryStreamExt as _};
use shared::db::conversation_embeddings::NewChunk;
use shared::db::conversations::{Prepared, store};
use shared::db::embedding_models::ModelId;
use shared::db::words::Words;
use shared::domain::{Embedding, TextHash};
use shared::text::schema_map::SchemaMap;
use shared::text::terms::Analysis;
use tokio_postgres::Client;

use super::BATCH;
use crate::bench::Outcome;
use crate::prepared::prepared;
use crate::provider::{DIMENSIONS, vector};
use crate::scratch::Ready;

const EVENTS: &str = "conversation_events WHERE id";
const MARKS: &str = "embedded WHERE event_id";
const VECTORS: &str = "conversation_embeddings WHERE event_id";

/// Rows as COPY BINARY has them.
pub(super) struct Rows {
    /// For each batch what it writes: tables and bytes.
    batches: Vec<Vec<(&'static str, Bytes)>>,
    /// The searchable rows, all at once.
    whole: Bytes,
}

/// Stores the conversations batch by batch on one connection; gives the time, and the rows that it wrote.
pub(super) async fn store_alone(payloads: &[String]) -> Outcome<(Duration, Rows)> {
    let ready = Ready::create("conversations").await?;
    let prepare = |(number, payload): (u64, &String)| prepare(ready.model, number, payload);
    let prepared: Outcome<Vec<Prepared>> = (0..).zip(payloads).map(prepare).collect();
    let prepared = prepared?;
    store(&ready.database, &[]).await?;
    let started = Instant::now();
    for batch in prepared.chunks(BATCH) {
        store(&ready.database, batch).await?;
    }
    let time = started.elapsed();
    ready
        .scratch
        .check("conversation_embeddings", payloads.len())
        .await?;
    let rows = Rows::read(&ready.scratch.client, payloads.len()).await?;
    ready.scratch.remove().await?;
    Ok((time, rows))
}

fn prepare(model: ModelId, number: u64, payload: &str) -> Outcome<Prepared> {
    let map = SchemaMap::default();
    let words = map.read(shared::json::parse(payload.as_bytes())?)?.turns;
    let words: Vec<String> = words.iter().map(ToString::to_string).collect();
    let text = words.join("\n");
    let chunk = NewChunk {
        hash: TextHash::of(&text),
        words: Words::count(&text, Analysis::English),
        embedding: Some(Arc::new(Embedding::parse(vector(number), u16::try_from(DIMENSIONS)?)?)),
        metadata: r#"{"source":"cxone_data_action","contains_pii":false,"intent_category":"billing_dispute","language":"en"}"#.to_owned(),
        text,
    };
    prepared(model, usize::try_from(number)?, payload.to_owned(), chunk)
}

impl Rows {
    async fn read(client: &Client, count: usize) -> Outcome<Self> {
        let mut batches = Vec::new();
        for first in (1..=count).step_by(BATCH) {
            let mut batch = Vec::new();
            for table in [EVENTS, MARKS, VECTORS] {
                let rows = format!("{table} BETWEEN {first} AND {}", first + BATCH - 1);
                batch.push((table, copy_out(client, &rows).await?));
            }
            batches.push(batch);
        }
        let whole = copy_out(client, &format!("{VECTORS} > 0")).await?;
        Ok(Self { batches, whole })
    }

    /// The rows of the searchable table, in one COPY.
    pub(super) async fn copy_whole(&self) -> Outcome<Duration> {
        let ready = Ready::create("conversations").await?;
        let client = &ready.scratch.client;
        let started = Instant::now();
        copy_in(client, VECTORS, &self.whole).await?;
        finish(ready, started.elapsed()).await
    }

    /// Batch by batch, the rows of the searchable table or of every table that the store writes to.
    pub(super) async fn copy_batches(&self, every_table: bool) -> Outcome<Duration> {
        let ready = Ready::create("conversations").await?;
        let client = &ready.scratch.client;
        let started = Instant::now();
        for batch in &self.batches {
            client.batch_execute("BEGIN").await?;
            for (table, rows) in batch {
                if every_table || *table == VECTORS {
                    copy_in(client, table, rows).await?;
                }
            }
            client.batch_execute("COMMIT").await?;
        }
        finish(ready, started.elapsed()).await
    }
}

async fn finish(ready: Ready, time: Duration) -> Outcome<Duration> {
    ready.scratch.remove().await?;
    Ok(time)
}

async fn copy_out(client: &Client, rows: &str) -> Outcome<Bytes> {
    let sql = format!("COPY (SELECT * FROM {rows}) TO STDOUT (FORMAT BINARY)");
    let parts: Vec<Bytes> = client.copy_out(&sql).await?.try_collect().await?;
    Ok(parts.concat().into())
}

async fn copy_in(client: &Client, table: &str, rows: &Bytes) -> Outcome<()> {
    let table = table.split(' ').next().unwrap_or_default();
    let sink = client
        .copy_in(&format!("COPY {table} FROM STDIN (FORMAT BINARY)"))
        .await?;
    let mut sink = pin!(sink);
    for first in (0..rows.len()).step_by(64 * 1_024) {
        let part = rows.slice(first..rows.len().min(first + 64 * 1_024));
        sink.feed(part).await?;
    }
    sink.finish().await?;
    Ok(())
}
