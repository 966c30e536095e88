//! What waits: in the queues and in the database, and since when.

use std::collections::BTreeMap;

use jiff::Timestamp;
use maud::{Markup, html};
use shared::db::console::{QueueMinute, Waiting};

use super::{behind, empty, part, short, table, value};
use crate::chart::{Line, Picture, lines};
use crate::facts::Facts;
use crate::words::{ago, clock, count, counted, span};

pub(super) fn section(facts: &Facts) -> Markup {
    let inside = html! {
        (queues(facts))
        (table("What waits in the database", &["Work", "Waiting", "Oldest"], &rows(facts)))
    };
    part("backlog", "What is waiting", &inside)
}

/// The messages of all queues, minute by minute, and those that nobody could work on.
fn queues(facts: &Facts) -> Markup {
    let mut minutes: BTreeMap<Timestamp, (i64, i64)> = BTreeMap::new();
    for one in &facts.history.queues {
        let sums = minutes.entry(one.at).or_default();
        *sums = (sums.0 + one.waiting, sums.1 + one.dead);
    }
    let now = facts.queues();
    if now.is_empty() {
        return empty(
            "The queues were not looked at in the last five minutes: either none is configured, or the schedule of ops-console stands still.",
        );
    }
    let waiting: i64 = now.iter().map(|one| one.waiting).sum();
    let wait = facts
        .minutes()
        .iter()
        .map(|one| one.longest_wait_s)
        .fold(0.0, f64::max);
    let said = match waiting {
        0 => "Nothing waits in the queues.".to_owned(),
        some => format!("Waiting in the queues: {}.", counted(some, "message")),
    };
    let picture = Picture {
        id: "backlog-picture",
        title: "Messages in the queues, minute by minute",
        description: said.clone(),
        unit: short,
    };
    let names: Vec<_> = minutes.keys().copied().map(clock).collect();
    let line = |name, pick: fn(&(i64, i64)) -> i64| Line {
        name,
        values: minutes.values().map(|one| Some(value(pick(one)))).collect(),
    };
    let both = [
        line("waiting", |one| one.0),
        line("dead letters", |one| one.1),
    ];
    let row = |one: &&QueueMinute| vec![one.queue.clone(), count(one.waiting), count(one.dead)];
    let queues: Vec<_> = now.iter().map(row).collect();
    let row =
        |(at, sums): (&Timestamp, &(i64, i64))| vec![clock(*at), count(sums.0), count(sums.1)];
    let rows: Vec<_> = minutes.iter().rev().map(row).collect();
    html! {
        p { (said) " In the last hour, an event was on its way for " (span(wait)) " at most." }
        (lines(&picture, &names, &both))
        (behind("Messages in the queues by minute (UTC)", &["Minute", "Waiting", "Dead letters"], &rows))
        (table("The queues now", &["Queue", "Waiting", "Dead letters"], &queues))
    }
}

fn rows(facts: &Facts) -> Vec<Vec<String>> {
    let row = |one: &Waiting| {
        let oldest = one
            .oldest
            .map_or_else(|| "–".to_owned(), |at| ago(at, facts.now));
        vec![name(&one.what).to_owned(), count(one.count), oldest]
    };
    facts.waiting.iter().map(row).collect()
}

fn name(what: &str) -> &str {
    match what {
        "transcripts" => "Parts of transcripts for CXone",
        "orders" => "Orders of snippets",
        "callbacks" => "Callbacks",
        "knowledge_runs" => "Runs of the knowledge sync",
        "mirror" => "Documents for Elasticsearch",
        other => other,
    }
}
