//! Boosts are learned from what was shown and done, now and then.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::db::snippet_boosts::{self, Lesson};
use shared::error::Error;
use shared::ranking::LearningMode;
use tokio::time::{Instant, timeout_at};

use crate::app::App;

/// Kept back for learning, which reads all that was shown in months and must not keep anything else from being done.
pub(crate) const LEARN_TIME: Duration = Duration::from_secs(8);
/// With less than this left, nothing is learned.
const LEAST_TIME: Duration = Duration::from_secs(1);
/// Between two lessons.
const PAUSE: Duration = Duration::from_mins(15);
/// What is older teaches nothing any more.
const FROM: SignedDuration = SignedDuration::from_hours(24 * 90);

/// When a lesson took too long. The next one would too, so it is left for as long as after one that was learned; what was learned, the
/// database knows, and this each environment for itself.
#[derive(Default)]
pub(crate) struct Late(Mutex<Option<Instant>>);

impl Late {
    fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn was_just_now(&self) -> bool {
        let late = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        late.is_some_and(|late| late.elapsed() < PAUSE)
    }
}

/// Learns, if it is time and there is time; says how many boosts there are then.
pub(crate) async fn learn(app: &App, until: Instant) -> Result<Option<usize>, Error> {
    let left = until.saturating_duration_since(Instant::now());
    if app.mode == LearningMode::Off || left < LEAST_TIME || app.late.was_just_now() {
        return Ok(None);
    }
    let since = Timestamp::now().saturating_sub(FROM);
    let since = since.unwrap_or(Timestamp::MIN);
    let most = left.min(LEARN_TIME);
    // Each statement has its limit, and there are several.
    let until = Instant::now() + most;
    let lesson = snippet_boosts::learn(&app.database, &app.learning, since, PAUSE, most);
    match timeout_at(until, lesson)
        .await
        .unwrap_or(Ok(Lesson::Late))?
    {
        Lesson::Learned(count) => Ok(Some(count)),
        Lesson::NotDue => Ok(None),
        Lesson::Late => {
            app.late.note();
            // A failure of the tick would hide those that agents feel.
            tracing::warn!(
                learning.late = true,
                "boosts stay as they are; what was shown is too much to learn from in time"
            );
            Ok(None)
        }
    }
}
