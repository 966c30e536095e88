//! `cargo local eval`: how well search finds what people mean, in a Postgres that is made for it and removed afterwards.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use evaluation::Outcome;
use evaluation::dataset::{Article, Flaw, Question, read_articles, read_questions};
use evaluation::library::{Library, Progress};
use evaluation::report::Report;
use evaluation::systems::measure;
use shared::db::{Database, DatabaseUrl};

use super::Interrupt;
use crate::cli::Eval;
use crate::console::{self, tell};
use crate::failure::{Failure, OrFail as _};
use crate::stack::ports::Ports;
use crate::stack::postgres::{self, Postgres};
use crate::stack::wheels::{Kit, Wheels};
use crate::stack::{claim, clear_leftovers, model};
use crate::workspace::{EVAL, Workspace};

const ADVICE: &str = "the causes say what to change; nothing is left behind";

pub(super) async fn run(workspace: &Workspace, flags: &Eval) -> Result<ExitCode, Failure> {
    if flags.json {
        console::leave_stdout_to_machines();
    }
    let mut interrupt = Interrupt::listen()?;
    let corpus = read(&flags.corpus, read_articles)?;
    let questions = read(&flags.queries, read_questions)?;
    let busy = || Failure::new("another `cargo local eval` is running", "wait for it");
    let _lock = claim(workspace, EVAL)?.ok_or_else(busy)?;
    clear_leftovers(&workspace.stack(EVAL)).await;
    // What one left behind that was killed is no empty database.
    postgres::forget(workspace, EVAL)?;
    let tools = Wheels::install(workspace, Kit::Tools).await?;
    let folder = model::prepare(workspace).await?;
    let database = Postgres::prepare(workspace, EVAL, &tools, Ports::free()?.postgres)?;
    let service = database.start().await?;
    let url = database.url();
    let report = tokio::select! {
        report = evaluate(&url, &folder, &corpus, &questions) => {
            report.or_fail("the evaluation came to nothing", ADVICE)
        }
        () = interrupt.wait() => Err(Failure::new("interrupted", "run it again when you like")),
    };
    service.stop(Duration::from_secs(15)).await;
    let _ = postgres::forget(workspace, EVAL);
    print(&report?, flags.json)?;
    Ok(ExitCode::SUCCESS)
}

fn read<T>(path: &Path, lines: fn(&str) -> Result<Vec<T>, Flaw>) -> Result<Vec<T>, Failure> {
    let what = || format!("cannot use {}", path.display());
    let advice = "`cargo local eval --help` says what a line holds";
    let text = std::fs::read_to_string(path).or_fail(what(), advice)?;
    let read = lines(&text).or_fail(what(), advice)?;
    if read.is_empty() {
        return Err(Failure::new(format!("{} is empty", path.display()), advice));
    }
    Ok(read)
}

async fn evaluate(
    url: &str,
    model: &Path,
    corpus: &[Article],
    questions: &[Question],
) -> Outcome<Report> {
    let database = Database::new(url.parse::<DatabaseUrl>()?, None)?;
    let (all, since) = (corpus.len(), Instant::now());
    tell(format_args!(
        "… {all} articles are cut, embedded and stored"
    ));
    let progress = |Progress { articles, passages }| {
        let rate =
            f64::from(u32::try_from(passages).unwrap_or(u32::MAX)) / since.elapsed().as_secs_f64();
        tell(format_args!(
            "  {articles} of {all} articles, {passages} passages, {rate:.0} a second"
        ));
    };
    let library = Library::load(database, model, corpus, progress).await?;
    tell(format_args!("… {} questions are asked", questions.len()));
    measure(&library, questions).await
}

fn print(report: &Report, json: bool) -> Result<(), Failure> {
    if json {
        let text = serde_json::to_string_pretty(report);
        say!(
            "{}",
            text.or_fail("the result is no JSON", "report this; it should not happen")?
        );
    } else {
        say!("\n{report}");
    }
    Ok(())
}
