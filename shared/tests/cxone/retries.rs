//! What is asked again, when, and until when.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

/// Says this to the first `count` questions.
fn at_first(count: usize, answer: fn() -> Response) -> impl Fn(&Seen) -> Response + Send + Sync {
    move |seen| if seen.nth < count { answer() } else { empty() }
}

fn busy(status: u16, retry_after: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    (status, [("retry-after", retry_after.to_owned())]).into_response()
}

/// A date of HTTP so many seconds from now.
fn date(seconds: i64) -> String {
    let at = jiff::Timestamp::now() + SignedDuration::from_secs(seconds);
    let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
    printer.timestamp_to_rfc9110_string(&at).unwrap()
}

#[tokio::test]
async fn what_may_be_well_again_is_asked_five_times() {
    let answers: [fn() -> Response; 6] = [
        || status(429),
        || status(408),
        || status(500),
        || status(503),
        || "<!doctype html>".into_response(),
        || says(&json!({"pages": []})),
    ];
    for answer in answers {
        let world = World::start(at_first(4, answer)).await;
        world.list().await.unwrap();
        assert_eq!(world.api.seen().len(), 5);
        let world = World::start(move |_| answer()).await;
        later(world.list().await);
        assert_eq!(world.api.seen().len(), 5);
        assert_eq!(world.token_requests().len(), 1);
    }
}

#[tokio::test]
async fn retry_after_is_kept_in_seconds_and_as_a_date() {
    let answers: [fn() -> Response; 3] =
        [|| busy(429, "1"), || busy(503, "1"), || busy(429, &date(2))];
    for answer in answers {
        let world = World::start(at_first(1, answer)).await;
        world.list().await.unwrap();
        let waited = world.api.pauses()[0];
        // A date says whole seconds, so of two seconds at least one is left.
        assert!(waited >= Duration::from_millis(990), "{waited:?}");
        assert!(waited <= Duration::from_secs(20), "{waited:?}");
    }
}

#[tokio::test]
async fn a_long_wait_is_handed_back_at_once_with_its_time() {
    let answers: [fn() -> Response; 3] = [
        || busy(429, "121"),
        || busy(503, "86400"),
        || busy(429, &date(200)),
    ];
    for answer in answers {
        let world = World::start(move |_| answer()).await;
        let started = Instant::now();
        let wait = later(world.list_within(Duration::from_hours(1)).await);
        assert!(wait > Duration::from_mins(2), "{wait:?}");
        assert!(started.elapsed() < Duration::from_mins(1));
        assert_eq!(world.api.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_wait_that_does_not_fit_is_handed_back_at_once() {
    let world = World::start(|_| busy(503, "30")).await;
    let started = Instant::now();
    let wait = later(world.list_within(Duration::from_secs(29)).await);
    assert_eq!(wait, Duration::from_secs(30));
    assert!(started.elapsed() < Duration::from_secs(15));
    assert_eq!(world.api.seen().len(), 1);
}

#[tokio::test]
async fn nothing_outlasts_the_deadline() {
    let pace = Pace {
        tries: 1_000,
        ..quick()
    };
    let world = World::with(Simulated::default(), json!({}), pace, |_| status(500)).await;
    let started = Instant::now();
    later(world.list_within(Duration::from_secs(3)).await);
    assert!(started.elapsed() < Duration::from_secs(10));
    assert!(world.api.seen().len() > 5);
}

#[tokio::test]
async fn an_outage_costs_hardly_more_requests_than_a_good_day() {
    // Pauses that are long beside what a busy machine adds to anything.
    let rule = Rule {
        failures: 5,
        first: Duration::from_millis(100),
        most: Duration::from_secs(1),
    };
    let pace = Pace {
        breaker: rule,
        ..quick()
    };
    let is_well = Arc::new(AtomicBool::new(false));
    let well = Arc::clone(&is_well);
    let answer = move |_: &Seen| {
        if well.load(Ordering::Relaxed) {
            empty()
        } else {
            status(503)
        }
    };
    let world = World::with(Simulated::default(), json!({}), pace, answer).await;
    let calls = 200;
    for _ in 0..calls {
        later(world.list().await);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let requests = world.api.seen().len();
    println!("{calls} calls in an outage: {requests} requests");
    assert!(requests * 10 <= calls * 11, "{requests} of {calls}");
    is_well.store(true, Ordering::Relaxed);
    tokio::time::sleep(rule.most).await;
    world.list().await.unwrap();
}

#[tokio::test]
async fn a_connection_that_dies_costs_no_pause() {
    // Whoever pauses is not done in time.
    let slow = Duration::from_mins(10);
    let pace = Pace {
        backoff: Backoff {
            first: slow,
            most: slow,
        },
        ..quick()
    };
    let world = World::with(Simulated::default(), json!({}), pace, |_| empty()).await;
    world.list().await.unwrap();
    world.knowledge.forget();
    world.meet(FaultRule::next("tokens", 1, Fault::Lost));
    world.list().await.unwrap();
}
