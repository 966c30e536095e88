//! What every HTTP function does around its routes: in time, never without an answer, and with one log line.

use std::time::Duration;

use jiff::Timestamp;
use tracing::Instrument as _;

use super::{HttpEvent, Request, Response, problem};
use crate::deadline::{in_time, until};
use crate::domain::CorrelationId;
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
    // Of level error, so that lines have it at every LOG_LEVEL.
    let correlation_id = event.correlation_id();
    let span = tracing::error_span!("request", correlation.id = %correlation_id);
    let response = respond(event, &correlation_id, deadline_ms, work);
    response.instrument(span).await
}

async fn respond(
    event: HttpEvent,
    correlation_id: &CorrelationId,
    deadline_ms: u64,
    work: impl AsyncFnOnce(Request, Timestamp) -> Result<Response, Error>,
) -> Response {
    let started = Timestamp::now();
    let until = until(deadline_ms, SPARE);
    let work = async {
        let mut request = event.into_request()?;
        // One that was made up here would be another one there.
        request.correlation_id = correlation_id.clone();
        work(request, started).await
    };
    // Boxed, because these futures are large, and would be moved about.
    let outcome = in_time(until, Box::pin(work)).await;
    let response = outcome.unwrap_or_else(|error| {
        log(&error);
        problem(&error, correlation_id)
    });
    let answer_ms = started.duration_until(Timestamp::now()).as_millis_f64();
    let status = response.status_code;
    let status_class = format!("{}xx", status / 100);
    tracing::info!(http.status = status, status_class, answer_ms, "answered");
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
