//! The use case: what is due is posted, several at a time, until nothing is due, the bucket is empty, or the time is up.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use serde::Serialize;
use shared::db::transcripts::{
    Claimed, Outcome, Settled, State, archive_waiting, claim, expire, fold_tallies, pause, resume,
    settle,
};
use shared::domain::ErasureKey;
use shared::error::Error;
use shared::retry::insist;
use tokio::time::Instant;

use crate::app::App;
use crate::inject::inject;
use crate::judge::Effect;

/// So many are claimed, and posted at once.
const PARALLEL: i64 = 8;
/// Outlasts a post and writing down what came of it.
const LEASE: Duration = Duration::from_secs(50);
/// With less than this left, nothing is begun.
const LEAST: Duration = Duration::from_secs(5);
/// After so many failures of CXone in a row, the rest waits for the next run.
const MOST_FAILURES: u32 = 8;
/// Rows that one run archives and removes.
const MOST: i64 = 500;
/// Each part leaves a handful of tallies: one run folds more than a backlog adds.
const MOST_TALLIES: i64 = 100_000;
/// When somebody drains again.
const NEXT_RUN: Duration = Duration::from_mins(1);

/// What a run did, in parts of transcripts.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// CXone has them.
    injected: u64,
    /// They are tried again later.
    again: u64,
    /// CXone does not take them.
    refused: u64,
    /// They are tried no more.
    dead: u64,
    /// Nobody knows whether CXone has them.
    unknown: u64,
    /// Somebody else claimed them meanwhile, or they were erased.
    lost: u64,
    /// They were injected before, and are archived now.
    archived: u64,
    /// They were older than is kept.
    removed: u64,
}

/// How a run goes.
#[derive(Default)]
struct Course {
    report: Report,
    failures: u32,
    is_welcome: bool,
    /// Why nothing more is begun.
    end: Option<End>,
}

enum End {
    Pause,
    Outage,
    Error(Error),
}

/// Does what is to be done. What a person has to change is the error of the run, after everything else was done.
pub(crate) async fn drain(app: &App, until: Instant) -> Result<Report, Error> {
    let key = app.erasure_key.get(Timestamp::now()).await?;
    let mut course = Course::default();
    while course.end.is_none() && Instant::now() + LEAST <= until {
        let claims = claim(&app.database, app.pace, PARALLEL, LEASE).await?;
        shared::fail_point::reach("drain.after_claim");
        if !claims.claimed.is_empty() {
            course.post(app, &key, claims.claimed, until).await?;
        } else if let Some(wait) = worth_waiting(app, claims.wait, until) {
            tokio::time::sleep(wait).await;
        } else {
            break;
        }
    }
    course.report.archived = archive_waiting(&app.database, &key, MOST).await?;
    course.report.removed = remove_old(app).await?;
    fold_tallies(&app.database, MOST_TALLIES).await?;
    let transcripts_injected = course.report.injected;
    tracing::info!(report = ?course.report, transcripts_injected, "drained");
    match course.end {
        Some(End::Error(error)) => Err(error),
        _ => Ok(course.report),
    }
}

/// The next run finds what the bucket got by then. Only what would overflow is waited for.
fn worth_waiting(app: &App, wait: Option<Duration>, until: Instant) -> Option<Duration> {
    let is_in_time = |wait: &Duration| Instant::now() + *wait + LEAST <= until;
    wait.filter(|_| app.pace.overflows_within(NEXT_RUN))
        .filter(is_in_time)
}

impl Course {
    /// Posts all of these, and writes down what came of each as soon as it is known.
    async fn post(
        &mut self,
        app: &App,
        key: &ErasureKey,
        claimed: Vec<Claimed>,
        until: Instant,
    ) -> Result<(), Error> {
        let inject = async |one: Claimed| {
            let (outcome, effect) = inject(app, &one, until).await;
            (one, outcome, effect)
        };
        let mut posts: FuturesUnordered<_> = claimed.into_iter().map(inject).collect();
        let mut failure = None;
        // Whatever fails meanwhile: what is on the wire would be dropped, and nobody would know what came of it.
        while let Some((one, outcome, effect)) = posts.next().await {
            // The answer to a commit may have been lost: then the claim is found to be gone.
            let settled = insist(|| settle(&app.database, key, &one, &outcome)).await;
            let settled = settled.map(|settled| self.count(&one, &outcome, settled));
            let followed = self.follow(app, effect).await;
            failure = failure.or(settled.and(followed).err());
        }
        failure.map_or(Ok(()), Err)
    }

    async fn follow(&mut self, app: &App, effect: Effect) -> Result<(), Error> {
        match effect {
            Effect::None => {}
            Effect::Welcome => {
                self.failures = 0;
                if !self.is_welcome && insist(|| resume(&app.database)).await? {
                    tracing::info!("CXone lets us in again");
                }
                self.is_welcome = true;
            }
            Effect::Outage => {
                self.failures += 1;
                if self.failures >= MOST_FAILURES {
                    self.end.get_or_insert(End::Outage);
                }
            }
            Effect::Pause(span) => {
                insist(|| pause(&app.database, span, None)).await?;
                self.end.get_or_insert(End::Pause);
            }
            Effect::Trouble(span, error) => {
                let trouble = error.to_string();
                insist(|| pause(&app.database, span, Some(&trouble))).await?;
                tracing::error!(
                    injection.paused = trouble,
                    error = error.chain(),
                    "nothing is injected until a person has changed something"
                );
                self.end = Some(End::Error(error));
            }
            Effect::Stop(error) => {
                self.end.get_or_insert(End::Error(error));
            }
        }
        Ok(())
    }

    /// What a person has to look at is an alarm; its words stay out of the log.
    fn count(&mut self, one: &Claimed, outcome: &Outcome, settled: Settled) {
        let report = &mut self.report;
        match outcome {
            _ if settled == Settled::Lost => report.lost += 1,
            Outcome::Injected { .. } => report.injected += 1,
            Outcome::Again { .. } => report.again += 1,
            Outcome::Over { state, status, .. } => {
                match state {
                    State::Refused => report.refused += 1,
                    State::OutcomeUnknown => report.unknown += 1,
                    _ => report.dead += 1,
                }
                tracing::error!(
                    transcript.id = %one.id,
                    transcript.part = one.part,
                    transcript.given_up = state.as_str(),
                    transcript.attempts = one.attempts,
                    http.status = status,
                    "a transcript was given up"
                );
            }
        }
    }
}

async fn remove_old(app: &App) -> Result<u64, Error> {
    let Some(retention) = app.retention else {
        return Ok(0);
    };
    let before = Timestamp::now().saturating_sub(retention);
    expire(&app.database, before.unwrap_or(Timestamp::MIN), MOST).await
}
