//! The peer: one graph over everything, which stands while rows are copied into it.

use std::fmt::Write as _;
use std::pin::pin;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use futures_util::SinkExt as _;
use pgvector::Vector;

use super::ours::BATCH;
use super::vectors::vector;
use super::{Counts, NEAREST};
use crate::bench::Outcome;
use crate::scratch::Scratch;

const TABLE: &str = "CREATE EXTENSION vector; CREATE TABLE single (id bigint PRIMARY KEY, embedding vector(384) NOT NULL)";
const GRAPH: &str = "SET maintenance_work_mem = '512MB';
    CREATE INDEX ON single USING hnsw ((embedding::halfvec(384)) halfvec_cosine_ops) WITH (m = 16, ef_construction = 128);
    ANALYZE single; SET hnsw.ef_search = 200; SET jit = off";

/// A table with its graph.
pub(super) struct Graph(Scratch);

impl Graph {
    pub(super) async fn create() -> Outcome<Self> {
        let scratch = Scratch::create("single_graph").await?;
        scratch.client.batch_execute(TABLE).await?;
        Ok(Self(scratch))
    }

    /// All but the last rows come before the graph is built. What it takes to copy those is what is told.
    pub(super) async fn fill(&self, counts: Counts) -> Outcome<Duration> {
        let first = counts.rows - counts.last;
        self.copy(0, first).await?;
        self.0.client.batch_execute(GRAPH).await?;
        let started = Instant::now();
        for from in (first..counts.rows).step_by(BATCH) {
            self.copy(from, counts.rows.min(from + BATCH)).await?;
        }
        Ok(started.elapsed())
    }

    async fn copy(&self, from: usize, to: usize) -> Outcome<()> {
        let sink = self.0.client.copy_in("COPY single FROM STDIN").await?;
        let mut sink = pin!(sink);
        for number in from..to {
            let mut line = format!("{number}\t[");
            for (place, one) in vector(number).iter().enumerate() {
                let comma = if place == 0 { "" } else { "," };
                write!(line, "{comma}{one}")?;
            }
            line.push_str("]\n");
            sink.feed(Bytes::from(line)).await?;
        }
        sink.finish().await?;
        Ok(())
    }

    /// What each question took and found.
    pub(super) async fn ask(&self, questions: &[Vec<f32>]) -> Outcome<Vec<(Duration, Vec<i64>)>> {
        let nearest = format!(
            "SELECT id FROM single ORDER BY embedding::halfvec(384) <=> $1::vector::halfvec(384) LIMIT {NEAREST}"
        );
        let mut answers = Vec::new();
        for question in questions {
            let vector = Vector::from(question.clone());
            let started = Instant::now();
            let rows = self.0.client.query(&nearest, &[&vector]).await?;
            let time = started.elapsed();
            answers.push((time, rows.iter().map(|row| row.get(0)).collect()));
        }
        Ok(answers)
    }

    /// The nearest, by looking at every row.
    pub(super) async fn exact(&self, questions: &[Vec<f32>]) -> Outcome<Vec<Vec<i64>>> {
        let exact = format!("SELECT id FROM single ORDER BY embedding <=> $1, id LIMIT {NEAREST}");
        let mut answers = Vec::new();
        for question in questions {
            let vector = Vector::from(question.clone());
            let rows = self.0.client.query(&exact, &[&vector]).await?;
            answers.push(rows.iter().map(|row| row.get(0)).collect());
        }
        Ok(answers)
    }

    pub(super) async fn remove(self) -> Outcome<()> {
        self.0.remove().await
    }
}
