//! A run: page after page is read, made ready beside the others, and stored in order; then what is gone goes.

use std::pin::pin;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use shared::cxone;
use shared::db::knowledge::{self, PageChanges};
use shared::db::knowledge_runs::{self, Ending, Run};
use shared::db::knowledge_sync::Lease;
use shared::deadline::earlier;
use shared::domain::{RunKind, RunState};
use shared::error::Error;
use shared::fail_point;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;

use crate::app::App;
use crate::listing::{Listing, PAGE_TIME, Trouble};
use crate::page::{Prepared, prepare};
use crate::progress::{Progress, raw};
use crate::remove::{Removal, remove};
use crate::walk::Walk;

/// Pages that are on their way from CXone into the database at the same time: one is rendered, one waits for its vectors, one is stored.
/// Each of them is several megabytes.
const IN_FLIGHT: usize = 3;
/// Kept back from the end, for storing what was made ready.
const STORING: Duration = Duration::from_secs(5);

/// A run whose listing was given up by so many invocations is over: others wait.
const MOST_GIVEN_UP: u32 = 5;
/// So is one that so many invocations in a row brought no further, one in five minutes: that is an hour, however many were woken.
const MOST_FRUITLESS: u32 = 12;
/// An outage of CXone ends no run that somebody asked for, unless it lasts for a day: then it is no outage, or only this run meets it. The
/// nightly one comes again by itself, and keeps the others waiting for no longer than an hour.
const MOST_OUTAGES: u32 = 24 * 12;

/// A run that is at work.
pub(crate) struct Job<'a> {
    pub(crate) app: &'a App,
    pub(crate) lease: &'a Lease,
    pub(crate) run: &'a Run,
    pub(crate) progress: Progress,
    /// Whether this invocation is one of those that are counted.
    pub(crate) is_counted: bool,
    /// When nothing more may be under way.
    pub(crate) until: Instant,
}

/// How far an invocation brought a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reached {
    /// It is over.
    End(RunState),
    /// Time is up; the next invocation goes on.
    Deadline,
}

