//! What is older than the retention goes, callbacks that were given up among it, what other functions keep, and the words of all that is
//! gone.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use shared::db::erased_conversations::Removed;
use shared::db::{callbacks, conversations, embedding_claims, vector_segments, words};
use shared::deadline::earlier;
use shared::error::Error;
use tokio::time::Instant;

use crate::app::App;
use crate::others::{self, Gone};

/// Events that one transaction removes.
const STEP: i64 = 500;
/// Kept back from the end, so that a step that was begun is finished and the report goes out.
const STEP_TIME: Duration = Duration::from_secs(3);
/// One of so many parts of the time is for the words of what went, however much is still to go.
const PARTS: u32 = 4;

/// What a run did.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    removed: Removed,
    /// Whether no old event was found any more, and no word of what went is left; what others held is left to the next run.
    finished: bool,
    /// Callbacks that had been given up.
    #[serde(skip)]
    callbacks: u64,
}

/// Removes what is old. What other functions keep keeps none of our own from going, nor the other way round; the first failure is told at
/// the end.
pub(crate) async fn expire(app: &App, until: Instant) -> Result<Report, Error> {
    let mut gone = Gone::default();
    let others = others::expire(app, until, &mut gone).await;
    let own = expire_own(app, until).await;
    others?;
    let mut report = own?;
    report.removed.transcripts = gone.transcripts;
    tracing::info!(
        events = report.removed.conversation_events,
        callbacks = report.callbacks,
        finished = report.finished,
        others = ?gone,
        "removed what was old"
    );
    Ok(report)
}

/// When what is old has to stop going, so that there is time for its words.
fn share(now: Instant, until: Instant) -> Instant {
    earlier(until, until.saturating_duration_since(now) / PARTS)
}

/// Removes old events step by step until none is left or their part of the time is up.
async fn expire_own(app: &App, until: Instant) -> Result<Report, Error> {
    embedding_claims::sweep(&app.database).await?;
    let mut report = match app.rules.retention {
        Some(retention) => expire_before(app, retention, share(Instant::now(), until)).await?,
        None => Report {
            finished: true,
            ..Report::default()
        },
    };
    // Also of what had given way. A fold takes no longer than a step.
    let last = earlier(until, STEP_TIME);
    report.finished &= words::purge_conversations(&app.database, last).await?;
    Ok(report)
}

/// What is older than this is not kept.
pub(crate) fn before(retention: SignedDuration) -> Result<Timestamp, Error> {
    let before = Timestamp::now().checked_sub(retention);
    before.map_err(|error| Error::Bug {
        what: "the retention reaches back beyond all time",
        source: Some(error.into()),
    })
}

/// Events go by whole days, in UTC: so what a day received goes from its segments at once, and a segment that is left with one day goes whole.
/// By the hour, hardly any would, and each was made anew again and again of what was left of it.
fn day(before: Timestamp) -> Timestamp {
    let second = before.as_second();
    let midnight = second.saturating_sub(second.rem_euclid(86_400));
    Timestamp::from_second(midnight).unwrap_or(before)
}

async fn expire_before(
    app: &App,
    retention: SignedDuration,
    until: Instant,
) -> Result<Report, Error> {
    let mut report = Report::default();
    let before = before(retention)?;
    let are_gone = expire_callbacks(app, before, until, &mut report.callbacks).await?;
    let before = day(before);
    report.removed.conversation_embeddings += drop_segments(app, before, until).await;
    while Instant::now() + STEP_TIME < until && !report.finished {
        let removed = conversations::expire(&app.database, before, STEP).await?;
        report.finished = removed.conversation_events < STEP.unsigned_abs();
        report.removed.conversation_events += removed.conversation_events;
        report.removed.conversation_embeddings += removed.conversation_embeddings;
    }
    report.finished &= are_gone;
    Ok(report)
}

/// Callbacks that were given up name whom they are about, and nobody tries them again. Says whether none of the old ones is left.
async fn expire_callbacks(
    app: &App,
    before: Timestamp,
    until: Instant,
    gone: &mut u64,
) -> Result<bool, Error> {
    while Instant::now() + STEP_TIME < until {
        let expired = callbacks::expire(&app.database, before, STEP).await?;
        *gone += expired;
        if expired < STEP.unsigned_abs() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What has expired as a whole goes at once, and half of the time is for that. What cannot go so goes event by event.
async fn drop_segments(app: &App, before: Timestamp, until: Instant) -> u64 {
    let half = Instant::now() + until.saturating_duration_since(Instant::now()) / 2;
    match vector_segments::drop_expired(&app.database, before, half).await {
        Ok(dropped) => dropped.rows,
        Err(error) => {
            tracing::warn!(
                error.kind = error.kind().as_str(),
                error = error.chain(),
                "segments that have expired were not dropped whole"
            );
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_waits_to_go_a_part_of_the_time_is_for_the_words_of_what_went() {
        let now = Instant::now();
        for (time, first) in [(60, 45_000), (12, 9_000), (0, 0)] {
            let until = now + Duration::from_secs(time);
            let share = share(now, until);
            assert_eq!(share - now, Duration::from_millis(first));
            // The last step of what goes begins before that, and a fold may begin until the end of this.
            let fold =
                earlier(until, STEP_TIME).saturating_duration_since(earlier(share, STEP_TIME));
            assert!(fold >= Duration::from_secs(time / 4), "{time}: {fold:?}");
        }
        assert_eq!(
            share(now + STEP_TIME, now),
            now,
            "time that is up is no part"
        );
    }

    #[test]
    fn a_day_that_is_not_over_stays() {
        for (before, midnight) in [
            ("2026-01-15T10:30:00.5Z", "2026-01-15T00:00:00Z"),
            ("2026-01-15T23:59:59.999Z", "2026-01-15T00:00:00Z"),
            ("2026-01-15T00:00:00Z", "2026-01-15T00:00:00Z"),
            ("1969-12-31T12:00:00Z", "1969-12-31T00:00:00Z"),
        ] {
            let [before, midnight] = [before, midnight].map(|text| text.parse().unwrap());
            assert_eq!(day(before), midnight);
        }
        assert_eq!(day(Timestamp::MIN), Timestamp::MIN);
    }
}
