//! How well each side finds what people mean: the gate half of our labelled set, with the real model.

use std::collections::HashSet;
use std::path::PathBuf;

use evaluation::dataset::{Question, read_articles, read_questions};
use evaluation::library::Library;
use evaluation::metrics::Scores;
use evaluation::own;
use evaluation::systems::embed;
use shared::db::Database;
use shared::domain::{ArticleId, Embedding};
use shared::testing;

use super::ours;
use super::python::Player;
use super::sql::{self, Statement};
use super::stage::{Asked, Stage};
use crate::bench::Outcome;

/// nDCG@10 of each side.
pub(super) struct Quality {
    pub(super) ours: f64,
    pub(super) reference: f64,
    pub(super) langchain: f64,
    pub(super) all_words: f64,
    pub(super) any_word: f64,
    pub(super) questions: usize,
}

/// Asks every side the same.
pub(super) async fn measure() -> Outcome<Quality> {
    let stage = Stage::set(fill).await?;
    let ndcg = |found| mean(&stage.questions, found);
    let by_sql = async |statement| -> Outcome<f64> {
        let answers = sql::answer(&stage, statement).await?.into_iter();
        Ok(ndcg(answers.map(|(_, found)| found).collect()))
    };
    let by_python = async |script| -> Outcome<f64> {
        let answers = Player::start(script, &stage, None).await?.play().await?;
        Ok(ndcg(answers.into_iter().map(|one| one.found).collect()))
    };
    let ours = ours::answer(&stage).await?.into_iter();
    let quality = Quality {
        ours: ndcg(ours.map(|(_, found)| found).collect()),
        reference: by_python("search_reference.py").await?,
        langchain: by_python("search_langchain.py").await?,
        all_words: by_sql(Statement::AllWords).await?,
        any_word: by_sql(Statement::AnyWord).await?,
        questions: stage.questions.len(),
    };
    stage.remove().await?;
    Ok(quality)
}

/// Our own articles, cut and embedded as the product does it.
async fn fill(database: &Database) -> Outcome<Vec<Asked>> {
    let missing = "LOCAL_MODEL_DIR names no model; `cargo local bench` sets it";
    let model = PathBuf::from(testing::setting("LOCAL_MODEL_DIR").ok_or(missing)?);
    let corpus = read_articles(own::CORPUS)?;
    let library = Library::load(database.clone(), &model, &corpus, |_| {}).await?;
    let questions = read_questions(own::GATE)?;
    let vectors = embed(&library, &questions).await?;
    let asked = |(question, vector): (Question, Embedding)| Asked {
        text: question.text,
        vector,
        relevant: question.relevant,
    };
    Ok(questions.into_iter().zip(vectors).map(asked).collect())
}

/// The mean nDCG@10. An article counts where its first passage stands.
fn mean(questions: &[Asked], found: Vec<Vec<ArticleId>>) -> f64 {
    let scores = questions
        .iter()
        .zip(found)
        .filter_map(|(question, mut articles)| {
            let mut known = HashSet::new();
            articles.retain(|article| known.insert(article.clone()));
            Scores::of(&articles, &question.relevant)
        });
    Scores::mean(&scores.collect::<Vec<_>>()).ndcg
}
