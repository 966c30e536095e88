//! Our side: the search of the product, in this process, with the vector given.

use std::time::{Duration, Instant};

use evaluation::systems::{ask, usual_settings};
use shared::domain::ArticleId;
use shared::domain::query::KnowledgeQuery;

use super::stage::Stage;
use crate::bench::Outcome;

/// Answers every question as the API would whoever asks for nothing else: ten articles.
pub(super) async fn play(stage: &Stage) -> Outcome<Vec<Duration>> {
    let answers = answer(stage).await?;
    Ok(answers.into_iter().map(|(time, _)| time).collect())
}

/// What every question took and found.
pub(super) async fn answer(stage: &Stage) -> Outcome<Vec<(Duration, Vec<ArticleId>)>> {
    let settings = usual_settings()?;
    let mut answers = Vec::with_capacity(stage.questions.len());
    for question in &stage.questions {
        let started = Instant::now();
        let query = KnowledgeQuery::new(question.text.clone());
        let found = ask(&stage.database, &settings, &query, &question.vector).await?;
        let time = started.elapsed();
        if found.is_empty() {
            return Err(format!("our search found nothing for {:?}", question.text).into());
        }
        answers.push((time, found));
    }
    Ok(answers)
}
