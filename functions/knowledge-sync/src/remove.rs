//! What CXone has no more goes, if two complete listings agree, and if it is not suspiciously much.

use shared::db::knowledge::{self, ArticleChange, PageChanges};
use shared::db::knowledge_changes::NewChange;
use shared::db::knowledge_seen::{self, Census};
use shared::domain::{ArticleId, Change};
use shared::error::Error;
use shared::fail_point;
use tokio::time::Instant;

use crate::job::Job;
use crate::page::count;
use crate::progress::raw;

/// Articles that go in one transaction.
const BATCH: i64 = 200;
/// Why nothing goes while something exists that cannot be told from what is missing.
pub(crate) const NAMELESS: &str =
    "an article of the listing has no readable name, so that nothing can be said to be gone";
/// So few may go whatever share of all they are, if as many stay. Of a small knowledge base they would be all of it.
const ALWAYS: i64 = 10;

/// What became of what is missing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Removal {
    /// Nothing is missing.
    Nothing,
    /// What was missing went.
    Done,
    /// Something is missing, and one listing is not enough to say that it is gone.
    LookAgain,
    /// Nothing went; a person has to look.
    Held(String),
    /// Time is up.
    Deadline,
}

/// Removes what no listing of this run named.
pub(crate) async fn remove(job: &mut Job<'_>) -> Result<Removal, Error> {
    let census = knowledge_seen::count_missing(&job.app.database, job.run.id).await?;
    if let Some(decided) = decide(job, census) {
        return Ok(decided);
    }
    loop {
        if Instant::now() >= job.until {
            return Ok(Removal::Deadline);
        }
        let database = &job.app.database;
        let gone = knowledge_seen::fetch_missing(database, job.run.id, None, BATCH).await?;
        if gone.is_empty() {
            return Ok(Removal::Done);
        }
        bury(job, gone).await?;
        fail_point::reach("sync.removed");
    }
}

/// Whether anything goes at all; `None` lets it go.
fn decide(job: &Job<'_>, census: Census) -> Option<Removal> {
    if census.missing == 0 && census.missing_left_out == 0 {
        return Some(Removal::Nothing);
    }
    if job.progress.has_nameless {
        return Some(held(NAMELESS.to_owned()));
    }
    if job.progress.pass == 0 {
        return Some(Removal::LookAgain);
    }
    let most = job.app.rules.most_removed_percent;
    let why = why_too_much(census, most).filter(|_| !job.run.accept_removals);
    why.map(held)
}

/// Why a person has to look first, if so.
pub(crate) fn why_too_much(census: Census, most: u8) -> Option<String> {
    is_too_much(census, most).then(|| {
        format!(
            "{} of {} articles would go, which is more than {most} percent; ask again with full_sync=true&accept_removals=true if that is right",
            census.missing, census.live
        )
    })
}

fn held(why: String) -> Removal {
    tracing::error!(alarm = "knowledge_removals_held", why, "removals are held");
    Removal::Held(why)
}

fn is_too_much(census: Census, most_percent: u8) -> bool {
    let share = i128::from(census.missing) * 100;
    let are_few = census.missing <= ALWAYS && census.missing <= census.live - census.missing;
    !are_few && share > i128::from(census.live) * i128::from(most_percent)
}

async fn bury(job: &mut Job<'_>, gone: Vec<ArticleId>) -> Result<(), Error> {
    let mut next = job.progress.clone();
    next.counts.gone += count(gone.len());
    next.bears_fruit();
    let line = |id: &ArticleId| NewChange {
        article: Some(id.clone()),
        change: Change::Gone,
        detail: None,
    };
    let page = PageChanges {
        changes: gone.iter().map(line).collect(),
        articles: gone
            .into_iter()
            .map(|id| (id, ArticleChange::Gone))
            .collect(),
        pass: next.pass,
        checkpoint: raw(&next)?,
        counts: raw(&next.counts)?,
        mirrors: job.app.mirror.is_some(),
        ..PageChanges::default()
    };
    knowledge::store_page(&job.app.database, job.lease, job.run.id, &page).await?;
    job.progress = next;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_share_is_too_much_but_a_few_are_not_where_as_many_stay() {
        for (missing, live, percent, expected) in [
            (0, 0, 0, false),
            (1, 1, 20, true),
            (1, 2, 20, false),
            (2, 3, 20, true),
            (10, 10, 20, true),
            (10, 10, 99, true),
            (10, 10, 100, false),
            (10, 19, 20, true),
            (10, 20, 20, false),
            (10, 20, 0, false),
            (11, 20, 20, true),
            (20, 100, 20, false),
            (21, 100, 20, true),
            (100, 100, 100, false),
            (11, 1_000, 0, true),
        ] {
            let census = Census {
                live,
                missing,
                missing_left_out: 1_000,
            };
            assert_eq!(is_too_much(census, percent), expected, "{census:?}");
        }
    }
}
