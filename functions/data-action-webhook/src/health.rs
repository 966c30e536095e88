//! Whether the next webhook would be accepted. Checked for real, but at most every few seconds: the route asks for no key.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::app::{App, log_failure};

/// How long one check answers for.
const KEEP: SignedDuration = SignedDuration::from_secs(5);

/// How long a message that could not be sent counts against the queue.
const RECENT: Duration = Duration::from_secs(30);

/// The state of what a webhook needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct Health {
    status: State,
    keys: State,
    queue: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = HealthState))]
enum State {
    Ok,
    Unavailable,
}

impl Health {
    pub(crate) fn is_ok(self) -> bool {
        self.status == State::Ok
    }

    fn of(keys: State, queue: State) -> Self {
        let all = if (keys, queue) == (State::Ok, State::Ok) {
            State::Ok
        } else {
            State::Unavailable
        };
        Self {
            status: all,
            keys,
            queue,
        }
    }
}

/// The health now, or a few seconds ago.
pub(crate) async fn check(app: &App, now: Timestamp) -> Health {
    let mut last = app.health.lock().await;
    if let Some((at, health)) = *last
        && now.duration_since(at) < KEEP
    {
        return health;
    }
    let (keys, queue) = tokio::join!(app.keys.get(now), app.queue.check());
    // The right to send can be missing while the queue is there: what the last message met counts too.
    let sending = if app.queue.failed_within(RECENT) {
        State::Unavailable
    } else {
        state(&queue)
    };
    let health = Health::of(state(&keys), sending);
    *last = Some((Timestamp::now(), health));
    health
}

fn state<T>(outcome: &Result<T, shared::Error>) -> State {
    match outcome {
        Ok(_) => State::Ok,
        Err(error) => {
            log_failure(error, "a dependency is not reachable");
            State::Unavailable
        }
    }
}
