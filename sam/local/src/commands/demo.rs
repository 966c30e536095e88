//! `cargo local demo`: the main job, as far as it exists, on sample data.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::Value;

use super::Interrupt;
use super::desk::Desk;
use super::knowledge::report::Report;
use super::knowledge::runs::{Accepted, Runs};
use super::memory::Memory;
use super::orders::Orders;
use super::questions::Questions;
use super::sample::{ADVICE, conversation, conversations};
use super::sender::{STANDARD, Sender};
use super::status::{running, show};
use super::up::start;
use crate::cli::Up;
use crate::console::{Ink, paint, table};
use crate::failure::{Failure, OrFail as _};
use crate::stack::state::Status;
use crate::workspace::Workspace;

/// A call that is one question.
const CALL: [(&str, &str); 3] = [
    ("agent", "Good morning, what can I do for you?"),
    ("customer", "Hello. We had a thunderstorm last night."),
    (
        "customer",
        "Now my Fjord Router shows an error code, what does it mean?",
    ),
];
/// Between two sentences.
const PAUSE: Duration = Duration::from_millis(700);
/// So long a card may take, with a model that was never asked before.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn run(workspace: &Workspace, flags: &Up) -> Result<ExitCode, Failure> {
    if let Ok(status) = running(workspace) {
        return play(&status).await.map(|()| ExitCode::SUCCESS);
    }
    let mut interrupt = Interrupt::listen()?;
    let Some((stack, _lock)) = start(workspace, flags, &mut interrupt).await? else {
        return Err(Failure::new(
            "another `cargo local` is just starting",
            "wait for it, then try again",
        ));
    };
    let played = match stack.status() {
        Some(status) => {
            show(status);
            tokio::select! {
                played = play(status) => played,
                () = interrupt.wait() => Err(Failure::new("interrupted", "run it again when you like")),
            }
        }
        None => Ok(()),
    };
    stack.stop().await;
    played.map(|()| ExitCode::SUCCESS)
}

async fn play(status: &Status) -> Result<(), Failure> {
    let now = Timestamp::now();
    let webhook = &status.webhook;
    let sender = Sender::to_local(&webhook.url, STANDARD, &webhook.standard_webhooks_secret)?;
    title(
        "1. Two conversations end, and CXone sends them, signed; one of them twice, as it does after a timeout",
    );
    let conversations = conversations(now);
    let again = conversations.iter().take(1);
    let mut ids = Vec::new();
    for (name, body) in conversations.iter().chain(again) {
        ids.extend(body["conversationId"].as_str().map(str::to_owned));
        let body = body.to_string();
        let headers = sender.sign(body.as_bytes(), now)?;
        let answer = post(&sender, body, &headers, 202).await?;
        let receipt = answer["receipt_id"].as_str().unwrap_or("-");
        say!("   {name}: 202, receipt {receipt}");
    }
    title(
        "2. They wait in a queue; conversation-embedder maps, tags and embeds them, and each is stored once",
    );
    let memory = Memory::open(&status.database_url).await?;
    memory.wait_for(&ids[..conversations.len()]).await?;
    for row in memory.rows(&ids).await? {
        say!("   {row}");
    }
    title("3. Somebody changes a word on the way: the signature does not fit any more");
    let body = conversation(now, "forged", "Refund", "I send you 10 euros.", "Thanks.").to_string();
    let headers = sender.sign(body.as_bytes(), now)?;
    let changed = body.replace("10 euros", "9,000 euros");
    post(&sender, changed, &headers, 401).await?;
    say!("   401, and nothing was queued");
    refresh(status, &memory).await
}

/// The articles of the simulated CXone come into Postgres.
async fn refresh(status: &Status, memory: &Memory) -> Result<(), Failure> {
    title("4. Somebody asks for the knowledge base to be synced now, and follows the run");
    let runs = Runs::of(status)?;
    let accepted = runs.request().await?;
    let Accepted {
        run_id,
        kind,
        status_url,
    } = accepted;
    say!("   202, {kind} run {run_id}; GET {status_url}");
    let mut listed = None;
    let look = |report: &Report| {
        let now = report.counts.get("listed").copied();
        if now != listed {
            listed = now;
            say!(
                "   {}: {} articles listed",
                report.state,
                now.unwrap_or_default()
            );
        }
    };
    runs.follow(&run_id, look).await?;
    let report = runs.read(&run_id).await?;
    let counts = report.counts.iter().filter(|(_, count)| **count > 0);
    let rows: Vec<_> = counts
        .map(|(name, count)| (name.as_str(), count.to_string()))
        .collect();
    table(&rows);
    let (sums, lines) = memory.knowledge().await?;
    say!("   {}; now there are {sums}, for example:", report.state);
    for line in lines {
        say!("   {line}");
    }
    say!("   `cargo local knowledge` has the whole report.");
    search(status).await
}

/// A question, to articles and to conversations.
async fn search(status: &Status) -> Result<(), Failure> {
    let questions = Questions::of(status)?;
    title("5. Somebody asks what there is about a router that blinks");
    for place in ["knowledge", "conversations"] {
        let question = "the router blinks red, what can I do?";
        let answer = questions.ask(place, question).await?;
        say!("   POST /search/{place}");
        for line in answer.lines() {
            say!("   {line}");
        }
    }
    order(status).await
}

/// Snippets for an agent, in the order of their scores, and a click.
async fn order(status: &Status) -> Result<(), Failure> {
    title(
        "6. Snippets for an agent are ordered by their scores and boosts; the agent clicks the first",
    );
    let session = format!("demo-{}", Timestamp::now().as_millisecond());
    let orders = Orders::of(status, &session)?;
    let snippets = [
        ("red-light", 0.71, 1.0),
        ("new-router", 0.64, 1.0),
        ("reset", 0.68, 1.2),
    ];
    for line in orders.rank(&snippets).await? {
        say!("   {line}");
    }
    orders.click("reset").await?;
    say!("   clicked: reset, in place 1");
    listen(status).await
}

/// A call, and the card that comes while the customer speaks.
async fn listen(status: &Status) -> Result<(), Failure> {
    title("7. A customer calls; assist listens, and shows the agent an article");
    let name = format!("demo-{}", Timestamp::now().as_millisecond());
    let mut desk = Desk::of(status, name)?;
    desk.wait_for_a_listener().await?;
    for (speaker, text) in CALL {
        say!("   {speaker:8}  {text}");
        desk.say(speaker, text).await?;
        desk.watch(Instant::now() + PAUSE).await?;
    }
    let until = Instant::now() + PATIENCE;
    while desk.cards() == 0 && Instant::now() < until {
        desk.watch(Instant::now() + PAUSE).await?;
    }
    desk.hang_up().await?;
    if desk.cards() == 0 {
        return Err(Failure::new("no card came", ADVICE));
    }
    say!("\n   `cargo local play tests/data/calls/05-lost-phone.json` plays a whole call.\n");
    Ok(())
}

fn title(text: &str) {
    say!("\n{}", paint(Ink::Bold, text));
}

/// Posts a body; any other answer than the expected one ends the demo.
async fn post(
    sender: &Sender,
    body: String,
    headers: &[(String, String)],
    wanted: u16,
) -> Result<Value, Failure> {
    let answer = sender.send(body, headers).await;
    let answer = answer.or_fail("the webhook cannot be reached", ADVICE)?;
    let (code, body) = (answer.code, answer.body);
    if code == wanted {
        Ok(body)
    } else {
        Err(Failure::new(
            format!("the webhook answered {code} instead of {wanted}: {body}"),
            ADVICE,
        ))
    }
}
