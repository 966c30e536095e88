//! What one statement of SQL can do: vectors and Postgres' own text search, fused by places. Prepared once, with vectors in binary, on a
//! connection that stays open: nothing of Python is in these figures.

use std::time::{Duration, Instant};

use pgvector::Vector;
use shared::domain::ArticleId;

use super::FOUND;
use super::stage::Stage;
use crate::bench::Outcome;

/// Which statement.
#[derive(Debug, Clone, Copy)]
pub(super) enum Statement {
    /// A passage must have all words of the question, as in the example of pgvector.
    AllWords,
    /// One of them is enough.
    AnyWord,
    /// The nearest passages, and no words.
    GraphAlone,
}

impl Statement {
    fn text(self) -> String {
        let words = match self {
            Self::AllWords => "plainto_tsquery('english', $2)",
            Self::AnyWord => "replace(plainto_tsquery('english', $2)::text, '&', '|')::tsquery",
            Self::GraphAlone => {
                return format!(
                    "SELECT langchain_metadata->>'passage', content FROM peer_passages
                    WHERE $2::text IS NOT NULL ORDER BY embedding <=> $1 LIMIT {FOUND}"
                );
            }
        };
        format!(
            "WITH near AS (
                SELECT id, row_number() OVER (ORDER BY distance) AS place FROM (
                    SELECT langchain_id AS id, embedding <=> $1 AS distance FROM peer_passages ORDER BY embedding <=> $1 LIMIT {FOUND}) n),
            said AS (
                SELECT id, row_number() OVER (ORDER BY rank DESC) AS place FROM (
                    SELECT langchain_id AS id, ts_rank_cd(content_tsv, words) AS rank FROM peer_passages, (SELECT {words} AS words) q
                    WHERE content_tsv @@ words ORDER BY rank DESC LIMIT {FOUND}) s)
            SELECT p.langchain_metadata->>'passage', p.content
            FROM near FULL JOIN said USING (id) JOIN peer_passages p ON p.langchain_id = id
            ORDER BY coalesce(1.0 / (60 + near.place), 0) + coalesce(1.0 / (60 + said.place), 0) DESC LIMIT {FOUND}"
        )
    }
}

/// What every question takes.
pub(super) async fn play(stage: &Stage, statement: Statement) -> Outcome<Vec<Duration>> {
    let answers = answer(stage, statement).await?;
    Ok(answers.into_iter().map(|(time, _)| time).collect())
}

/// What every question took and found: the articles of its passages, in order, with repeats.
pub(super) async fn answer(
    stage: &Stage,
    statement: Statement,
) -> Outcome<Vec<(Duration, Vec<ArticleId>)>> {
    let prepared = stage.client.prepare(&statement.text()).await?;
    let mut answers = Vec::with_capacity(stage.questions.len());
    for question in &stage.questions {
        let vector = Vector::from(question.vector.as_slice().to_vec());
        let started = Instant::now();
        let text = question.text.as_str();
        let rows = stage.client.query(&prepared, &[&vector, &text]).await?;
        let time = started.elapsed();
        let found = rows
            .iter()
            .map(|row| Ok(ArticleId::parse(row.get::<_, String>(0))?));
        answers.push((time, found.collect::<Outcome<Vec<_>>>()?));
    }
    Ok(answers)
}
