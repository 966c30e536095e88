//! The ways to rank, and what each of them answers.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Serialize;
use shared::config::Env;
use shared::db::Database;
use shared::db::search::Snapshot;
use shared::domain::query::{Fusion, KnowledgeQuery, Limit, Weights};
use shared::domain::{ArticleId, Embedding, Score};
use shared::embedding::Failure;
use shared::retrieval::{Settings, search_knowledge};

use crate::Outcome;
use crate::dataset::Question;
use crate::library::{LONG, Library};
use crate::metrics::Scores;
use crate::report::{Report, milliseconds_each};

/// Results of one question: more than any number here looks at.
const DEPTH: u64 = 50;

/// A way to rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum System {
    /// By vectors alone.
    Vector,
    /// By words alone.
    Bm25,
    /// By the weighted sum of both, as search does unless it is told otherwise.
    Weighted,
    /// By the places in both.
    Rrf,
}

impl System {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Vector, Self::Bm25, Self::Weighted, Self::Rrf];

    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vector => "vector",
            Self::Bm25 => "bm25",
            Self::Weighted => "weighted",
            Self::Rrf => "rrf",
        }
    }

    /// The question as a caller of the API would put it. Near duplicates stay: they were judged one by one.
    pub fn query(self, question: &Question) -> Outcome<KnowledgeQuery> {
        let mut query = KnowledgeQuery::new(question.text.clone());
        let options = &mut query.options;
        options.limit = Limit::parse(DEPTH)?;
        options.collapse = false;
        options.fusion = Some(match self {
            Self::Vector | Self::Bm25 | Self::Weighted => Fusion::Weighted,
            Self::Rrf => Fusion::ReciprocalRank,
        });
        options.weights = match self {
            Self::Vector => Some(Weights::parse(1.0, 0.0)?),
            Self::Bm25 => Some(Weights::parse(0.0, 1.0)?),
            Self::Weighted | Self::Rrf => None,
        };
        Ok(query)
    }
}

/// Asks every question in every way, and measures the answers.
pub async fn measure(library: &Library, questions: &[Question]) -> Outcome<Report> {
    let vectors = embed(library, questions).await?;
    let settings = usual_settings()?;
    let (mut scores, mut without_answer) = (BTreeMap::<_, Vec<_>>::new(), 0);
    let mut time = Duration::ZERO;
    for (question, vector) in questions.iter().zip(&vectors) {
        for system in System::ALL {
            let since = Instant::now();
            let ranking = ask(
                &library.database,
                &settings,
                &system.query(question)?,
                vector,
            )
            .await?;
            time += since.elapsed();
            match Scores::of(&ranking, &question.relevant) {
                Some(one) => scores.entry(system).or_default().push(one),
                None => without_answer += 1,
            }
        }
    }
    let means = scores.into_iter();
    Ok(Report {
        articles: library.articles,
        passages: library.passages,
        questions: questions.len(),
        without_answer: without_answer / System::ALL.len(),
        milliseconds_per_search: milliseconds_each(time, questions.len() * System::ALL.len()),
        systems: means
            .map(|(system, all)| (system, Scores::mean(&all)))
            .collect(),
    })
}

/// How search ranks where nothing is configured.
pub fn usual_settings() -> Outcome<Settings> {
    let env = Env::from_pairs(std::iter::empty::<(&str, &str)>());
    let mut read = env.reader();
    let settings = Settings::read(&mut read);
    Ok(read.build(|| settings)?)
}

/// What a question finds, best first, if its vector is known. What scores nothing was not found.
pub async fn ask(
    database: &Database,
    settings: &Settings,
    query: &KnowledgeQuery,
    vector: &Embedding,
) -> Outcome<Vec<ArticleId>> {
    let mut connection = database.connection().await?;
    let snapshot = Snapshot::begin(database, &mut connection).await?;
    let answer = search_knowledge(&snapshot, settings, query, Some(vector)).await?;
    snapshot.end().await?;
    let found = answer.results.into_iter();
    let found = found.filter(|result| result.score > Score::ZERO);
    Ok(found.map(|result| result.article_id).collect())
}

/// The vectors of the questions, by the model of the articles.
pub async fn embed(library: &Library, questions: &[Question]) -> Outcome<Vec<Embedding>> {
    let texts = questions
        .iter()
        .map(|question| library.embedder.counted(question.text.as_str()));
    let texts: Vec<_> = texts.collect();
    let outcomes = library
        .embedder
        .embed(&texts, tokio::time::Instant::now() + LONG)
        .await;
    let vector = |(question, outcome): (&Question, Result<Embedding, Failure>)| {
        outcome.map_err(|failure| match failure {
            Failure::Refused(why) => {
                format!("the model refuses the question {}: {why}", question.id).into()
            }
            Failure::Failed(error) => error.into(),
        })
    };
    questions.iter().zip(outcomes).map(vector).collect()
}
