//! `cargo local play`: a recorded call is spoken into the running stack, and the agent's cards are shown as they come.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use evaluation::calls::{Call, Speaker, Turn, read_call};
use evaluation::dataset::{Article, read_articles};
use evaluation::library::to_html;
use evaluation::own;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::desk::Desk;
use super::knowledge::runs::Runs;
use super::memory::Memory;
use super::sample::ADVICE;
use super::status::running;
use crate::cli::Play;
use crate::console::{Ink, Step, paint};
use crate::failure::{Failure, OrFail as _};
use crate::stack::state::Status;
use crate::workspace::Workspace;

/// So long after the last word a card may still come.
const AFTERWARDS: Duration = Duration::from_secs(3);

pub(super) async fn run(workspace: &Workspace, flags: &Play) -> Result<ExitCode, Failure> {
    let status = running(workspace)?;
    let call = read(&flags.file)?;
    let name = format!("{}-{}", call.id, Timestamp::now().as_millisecond());
    let mut desk = Desk::of(&status, name)?;
    stock(&status, &desk).await?;
    desk.wait_for_a_listener().await?;
    say!("\n{}", paint(Ink::Bold, &call.title));
    play(&mut desk, &call, flags.speed).await?;
    say!(
        "\n{} cards; the call was played at {} times its speed.",
        desk.cards(),
        flags.speed
    );
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> Result<Call, Failure> {
    let what = || format!("{} is no recorded call", path.display());
    let advice = "tests/data/calls has some, and its README says how they are written";
    let text = std::fs::read_to_string(path).or_fail(what(), advice)?;
    read_call(&text).or_fail(what(), advice)
}

/// Speaks the turns word by word, in their time.
async fn play(desk: &mut Desk, call: &Call, speed: f64) -> Result<(), Failure> {
    let begun = Instant::now();
    let mut since = 0;
    for turn in &call.turns {
        let speaker = match turn.speaker {
            Speaker::Customer => "customer",
            Speaker::Agent => "agent",
        };
        say!("{}  {speaker:8}  {}", clock(since), turn.text);
        for (at_ms, word) in timed(turn, since) {
            let at = Duration::from_millis(at_ms).div_f64(speed);
            desk.watch(begun + at).await?;
            desk.say(speaker, word).await?;
        }
        since = turn.at_ms;
    }
    desk.watch(Instant::now() + AFTERWARDS).await?;
    desk.hang_up().await
}

/// The words of a turn, spread evenly up to its end.
fn timed(turn: &Turn, since: u64) -> impl Iterator<Item = (u64, &str)> {
    let words: Vec<_> = turn.text.split_whitespace().collect();
    let count = u64::try_from(words.len()).unwrap_or(u64::MAX).max(1);
    let time = turn.at_ms.saturating_sub(since);
    (1..)
        .zip(words)
        .map(move |(nth, word): (u64, _)| (since + time * nth / count, word))
}

fn clock(ms: u64) -> String {
    format!("{:02}:{:02}", ms / 60_000, ms / 1_000 % 60)
}

/// Sees to it that the articles of the recorded calls' company are there.
async fn stock(status: &Status, desk: &Desk) -> Result<(), Failure> {
    let articles = read_articles(own::CORPUS).or_fail("the articles cannot be read", ADVICE)?;
    let ids: Vec<_> = articles.iter().map(|one| one.id.to_string()).collect();
    let memory = Memory::open(&status.database_url).await?;
    if memory.has_articles(&ids).await? {
        return Ok(());
    }
    let what = format!(
        "The {} articles that the recorded calls are about, synced once",
        ids.len()
    );
    let step = Step::begin(what);
    let now = Timestamp::now();
    let edits: Vec<_> = articles.iter().map(|one| put(one, now)).collect();
    desk.edit_articles(&edits).await?;
    let runs = Runs::of(status)?;
    let accepted = runs.request().await?;
    runs.follow(&accepted.run_id, |_| {}).await?;
    if !memory.has_articles(&ids).await? {
        let what = "the knowledge sync left some of the articles out";
        return Err(Failure::new(what, "`cargo local knowledge` says why"));
    }
    step.done("there");
    Ok(())
}

/// The article as an editor of CXone saves it.
fn put(article: &Article, now: Timestamp) -> Value {
    let text = json!({ "title": article.title, "content": to_html(&article.text) });
    let article = json!({
        "uuid": article.id, "locales": BTreeMap::from([("en-US", text)]), "modifiedDate": now, "version": 1, "territory": "US",
        "categoryUuid": "recorded-calls", "status": "published",
    });
    json!({ "kind": "put", "article": article })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_spread_up_to_the_end_of_their_turn() {
        let turn = |text: &str| Turn {
            at_ms: 5_000,
            speaker: Speaker::Agent,
            text: text.to_owned(),
            expect: Vec::new(),
            why: None,
        };
        let one = turn("one two  three four");
        let times: Vec<_> = timed(&one, 1_000).collect();
        let expected = [
            (2_000, "one"),
            (3_000, "two"),
            (4_000, "three"),
            (5_000, "four"),
        ];
        assert_eq!(times, expected);
        assert_eq!(timed(&turn(""), 1_000).count(), 0);
        assert_eq!((clock(0), clock(125_900)), ("00:00".into(), "02:05".into()));
    }
}
