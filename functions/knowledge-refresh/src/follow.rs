//! The use case: how far a run is, what it did, and what waits for a person.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use shared::db::knowledge_changes::{self, Line};
use shared::db::knowledge_conflicts::{self, Conflict};
use shared::db::knowledge_links::{self, BrokenLinks};
use shared::db::knowledge_runs::{self, Run};
use shared::domain::{RunId, RunKind, RunState};
use shared::error::Error;
use shared::http::Query;

use crate::app::App;

/// Lines of one kind in one answer.
const PAGE: u16 = 100;

/// Which page of which run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    run: RunId,
    after: Option<i64>,
    conflicts_after: Option<i64>,
}

/// A run as it is told.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = RunReport))]
pub(crate) struct Report {
    run_id: RunId,
    kind: RunKind,
    state: RunState,
    accept_removals: bool,
    requested_at: Timestamp,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    /// How many articles met which end until now.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, u64>))]
    counts: Box<RawValue>,
    /// Why it came to nothing.
    error: Option<String>,
    /// What the run did, article by article.
    changes: Vec<Line>,
    /// The conflicts that are open now, whichever run found them.
    conflicts: Vec<Conflict>,
    /// The links that are broken now: how many, and the first of them.
    broken_links: BrokenLinks,
    /// Where the report goes on, if it does.
    next: Option<String>,
}

impl Page {
    /// Reads the name of the run and the query.
    pub(crate) fn parse(run: &str, query: &str) -> Result<Self, Error> {
        let run = run
            .parse()
            .map_err(|detail: &str| Error::invalid("/path/id", detail))?;
        let mut query = Query::read(query);
        let mut after = |name| query.take(name, "must be a number that an answer named");
        let (changes, conflicts) = (after("after"), after("conflicts_after"));
        query.end()?;
        Ok(Self {
            run,
            after: changes,
            conflicts_after: conflicts,
        })
    }

    /// The page after this one, if one of its lists may go on.
    fn next(self, base: &str, changes: &[Line], conflicts: &[Conflict]) -> Option<String> {
        let is_full = |count: usize| count == usize::from(PAGE);
        if !is_full(changes.len()) && !is_full(conflicts.len()) {
            return None;
        }
        // A list that is at its end stays there.
        let after = changes.last().map(|line| line.id).or(self.after);
        let conflicts_after = conflicts
            .last()
            .map(|conflict| conflict.id)
            .or(self.conflicts_after);
        Some(format!(
            "{base}/knowledge/runs/{}?after={}&conflicts_after={}",
            self.run,
            after.unwrap_or_default(),
            conflicts_after.unwrap_or_default()
        ))
    }
}

/// Tells a page of a run. `base` is what stands before the routes in an address.
pub(crate) async fn follow(app: &App, page: Page, base: &str) -> Result<Report, Error> {
    let (database, most) = (&app.database, i64::from(PAGE));
    let run = knowledge_runs::fetch(database, page.run).await?;
    let run = run.ok_or(Error::NotFound)?;
    let changes = knowledge_changes::fetch(database, page.run, page.after, most).await?;
    let conflicts = knowledge_conflicts::fetch_open(database, page.conflicts_after, most).await?;
    let broken_links = knowledge_links::fetch_broken(database, most).await?;
    let next = page.next(base, &changes, &conflicts);
    Ok(report(run, changes, conflicts, broken_links, next))
}

fn report(
    run: Run,
    changes: Vec<Line>,
    conflicts: Vec<Conflict>,
    broken_links: BrokenLinks,
    next: Option<String>,
) -> Report {
    Report {
        run_id: run.id,
        kind: run.kind,
        state: run.state,
        accept_removals: run.accept_removals,
        requested_at: run.requested_at,
        started_at: run.started_at,
        finished_at: run.finished_at,
        counts: run.counts,
        error: run.error,
        changes,
        conflicts,
        broken_links,
        next,
    }
}