impl Job<'_> {
    /// Brings the run as far as the time allows.
    pub(crate) async fn work(&mut self) -> Result<Reached, Error> {
        self.begin().await?;
        loop {
            Box::pin(self.list()).await?;
            if !self.progress.is_listed {
                return Ok(Reached::Deadline);
            }
            if !self.looks_for_gone() {
                return self.finish(RunState::Done, None).await;
            }
            match remove(self).await? {
                Removal::Nothing | Removal::Done => {
                    return self.finish(RunState::Done, None).await;
                }
                Removal::LookAgain => self.list_again(),
                Removal::Held(why) => return self.finish(RunState::Held, Some(why)).await,
                Removal::Deadline => return Ok(Reached::Deadline),
            }
        }
    }

    /// Counts this invocation. One that has no time for a page is none.
    async fn begin(&mut self) -> Result<(), Error> {
        if self.progress.fruitless >= MOST_FRUITLESS {
            return Err(Error::misconfigured(format!(
                "{MOST_FRUITLESS} invocations in a row died or ran out of time before they had stored a page; give the function more memory, or let it ask for fewer articles at once (KNOWLEDGE_PAGE)"
            )));
        }
        if Instant::now() + PAGE_TIME > self.until {
            return Ok(());
        }
        self.is_counted = self.progress.begin(Timestamp::now());
        if self.is_counted {
            self.keep().await?;
        }
        Ok(())
    }

    /// Whether the run is not tried again after this failure.
    pub(crate) async fn gives_up(&mut self, error: &Error) -> Result<bool, Error> {
        match Trouble::of(error) {
            Some(Trouble::HiddenRest) => {
                self.progress.walk = Walk::default();
                self.progress.is_second_try = true;
                self.keep().await?;
                Ok(false)
            }
            Some(Trouble::Restless) => {
                self.progress.gave_up += 1;
                self.progress.walk.take_heart();
                self.keep().await?;
                Ok(self.progress.gave_up >= MOST_GIVEN_UP)
            }
            None if cxone::is_away(error) && self.run.kind != RunKind::Reconcile => {
                if self.is_counted {
                    self.progress.was_out();
                    self.keep().await?;
                }
                Ok(self.progress.outages >= MOST_OUTAGES)
            }
            None => Ok(self.progress.fruitless >= MOST_FRUITLESS),
        }
    }

    async fn keep(&self) -> Result<(), Error> {
        let (checkpoint, counts) = (raw(&self.progress)?, raw(&self.progress.counts)?);
        let database = &self.app.database;
        knowledge_runs::keep(database, self.lease, self.run.id, &checkpoint, &counts).await
    }

    /// Only a run that reads everything sees what is missing.
    pub(crate) fn looks_for_gone(&self) -> bool {
        self.run.kind != RunKind::Incremental
    }

    async fn list(&mut self) -> Result<(), Error> {
        let listing = Listing {
            knowledge: &self.app.knowledge,
            form: self.app.form,
            limit: self.app.page_size,
            since: self.progress.since,
            to_the_end: self.looks_for_gone(),
            is_second_try: self.progress.is_second_try,
            until: self.until,
        };
        let (app, until) = (self.app, earlier(self.until, STORING));
        // The second listing is read for the names alone; what changed meanwhile comes with it.
        let anew = self.run.kind == RunKind::Full && self.progress.pass == 0;
        // A page enters only if there is room for it until it is stored. So whoever has the connection in the middle of a question is
        // never kept from going on by a page that nobody takes.
        let room = Semaphore::new(IN_FLIGHT);
        let entries = stream::repeat(()).then(async |()| room.acquire().await);
        let pages = listing
            .pages(&self.progress)
            .zip(entries)
            .map(async |(page, entry)| {
                let page = prepare(app, page?, anew, until).await?;
                Ok::<_, Error>((page, entry, Instant::now() >= until))
            })
            .buffered(IN_FLIGHT);
        let (ready, made) = mpsc::channel(IN_FLIGHT);
        let prepare = async move {
            let mut pages = pin!(pages);
            let mut is_first = true;
            while let Some((page, entry, is_late)) = pages.try_next().await? {
                // What there was no time to embed is better made ready anew. Not the first page: else a slow service would hold the run up.
                if is_late && !is_first || ready.send((page, entry)).await.is_err() {
                    break;
                }
                is_first = false;
            }
            Ok(())
        };
        tokio::try_join!(prepare, self.store_all(made)).map(drop)
    }

    /// Stores pages in their order, and makes room for others.
    async fn store_all<T>(
        &mut self,
        mut pages: mpsc::Receiver<(Prepared, T)>,
    ) -> Result<(), Error> {
        while let Some((page, entry)) = pages.recv().await {
            fail_point::reach("sync.prepared");
            self.store(page).await?;
            fail_point::reach("sync.stored");
            drop(entry);
        }
        Ok(())
    }

    async fn store(&mut self, page: Prepared) -> Result<(), Error> {
        let next = self.after(&page);
        let flawed = page.listed.flaws.iter().filter_map(|flaw| flaw.id.clone());
        let named = page.entries.iter().map(|one| one.id.clone());
        let seen = if self.looks_for_gone() {
            named.chain(flawed).collect()
        } else {
            Vec::new()
        };
        let changes = PageChanges {
            articles: page.articles,
            conflicts: page.conflicts,
            changes: page.changes,
            seen,
            pass: next.pass,
            checkpoint: raw(&next)?,
            counts: raw(&next.counts)?,
            mirrors: self.app.mirror.is_some(),
        };
        knowledge::store_page(&self.app.database, self.lease, self.run.id, &changes).await?;
        self.progress = next;
        Ok(())
    }

    /// Where the run stands when this page is stored.
    fn after(&self, page: &Prepared) -> Progress {
        let mut next = self.progress.clone();
        next.walk = page.listed.walk.clone();
        next.is_listed = page.listed.is_last;
        next.bears_fruit();
        next.began = next.began.or(page.listed.server_time);
        let newest = page.entries.iter().map(|one| one.modified).max();
        next.newest = next.newest.max(newest);
        next.has_nameless |= page.listed.flaws.iter().any(|flaw| flaw.id.is_none());
        next.counts.add(&page.counts);
        next
    }

    fn list_again(&mut self) {
        self.progress = Progress {
            walk: Walk::default(),
            pass: self.progress.pass + 1,
            is_listed: false,
            is_second_try: false,
            ..self.progress.clone()
        };
    }

    async fn finish(&self, state: RunState, error: Option<String>) -> Result<Reached, Error> {
        let ending = Ending {
            state,
            counts: raw(&self.progress.counts)?,
            error,
            watermark: self.progress.watermark(),
        };
        knowledge_runs::finish(&self.app.database, self.lease, self.run.id, &ending).await?;
        Ok(Reached::End(state))
    }
}
