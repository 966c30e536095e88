//! Rows are copied into the peers' tables, by several at once.

use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use pgvector::Vector;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, NoTls};

use super::Setting;
use super::corpus::Corpus;
use super::ours::{BATCH, WRITERS};
use super::table::Table;
use crate::bench::Outcome;

/// Who copies what, and until when.
#[derive(Clone)]
pub(super) struct Copying {
    pub(super) corpus: Arc<Corpus>,
    pub(super) setting: Setting,
    pub(super) with_text: bool,
    pub(super) next: Arc<AtomicUsize>,
    pub(super) rows: usize,
    pub(super) until: Option<Instant>,
    /// Where rows are counted that go into parts; by default they go into one table.
    pub(super) tables: Option<Arc<AtomicUsize>>,
}

/// Another connection.
pub(super) async fn connect(url: &str) -> Outcome<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

impl Table {
    pub(super) async fn copy(&self, copying: &Copying) -> Outcome<()> {
        let mut writers = Vec::new();
        for _ in 0..WRITERS {
            let client = connect(&self.scratch.url).await?;
            writers.push(tokio::spawn(write(client, copying.clone())));
        }
        for writer in writers {
            writer.await??;
        }
        Ok(())
    }
}

impl Copying {
    /// Where rows go, and their columns; a vector has no type that is known without the server.
    fn columns(&self, vector: &Type) -> (&'static str, Vec<Type>) {
        match (&self.tables, self.with_text) {
            (Some(_), _) => ("part (id, embedding)", vec![Type::INT8, vector.clone()]),
            (None, true) => (
                "rows (content, embedding)",
                vec![Type::TEXT, vector.clone()],
            ),
            (None, false) => ("rows (embedding)", vec![vector.clone()]),
        }
    }

    async fn write(&self, client: &Client, vector: &Type, rows: Range<usize>) -> Outcome<()> {
        let (columns, types) = self.columns(vector);
        let sink = client
            .copy_in(&format!("COPY {columns} FROM STDIN (FORMAT BINARY)"))
            .await?;
        let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
        for row in rows {
            let embedding = Vector::from(self.corpus.vector(row, self.setting.dimensions));
            let id = i64::try_from(row - self.setting.prefilled.min(row))? + 1;
            let text = self.with_text.then(|| self.corpus.text(row));
            let mut values: Vec<&(dyn ToSql + Sync)> = Vec::new();
            match (&self.tables, &text) {
                (Some(_), _) => values.push(&id),
                (None, Some(text)) => values.push(text),
                (None, None) => {}
            }
            values.push(&embedding);
            writer.as_mut().write(&values).await?;
        }
        writer.finish().await?;
        Ok(())
    }
}

/// Copies batch after batch, whichever is next.
async fn write(client: Client, copying: Copying) -> Outcome<()> {
    let vector = client.prepare("SELECT $1::vector").await?;
    let vector = vector.params().first().cloned().ok_or("no vector")?;
    loop {
        let first = copying.next.fetch_add(BATCH, Ordering::Relaxed);
        let is_late = copying.until.is_some_and(|until| Instant::now() >= until);
        if first >= copying.rows || is_late {
            return Ok(());
        }
        let rows = first..copying.rows.min(first + BATCH);
        let count = rows.len();
        copying.write(&client, &vector, rows).await?;
        if let Some(tables) = &copying.tables {
            tables.fetch_add(count, Ordering::Relaxed);
        }
    }
}
