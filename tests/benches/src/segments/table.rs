//! The peers' tables: rows are copied into them before, and questions are asked of them.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pgvector::Vector;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, NoTls};

use super::asking::{Answer, Answers, Asked, beside};
use super::corpus::Corpus;
use super::ours::{BATCH, MEMORY_MB, WRITERS};
use super::{NEAREST, Setting};
use crate::bench::Outcome;
use crate::scratch::Scratch;

/// Whose table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One graph of the quality of ours, over bare vectors.
    Graph,
    /// Bare vectors, of which each segment gets its graph after loading.
    Bare,
    /// The table of the reference, with its graph.
    Reference,
    /// That of langchain-postgres, which has no graph unless somebody makes one.
    Langchain,
}

/// A table in a database of its own.
pub(super) struct Table {
    pub(super) scratch: Scratch,
    kind: Kind,
    dimensions: usize,
}

impl Table {
    /// Makes it with the rows that stand before, and its graph over them.
    pub(super) async fn create(
        kind: Kind,
        corpus: &Arc<Corpus>,
        setting: Setting,
    ) -> Outcome<Self> {
        let scratch = Scratch::create("segments_peer").await?;
        let table = Self {
            scratch,
            kind,
            dimensions: setting.dimensions,
        };
        let client = &table.scratch.client;
        client.batch_execute(&table.definition()).await?;
        let copying = Copying {
            corpus: Arc::clone(corpus),
            setting,
            with_text: table.has_text(),
            next: Arc::new(AtomicUsize::new(0)),
            rows: setting.prefilled,
            until: None,
            tables: None,
        };
        table.copy(&copying).await?;
        if let Some(index) = table.index("rows") {
            let index = format!("SET maintenance_work_mem = '{MEMORY_MB}MB'; {index}");
            client.batch_execute(&index).await?;
        }
        client.batch_execute("VACUUM ANALYZE").await?;
        Ok(table)
    }

    fn has_text(&self) -> bool {
        matches!(self.kind, Kind::Reference | Kind::Langchain)
    }

    fn definition(&self) -> String {
        let vector = format!("embedding vector({}) NOT NULL", self.dimensions);
        let columns = match self.kind {
            Kind::Graph | Kind::Bare => {
                format!("id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, {vector}")
            }
            Kind::Reference => format!(
                "id uuid PRIMARY KEY DEFAULT gen_random_uuid(), source_system varchar(50) NOT NULL DEFAULT 'nice_cxone',
                conversation_id varchar(255) NOT NULL DEFAULT 'conv', content text NOT NULL, {vector},
                semantic_metadata jsonb NOT NULL DEFAULT '{{}}', created_at timestamptz DEFAULT now()"
            ),
            Kind::Langchain => format!(
                "langchain_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), content text NOT NULL, {vector}, langchain_metadata json"
            ),
        };
        format!("CREATE EXTENSION vector; CREATE TABLE rows ({columns})")
    }

    /// The graph of a table.
    fn index(&self, table: &str) -> Option<String> {
        match self.kind {
            Kind::Graph | Kind::Bare => Some(format!(
                "CREATE INDEX ON {table} USING hnsw ((embedding::halfvec({})) halfvec_cosine_ops) WITH (m = 16, ef_construction = 128)",
                self.dimensions
            )),
            Kind::Reference => Some(format!(
                "CREATE INDEX ON {table} USING hnsw (embedding vector_cosine_ops)"
            )),
            Kind::Langchain => None,
        }
    }

