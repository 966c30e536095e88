//! How many of the nearest passages each graph finds.

use pgvector::Vector;
use shared::db::search::{Filter, Snapshot};
use shared::domain::query::KnowledgeQuery;

use super::stage::Stage;
use super::{CAREFUL, FOUND};
use crate::bench::Outcome;

/// Vectors come back with other last bits than those of the sums that they are compared by.
const SAME: f64 = 1e-6;

/// The shares of the nearest that are found.
pub(super) struct Recall {
    pub(super) ours: f64,
    /// By the peers' graph as pgvector searches it, and as carefully as ours.
    pub(super) theirs: [f64; 2],
}

/// Asks every question of each graph, and of all passages.
pub(super) async fn measure(stage: &Stage) -> Outcome<Recall> {
    let all = by_sql(stage, "SET enable_indexscan = off").await?;
    let usual = by_sql(stage, "").await?;
    let careful = by_sql(stage, &format!("SET hnsw.ef_search = {CAREFUL}")).await?;
    Ok(Recall {
        ours: share(&all, &ours(stage).await?),
        theirs: [share(&all, &usual), share(&all, &careful)],
    })
}

/// How far the nearest lie from each question, by our search.
async fn ours(stage: &Stage) -> Outcome<Vec<Vec<f64>>> {
    let mut connection = stage.database.connection().await?;
    let snapshot = Snapshot::begin(&stage.database, &mut connection).await?;
    let mut found = Vec::with_capacity(stage.questions.len());
    for question in &stage.questions {
        let query = KnowledgeQuery::new(question.text.clone());
        let filter = Filter::of_knowledge(&query, None);
        let near = snapshot.nearest(&filter, None, &question.vector, FOUND);
        found.push(near.await?.iter().map(|near| 1.0 - near.cosine).collect());
    }
    snapshot.end().await?;
    Ok(found)
}

/// The same by the peers' table, after this setting.
async fn by_sql(stage: &Stage, setting: &str) -> Outcome<Vec<Vec<f64>>> {
    let nearest = format!(
        "SELECT embedding <=> $1 FROM peer_passages ORDER BY embedding <=> $1 LIMIT {FOUND}"
    );
    stage.client.batch_execute(setting).await?;
    let mut found = Vec::with_capacity(stage.questions.len());
    for question in &stage.questions {
        let vector = Vector::from(question.vector.as_slice().to_vec());
        let rows = stage.client.query(&nearest, &[&vector]).await?;
        found.push(rows.iter().map(|row| row.get(0)).collect());
    }
    stage.client.batch_execute("RESET ALL").await?;
    Ok(found)
}

/// How many of those found are as near as the last of the nearest.
fn share(all: &[Vec<f64>], found: &[Vec<f64>]) -> f64 {
    let near = all.iter().zip(found).map(|(all, found)| {
        let last = all.last().copied().unwrap_or_default();
        let near = found.iter().filter(|one| **one <= last + SAME);
        (near.count(), all.len())
    });
    let (near, all) = near.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let [near, all] = [near, all].map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    f64::from(near) / f64::from(all.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_farther_than_the_last_of_the_nearest_was_not_wanted() {
        let all = [vec![0.1, 0.2, 0.3], vec![0.1, 0.1, 0.1]];
        assert!((share(&all, &all) - 1.0).abs() < SAME);
        let found = [vec![0.1, 0.3, 0.4], vec![0.1, 0.1]];
        assert!((share(&all, &found) - 4.0 / 6.0).abs() < SAME);
    }
}
