//! The peers' tables: what stands in them, and their graphs.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use super::Setting;
use super::copying::Copying;
use super::corpus::Corpus;
use super::ours::MEMORY_MB;
use crate::bench::Outcome;
use crate::scratch::Scratch;

/// Whose table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One graph over halves of bare vectors, of the quality of ours.
    Graph,
    /// One list of the signs of bare vectors (`IVFFlat`), which is read whole as the tables of ours are where vectors are large.
    Signs,
    /// Bare vectors, of which each segment gets its graph after loading, or such a list.
    Bare,
    /// The table of the reference, with its graph.
    Reference,
    /// That of langchain-postgres, which has no graph unless somebody makes one.
    Langchain,
}

/// Whether ours finds such vectors by their signs.
pub(super) fn is_large(dimensions: usize) -> bool {
    dimensions > 768
}

/// A table in a database of its own.
pub(super) struct Table {
    pub(super) scratch: Scratch,
    pub(super) kind: Kind,
    pub(super) dimensions: usize,
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
        table.fill(corpus, setting, setting.prefilled).await?;
        Ok(table)
    }

    /// Copies what is missing to so many rows, and builds the graph over all of them afterwards.
    pub(super) async fn fill(
        &self,
        corpus: &Arc<Corpus>,
        setting: Setting,
        rows: usize,
    ) -> Outcome<()> {
        let client = &self.scratch.client;
        client
            .batch_execute("DROP INDEX IF EXISTS rows_graph")
            .await?;
        let first = usize::try_from(self.scratch.count("rows").await?)?;
        let copying = Copying {
            corpus: Arc::clone(corpus),
            setting,
            with_text: self.has_text(),
            next: Arc::new(AtomicUsize::new(first)),
            rows,
            until: None,
            tables: None,
        };
        self.copy(&copying).await?;
        if let Some(index) = self.index("rows") {
            let index = format!("SET maintenance_work_mem = '{MEMORY_MB}MB'; {index}");
            client.batch_execute(&index).await?;
        }
        Ok(client.batch_execute("VACUUM ANALYZE").await?)
    }

    pub(super) fn has_text(&self) -> bool {
        matches!(self.kind, Kind::Reference | Kind::Langchain)
    }

    /// Whether its index knows vectors by their signs alone.
    pub(super) fn is_of_signs(&self) -> bool {
        match self.kind {
            Kind::Signs => true,
            Kind::Bare => is_large(self.dimensions),
            Kind::Graph | Kind::Reference | Kind::Langchain => false,
        }
    }

    fn definition(&self) -> String {
        let vector = format!("embedding vector({}) NOT NULL", self.dimensions);
        let columns = match self.kind {
            Kind::Graph | Kind::Signs | Kind::Bare => {
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
    pub(super) fn index(&self, table: &str) -> Option<String> {
        let dimensions = self.dimensions;
        match self.kind {
            _ if self.is_of_signs() => Some(format!(
                "CREATE INDEX {table}_graph ON {table} USING ivfflat ((binary_quantize(embedding)::bit({dimensions})) bit_hamming_ops)
                WITH (lists = 1)"
            )),
            Kind::Graph | Kind::Signs | Kind::Bare => Some(format!(
                "CREATE INDEX {table}_graph ON {table} USING hnsw ((embedding::halfvec({dimensions})) halfvec_cosine_ops)
                WITH (m = 16, ef_construction = 128)"
            )),
            Kind::Reference => Some(format!(
                "CREATE INDEX {table}_graph ON {table} USING hnsw (embedding vector_cosine_ops)"
            )),
            Kind::Langchain => None,
        }
    }

    /// Rows a second.
    pub(super) async fn rate(&self, table: &str, before: usize, time: Duration) -> Outcome<f64> {
        let rows = usize::try_from(self.scratch.count(table).await?)? - before;
        Ok(f64::from(u32::try_from(rows)?) / time.as_secs_f64())
    }
}