    async fn copy(&self, copying: &Copying) -> Outcome<()> {
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

    /// Copies bare vectors into the graph for the length of the window, with somebody who asks beside.
    pub(super) async fn window(
        &self,
        corpus: &Arc<Corpus>,
        setting: Setting,
    ) -> Outcome<(f64, Asked)> {
        let over = AtomicBool::new(false);
        let mut asking = self.asking().await?;
        let started = Instant::now();
        let copying = self.bare(corpus, setting, started, None);
        let writes = async {
            let outcome = self.copy(&copying).await;
            over.store(true, Ordering::Relaxed);
            outcome.map(|()| started.elapsed())
        };
        let (time, asked) =
            tokio::join!(writes, beside(&mut asking, corpus, self.dimensions, &over));
        Ok((self.rate("rows", setting.prefilled, time?).await?, asked?))
    }

    /// Copies bare vectors into one table after the other, and builds the graph of each that is full beside.
    pub(super) async fn window_of_segments(
        &self,
        corpus: &Arc<Corpus>,
        setting: Setting,
    ) -> Outcome<f64> {
        let client = &self.scratch.client;
        let tables = Arc::new(AtomicUsize::new(0));
        let over = AtomicBool::new(false);
        client
            .batch_execute("CREATE TABLE part (LIKE rows INCLUDING ALL) PARTITION BY RANGE (id)")
            .await?;
        let most = 400;
        for number in 0..most {
            let segment = i64::try_from(setting.segment())?;
            let (from, to) = (number * segment + 1, (number + 1) * segment + 1);
            let part = format!(
                "CREATE TABLE part_{number} PARTITION OF part FOR VALUES FROM ({from}) TO ({to})"
            );
            client.batch_execute(&part).await?;
        }
        let started = Instant::now();
        let copying = self.bare(corpus, setting, started, Some(Arc::clone(&tables)));
        let writes = async {
            let outcome = self.copy(&copying).await;
            over.store(true, Ordering::Relaxed);
            outcome
        };
        let builds = self.build_parts(setting.segment(), &tables, &over);
        let (written, built) = tokio::join!(writes, builds);
        written?;
        built?;
        self.rate("part", 0, started.elapsed()).await
    }

    /// Builds the graph of every part that nobody writes into any more.
    async fn build_parts(
        &self,
        segment: usize,
        written: &AtomicUsize,
        over: &AtomicBool,
    ) -> Outcome<()> {
        let client = connect(&self.scratch.url).await?;
        for number in 0.. {
            while written.load(Ordering::Relaxed) < (number + 1) * segment + WRITERS * BATCH {
                if over.load(Ordering::Relaxed)
                    && written.load(Ordering::Relaxed) < (number + 1) * segment
                {
                    return Ok(());
                }
                if over.load(Ordering::Relaxed) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            if let Some(index) = self.index(&format!("part_{number}")) {
                client.batch_execute(&index).await?;
            }
        }
        Ok(())
    }

    fn bare(
        &self,
        corpus: &Arc<Corpus>,
        setting: Setting,
        started: Instant,
        tables: Option<Arc<AtomicUsize>>,
    ) -> Copying {
        Copying {
            corpus: Arc::clone(corpus),
            setting,
            with_text: self.has_text(),
            next: Arc::new(AtomicUsize::new(setting.prefilled)),
            rows: usize::MAX,
            until: Some(started + setting.window),
            tables,
        }
    }

    /// Rows a second.
    pub(super) async fn rate(&self, table: &str, before: usize, time: Duration) -> Outcome<f64> {
        let rows = usize::try_from(self.scratch.count(table).await?)? - before;
        Ok(f64::from(u32::try_from(rows)?) / time.as_secs_f64())
    }

    /// Somebody who asks it.
    pub(super) async fn asking(&self) -> Outcome<Asking> {
        let client = connect(&self.scratch.url).await?;
        let settings = match self.kind {
            Kind::Graph | Kind::Bare => "SET hnsw.ef_search = 200; SET jit = off",
            Kind::Reference | Kind::Langchain => "SET jit = off",
        };
        client.batch_execute(settings).await?;
        client
            .batch_execute("SET max_parallel_workers_per_gather = 0")
            .await?;
        let distance = match self.kind {
            Kind::Graph | Kind::Bare => {
                format!(
                    "embedding::halfvec({0}) <=> $1::vector::halfvec({0})",
                    self.dimensions
                )
            }
            Kind::Reference | Kind::Langchain => "embedding <=> $1".to_owned(),
        };
        let id = match self.kind {
            Kind::Langchain => "langchain_id",
            _ => "id",
        };
        let near = format!("SELECT {id}::text FROM rows ORDER BY {distance} LIMIT {NEAREST}");
        // Nothing that an index knows.
        let nearest =
            format!("SELECT {id}::text FROM rows ORDER BY (embedding <=> $1) + 0 LIMIT {NEAREST}");
        Ok(Asking {
            near: client.prepare(&near).await?,
            nearest: client.prepare(&nearest).await?,
            client,
        })
    }
}

/// Who copies what, and until when.
#[derive(Clone)]
struct Copying {
    corpus: Arc<Corpus>,
    setting: Setting,
    with_text: bool,
    next: Arc<AtomicUsize>,
    rows: usize,
    until: Option<Instant>,
    /// Where rows are counted that go into parts; by default they go into one table.
    tables: Option<Arc<AtomicUsize>>,
}

async fn connect(url: &str) -> Outcome<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

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
        let (columns, types) = match (&copying.tables, copying.with_text) {
            (Some(_), _) => ("part (id, embedding)", vec![Type::INT8, vector.clone()]),
            (None, true) => (
                "rows (content, embedding)",
                vec![Type::TEXT, vector.clone()],
            ),
            (None, false) => ("rows (embedding)", vec![vector.clone()]),
        };
        let sink = client
            .copy_in(&format!("COPY {columns} FROM STDIN (FORMAT BINARY)"))
            .await?;
        let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
        for row in rows {
            let embedding = copying.corpus.vector(row, copying.setting.dimensions);
            let embedding = Vector::from(embedding);
            let id = i64::try_from(row - copying.setting.prefilled.min(row))? + 1;
            let text = copying.with_text.then(|| copying.corpus.text(row));
            let mut values: Vec<&(dyn ToSql + Sync)> = Vec::new();
            match (&copying.tables, &text) {
                (Some(_), _) => values.push(&id),
                (None, Some(text)) => values.push(text),
                (None, None) => {}
            }
            values.push(&embedding);
            writer.as_mut().write(&values).await?;
        }
        writer.finish().await?;
        if let Some(tables) = &copying.tables {
            tables.fetch_add(count, Ordering::Relaxed);
        }
    }
}

/// A connection that asks.
pub(super) struct Asking {
    client: Client,
    near: tokio_postgres::Statement,
    nearest: tokio_postgres::Statement,
}

impl Answers for Asking {
    async fn ask(&mut self, question: &[f32], is_checked: bool) -> Outcome<Answer> {
        let vector = Vector::from(question.to_vec());
        // One state for both looks.
        let begin = self
            .client
            .build_transaction()
            .isolation_level(tokio_postgres::IsolationLevel::RepeatableRead);
        let transaction = begin.start().await?;
        let started = Instant::now();
        let found = transaction.query(&self.near, &[&vector]).await?;
        let time = started.elapsed();
        let ids = |rows: &[tokio_postgres::Row]| rows.iter().map(|row| row.get(0)).collect();
        let mut nearest = None;
        if is_checked {
            nearest = Some(ids(&transaction.query(&self.nearest, &[&vector]).await?));
        }
        transaction.commit().await?;
        Ok(Answer {
            time,
            found: ids(&found),
            nearest,
        })
    }
}
