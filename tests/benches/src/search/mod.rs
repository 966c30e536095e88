//! How fast a question finds articles, by both legs: through our search, and beside four ways of others over the very same passages.
//! And how well each of them finds what people mean.

mod corpus;
mod ours;
mod python;
mod quality;
mod recall;
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
/// Candidates with which a graph is searched as carefully as ours of so many passages.
const CAREFUL: u16 = 200;

/// How much there is to search, and how often it is searched.
#[derive(Clone, Copy)]
struct Counts {
    passages: usize,
    questions: usize,
    rounds: usize,
}

/// The peers in Python.
struct Peers {
    reference: Player,
    langchain: Player,
    careful_langchain: Player,
}

/// What each side took.
#[derive(Default)]
struct Times {
    ours: Timing,
    reference: Timing,
    langchain: Timing,
    careful_langchain: Timing,
    all_words: Timing,
    any_word: Timing,
    /// The nearest passages by the graph alone.
    graph: Timing,
}

/// Answers every question on every side, again and again. One thread asks and reads, as in the function that is released: between several,
/// every answer of the database would change hands.
pub(crate) async fn run(size: Size) -> Outcome<Report> {
    let alone = move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build()?.block_on(contest(size))
    };
    tokio::task::spawn_blocking(alone).await?
}

async fn contest(size: Size) -> Outcome<Report> {
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
    let recall = recall::measure(&stage).await?;
    let report = report::report(counts, &stage, &times, &quality, &recall);
    stage.remove().await?;
    Ok(report)
}

async fn play(stage: &Stage, rounds: usize) -> Outcome<Times> {
    let mut peers = Peers {
        reference: Player::start("search_reference.py", stage, None).await?,
        langchain: Player::start("search_langchain.py", stage, None).await?,
        careful_langchain: Player::start("search_langchain.py", stage, Some(CAREFUL)).await?,
    };
    // The first round warms the caches of every side.
    round(stage, &mut peers, &mut Times::default()).await?;
    let mut times = Times::default();
    for _ in 0..rounds {
        round(stage, &mut peers, &mut times).await?;
    }
    Ok(times)
}

async fn round(stage: &Stage, peers: &mut Peers, times: &mut Times) -> Outcome<()> {
    times.ours.add(ours::play(stage).await?);
    let reference = peers.reference.play().await?;
    times.reference.add(durations(reference));
    let all_words = sql::play(stage, Statement::AllWords).await?;
    times.all_words.add(all_words);
    let langchain = peers.langchain.play().await?;
    times.langchain.add(durations(langchain));
    let careful = peers.careful_langchain.play().await?;
    times.careful_langchain.add(durations(careful));
    let any_word = sql::play(stage, Statement::AnyWord).await?;
    times.any_word.add(any_word);
    let graph = sql::play(stage, Statement::GraphAlone).await?;
    times.graph.add(graph);
    Ok(())
}

fn durations(answers: Vec<python::Answer>) -> Vec<Duration> {
    let times = answers.into_iter();
    times.map(|answer| answer.time()).collect()
}
