//! What can fail, and what to do then.

use jiff::SignedDuration;
use shared::db::console::QueueMinute;

use super::Problem;
use crate::facts::Facts;
use crate::words::{ago, count};

/// Older figures are told to be old. An open transaction holds the count back for a quarter of an hour at most.
const STALE: SignedDuration = SignedDuration::from_mins(20);
/// The knowledge sync runs every few minutes.
const OLD_KNOWLEDGE: SignedDuration = SignedDuration::from_hours(3);

/// The count itself stands still.
pub(super) fn counting(facts: &Facts) -> Vec<Problem> {
    let counted = facts.history.counted_until;
    let is_stale = counted.is_none_or(|at| at.duration_until(facts.now) > STALE);
    let what = counted.map_or_else(
        || "This page was never counted".to_owned(),
        |at| format!("The figures of this page end {}", ago(at, facts.now)),
    );
    let remedy = "Look whether the schedule of ops-console runs, and read its log; what is missing is counted later.";
    problem_list([is_stale.then_some((what, remedy))])
}

/// Messages that no function could work on.
pub(super) fn queues(facts: &Facts) -> Vec<Problem> {
    let dead = facts.queues().into_iter().filter(|one| one.dead > 0);
    let problem = |one: &QueueMinute| Problem {
        what: format!(
            "Dead letters of the queue {}: {}",
            one.queue,
            count(one.dead)
        ),
        remedy: dead_remedy(&one.queue, facts.is_deployed),
    };
    dead.map(problem).collect()
}

/// As the run book says: what only wakes stands in the database, and what was said live is too old for a card when it comes again.
fn dead_remedy(queue: &str, is_deployed: bool) -> String {
    let place = if is_deployed { " --aws" } else { "" };
    let look =
        format!("Look at them with `cargo local dlq show {queue}{place}`, mend the reason, then");
    match queue {
        "segments" | "knowledge" => format!(
            "{look} purge them: they only wake, and what they are about stands in the database."
        ),
        "interactions" => format!("{look} purge them: they are older than any card may be."),
        _ => format!("{look} `cargo local dlq retry {queue}{place}`."),
    }
}

/// Knowledge is old, or not as in CXone.
pub(super) fn knowledge(facts: &Facts) -> Vec<Problem> {
    let (knowledge, failures) = (&facts.knowledge, &facts.failures);
    let old = knowledge
        .fresh_until
        .filter(|at| at.duration_until(facts.now) > OLD_KNOWLEDGE);
    let old = old.map(|at| {
        let what = format!(
            "Knowledge was last in step with CXone {}",
            ago(at, facts.now)
        );
        let remedy = "Read the log of knowledge-sync: its last line with an error says why runs do not end well.";
        (what, remedy)
    });
    let articles = knowledge.runs.first().map_or(0, |run| run.failed);
    problem_list([
        old,
        of(
            failures.failed_runs,
            "Failed runs of the knowledge sync",
            if facts.is_deployed {
                "Their report says why: GET /knowledge/runs/{id}, with the run.id from the log of knowledge-sync."
            } else {
                "Their report says why: `cargo local knowledge`."
            },
        ),
        of(
            failures.held_runs,
            "Runs that would have removed too many articles",
            "If CXone really removed them, ask for one with full_sync=true&accept_removals=true; if not, nothing was lost.",
        ),
        of(
            articles,
            "Articles that the last run could not take over",
            "The report of the run names them and says why.",
        ),
        of(
            knowledge.conflicts,
            "Articles that contradict CXone's",
            "The report of a run shows both sides; KNOWLEDGE_CONFLICTS says who wins.",
        ),
        of(
            knowledge.broken_links,
            "Broken links in articles",
            "The report of a run names them with their articles; authors mend them in CXone.",
        ),
    ])
}

/// Texts without a vector.
pub(super) fn models(facts: &Facts) -> Vec<Problem> {
    let (mut refused, mut failed) = (0, 0);
    for hour in &facts.history.embeddings {
        refused += hour.refused;
        failed += hour.failed;
    }
    problem_list([
        of(
            failed,
            "Texts without an answer of the model for now",
            "They are tried again by themselves. If it goes on: the service's status, its limits, its key.",
        ),
        of(
            refused,
            "Texts that the model never takes",
            "They are stored, and found by their words alone. Shorter pieces (CHUNK_TOKENS) may help.",
        ),
    ])
}

/// Parts of transcripts that CXone does not have: each is a post of its own.
pub(super) fn transcripts(facts: &Facts) -> Vec<Problem> {
    let of_state = |state: &str| {
        let found = facts.transcripts.iter().find(|one| one.state == state);
        found.map_or(0, |one| one.count)
    };
    let mut problems = problem_list([
        of(
            of_state("refused"),
            "Parts of transcripts that CXone refused",
            "GET /transcripts/{id} says the reason; hand in a mended one under another key.",
        ),
        of(
            of_state("dead"),
            "Parts of transcripts that were given up",
            "Mend the reason, then invoke transcript-injector with the task requeue.",
        ),
        of(
            of_state("outcome_unknown"),
            "Parts of transcripts of which nobody knows whether CXone has them",
            "Look in CXone; if it is not there, invoke transcript-injector with the task requeue.",
        ),
    ]);
    if let Some(trouble) = &facts.failures.injection_trouble {
        problems.insert(
            0,
            Problem {
                what: "No transcript is sent".to_owned(),
                remedy: trouble.clone(),
            },
        );
    }
    problems
}

/// Orders, callbacks and copies that others do not take.
pub(super) fn outbound(facts: &Facts) -> Vec<Problem> {
    let orders = |state: &str| {
        let found = facts
            .history
            .orders
            .iter()
            .find(|(known, _)| known == state);
        found.map_or(0, |(_, orders)| *orders)
    };
    problem_list([
        of(
            orders("failed"),
            "Orders of snippets that CXone refused",
            "Whoever asked was told why (502); read the log of snippet-ranker.",
        ),
        of(
            orders("locked"),
            "Orders of snippets for sessions that stayed locked",
            "Another program holds these sessions at CXone for longer than a caller waits.",
        ),
        of(
            orders("unknown"),
            "Orders of snippets that were not confirmed in time",
            "They are posted again each minute, unless a newer one took their place.",
        ),
        of(
            facts.failures.dead_callbacks,
            "Callbacks that are tried no more",
            "Ask whoever runs the addresses; GET the state of what was done instead.",
        ),
        of(
            facts.failures.mirror_aside,
            "Documents that Elasticsearch does not take",
            "The log of knowledge-sync says why; they are tried again when they change.",
        ),
    ])
}

type Found = (String, &'static str);

fn of(number: i64, what: &str, remedy: &'static str) -> Option<Found> {
    (number > 0).then(|| (format!("{what}: {}", count(number)), remedy))
}

fn problem_list(found: impl IntoIterator<Item = Option<Found>>) -> Vec<Problem> {
    let found = found.into_iter().flatten();
    let problem = |(what, remedy): Found| Problem {
        what,
        remedy: remedy.to_owned(),
    };
    found.map(problem).collect()
}
