//! Questions of the peers' tables.

use std::time::Instant;

use pgvector::Vector;
use tokio_postgres::{Client, IsolationLevel, Row, Statement};

use super::NEAREST;
use super::asking::{Answer, Answers};
use super::copying::connect;
use super::table::{Kind, Table};
use crate::bench::Outcome;

/// A connection that asks a peer's table.
pub(super) struct Asking {
    client: Client,
    near: Statement,
    nearest: Statement,
}

impl Table {
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

impl Answers for Asking {
    async fn ask(&mut self, question: &[f32], is_checked: bool) -> Outcome<Answer> {
        let vector = Vector::from(question.to_vec());
        // One state for both looks.
        let begin = self
            .client
            .build_transaction()
            .isolation_level(IsolationLevel::RepeatableRead);
        let transaction = begin.start().await?;
        let started = Instant::now();
        let found = transaction.query(&self.near, &[&vector]).await?;
        let time = started.elapsed();
        let ids = |rows: &[Row]| rows.iter().map(|row| row.get(0)).collect();
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
