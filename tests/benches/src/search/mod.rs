//! How fast a question finds articles, by both legs: through our search, and beside four ways of others over the very same passages.
//! And how well each of them finds what people mean.

mod corpus;
mod ours;
mod python;
mod quality;
mod report;
mod sql;
mod stage;
mod timing;
mod words;

use std::time::Duration;

use crate::bench::{Outcome, Size};
use crate::report::Report;
use python::Player;
use shared::db::Database;
use sql::Statement;
use stage::Stage;
use timing::Timing;

/// Numbers of a vector, as `MiniLM` makes them.
const DIMENSIONS: u16 = 384;
/// Passages that a question finds on the other sides; ours finds ten articles.
const FOUND: usize = 20;

/// How much there is to search, and how often it is searched.
#[derive(Clone, Copy)]
struct Counts {
    passages: usize,
    questions: usize,
    rounds: usize,
}

/// One way to answer all questions.
#[derive(Default)]
struct Times {
    ours: Timing,
    reference: Timing,
    langchain: Timing,
    all_words: Timing,
    any_word: Timing,
    /// The nearest passages by the graph alone.
    graph: Timing,
}

/// Answers every question on every side, again and again.
pub(crate) async fn run(size: Size) -> Outcome<Report> {
    let counts = Counts {
        passages: size.pick(2_000, 100_000, 100_000),
        questions: size.pick(20, 200, 500),
        rounds: size.pick(1, 5, 9),
    };
    let quality = quality::measure().await?;
    eprintln!(
        "{} passages are written, and indexed twice ...",
        counts.passages
    );
    let fill = async |database: &Database| {
        stage::store(database, corpus::articles(counts.passages)).await?;
        corpus::questions(counts)
    };
    let stage = Stage::set(fill).await?;
    let times = play(&stage, counts.rounds).await?;
    let report = report::report(counts, &stage, &times, &quality);
    stage.remove().await?;
    Ok(report)
}

async fn play(stage: &Stage, rounds: usize) -> Outcome<Times> {
    let mut reference = Player::start("search_reference.py", stage).await?;
    let mut langchain = Player::start("search_langchain.py", stage).await?;
    let mut times = Times::default();
    // The first round warms the caches of every side, and is not counted.
    for round in 0..=rounds {
        let mut now = Times::default();
        now.ours.add(ours::play(stage).await?);
        now.reference.add(durations(reference.play().await?));
        now.all_words
            .add(sql::play(stage, Statement::AllWords).await?);
        now.langchain.add(durations(langchain.play().await?));
        now.any_word
            .add(sql::play(stage, Statement::AnyWord).await?);
        now.graph
            .add(sql::play(stage, Statement::GraphAlone).await?);
        if round > 0 {
            times.ours.join(now.ours);
            times.reference.join(now.reference);
            times.langchain.join(now.langchain);
            times.all_words.join(now.all_words);
            times.any_word.join(now.any_word);
            times.graph.join(now.graph);
        }
    }
    Ok(times)
}

fn durations(answers: Vec<python::Answer>) -> Vec<Duration> {
    let times = answers.into_iter();
    times.map(|answer| answer.time()).collect()
}
