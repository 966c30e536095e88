//! What every HTTP function does around its routes: in time, never without an answer, and with one log line.

use std::time::Duration;

use jiff::Timestamp;

use super::{HttpEvent, Request, Response, problem};
use crate::deadline::{in_time, until};
use crate::error::{Error, Kind};

/// Kept back from the deadline, so that the caller gets an answer and not a timeout.
const SPARE: Duration = Duration::from_millis(500);

/// Answers one event by what `work` makes of its request. It never fails: every failure, and too little time, is an answer.
/// `deadline_ms` is the runtime's, in milliseconds since 1970.
pub async fn answer(
    event: HttpEvent,
    deadline_ms: u64,
    work: impl AsyncFnOnce(Request, Timestamp) -> Result<Response, Error>,
) -> Response {
    let started = Timestamp::now();
    let correlation_id = event.correlation_id();
    let until = until(deadline_ms, SPARE);
    let work = async { work(event.into_request()?, started).await };
    // Boxed, because these futures are large, and would be moved about.
    let outcome = in_time(until, Box::pin(work)).await;
    let response = outcome.unwrap_or_else(|error| {
        log(&error);
        problem(&error, &correlation_id)
    });
    let duration_ms = started.duration_until(Timestamp::now()).as_millis_f64();
    tracing::info!(correlation.id = %correlation_id, http.status = response.status_code, duration_ms, "answered");
    response
}

/// What a person should mend is an error; what a caller should mend is a fact.
fn log(error: &Error) {
    let kind = error.kind().as_str();
    match error.kind() {
        Kind::Transient | Kind::Misconfigured | Kind::Bug => {
            tracing::error!(
                error.kind = kind,
                error = error.chain(),
                "could not be answered"
            );
        }
        _ => {
            let rules = error.violations().iter();
            let pointers: Vec<_> = rules.map(|rule| rule.pointer.as_str()).collect();
            tracing::info!(error.kind = kind, error = %error, ?pointers, "refused");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::time::SystemTime;

    use super::*;
    use crate::http::reply;

    /// What comes of this work when this much time is left.
    async fn status(
        time: Duration,
        work: impl AsyncFnOnce(Request, Timestamp) -> Result<Response, Error>,
    ) -> u16 {
        let deadline = (SystemTime::now() + time).duration_since(SystemTime::UNIX_EPOCH);
        let deadline_ms = u64::try_from(deadline.unwrap().as_millis()).unwrap();
        answer(HttpEvent::default(), deadline_ms, work)
            .await
            .status_code
    }

    #[tokio::test]
    async fn every_end_is_an_answer() {
        let ample = Duration::from_secs(10);
        let done = async |request: Request, _| Ok(reply(200, &(), &request.correlation_id));
        assert_eq!(status(ample, done).await, 200);
        assert_eq!(status(ample, async |_, _| Err(Error::NotFound)).await, 404);
        assert_eq!(status(SPARE * 2, async |_, _| pending().await).await, 503);
        assert_eq!(status(SPARE, async |_, _| pending().await).await, 503);
    }
}
