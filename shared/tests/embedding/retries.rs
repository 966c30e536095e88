//! What is asked again, when, and until when.

use super::*;

fn busy(status: u16, retry_after: &str) -> Fault {
    Fault::Status {
        status,
        retry_after: Some(retry_after.to_owned()),
        code: None,
        body: None,
    }
}

/// How long after the first request each other one came.
fn since_first(world: &World) -> Vec<Duration> {
    let requests = world.requests();
    let since = |it: &Recorded| Duration::from_millis(it.at_ms - requests[0].at_ms);
    requests[1..].iter().map(since).collect()
}

#[tokio::test]
async fn what_may_be_well_again_is_asked_again() {
    let world = World::start().await;
    let right = expected(&["one"]).await;
    for fault in [
        Fault::status(429),
        Fault::status(408),
        Fault::status(500),
        Fault::status(503),
        Fault::Lost,
        Fault::ExecutedThenLost,
        Fault::Cut,
        Fault::NotJson,
        Fault::Huge { bytes: 1 << 20 },
        Fault::GzipBomb { bytes: 1 << 20 },
    ] {
        world.simulator.clear_requests();
        world.next(4, fault.clone());
        assert_eq!(numbers(&world.embed(&["one"]).await), right, "{fault:?}");
        world.next(5, fault.clone());
        later(&world.embed_one("one").await);
        assert_eq!(world.requests().len(), 10, "five tries each: {fault:?}");
    }
}

#[tokio::test]
async fn retry_after_is_kept_in_seconds_and_as_a_date() {
    let world = World::start().await;
    for (status, seconds) in [(429, None), (503, None), (429, Some(2))] {
        world.simulator.clear_requests();
        let date = |seconds: i64| {
            let at = jiff::Timestamp::now() + SignedDuration::from_secs(seconds);
            let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
            printer.timestamp_to_rfc9110_string(&at).unwrap()
        };
        let told = seconds.map_or_else(|| "1".to_owned(), date);
        world.next(1, busy(status, &told));
        world.embed_one("one").await.unwrap();
        // A date says whole seconds, so of two seconds at least one is left.
        let waited = since_first(&world)[0];
        assert!(waited >= Duration::from_millis(990), "{told} {waited:?}");
        assert!(waited <= Duration::from_secs(20), "{told} {waited:?}");
    }
}

#[tokio::test]
async fn a_busy_provider_is_left_alone_by_the_whole_call() {
    let simulated = Simulated {
        embedding_latency: Duration::from_millis(300),
        ..Simulated::default()
    };
    let tune = |options: &mut Options| {
        options.limits.texts = 1;
        options.parallel = NonZeroUsize::new(2).unwrap();
    };
    let world = World::with(simulated, tune).await;
    world.next(1, busy(429, "1"));
    let texts = texts(8);
    numbers(&world.embed(&borrowed(&texts)).await);
    let since = since_first(&world);
    assert_eq!(since.len(), 8);
    let early = since.iter().filter(|it| **it < Duration::from_millis(990));
    assert_eq!(early.count(), 1, "only what was under way: {since:?}");
}

#[tokio::test]
async fn who_is_overtaken_waits_its_turn_and_is_not_counted_out() {
    let tune = |options: &mut Options| {
        options.limits.texts = 1;
        options.parallel = NonZeroUsize::new(8).unwrap();
    };
    let world = World::with(Simulated::default(), tune).await;
    let texts = texts(60);
    let right = expected(&borrowed(&texts)).await;
    // Of three requests one is let through, until few are left: some are told to wait far more often than five times in a row.
    let busy = FaultRule::rate("embeddings", 0.66, Fault::status(429));
    world.faults(3, vec![busy]);
    let asked = borrowed(&texts);
    let (outcomes, ()) = tokio::join!(world.embed(&asked), async {
        while world.requests().iter().filter(|it| it.executed).count() < 45 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        world.simulator.clear_faults();
    });
    assert_eq!(numbers(&outcomes), right);
}

#[tokio::test]
async fn what_one_call_is_told_the_others_keep() {
    let world = World::start().await;
    world.next(1, busy(429, "1"));
    let (one, two) = tokio::join!(world.embed_one("one"), async {
        while world.requests().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // By now the first one was told to wait a second.
        tokio::time::sleep(Duration::from_millis(500)).await;
        world.embed_one("two").await
    });
    one.unwrap();
    two.unwrap();
    let since = since_first(&world);
    assert!(
        since.iter().all(|it| *it >= Duration::from_millis(990)),
        "{since:?}"
    );
}

#[tokio::test]
async fn a_long_wait_is_handed_back_at_once() {
    let world = World::with(Simulated::default(), |options| options.limits.texts = 1).await;
    let started = Instant::now();
    let hour = started + Duration::from_hours(1);
    for seconds in ["121", "86400", "99999999999999999999"] {
        world.simulator.clear_requests();
        world.always(busy(429, seconds));
        let outcomes = world
            .embed_until(&["a", "b", "c", "d", "e", "f"], hour)
            .await;
        for outcome in &outcomes {
            assert!(later(outcome) > Duration::from_mins(2), "{outcome:?}");
        }
        assert!(world.requests().len() <= 4, "as many as were under way");
    }
    assert!(started.elapsed() < Duration::from_mins(1));
}

#[tokio::test]
async fn a_wait_that_does_not_fit_is_handed_back_at_once() {
    let world = World::start().await;
    world.always(busy(503, "30"));
    let started = Instant::now();
    let outcome = world
        .embed_until(&["a"], started + Duration::from_secs(29))
        .await;
    assert_eq!(later(&outcome[0]), Duration::from_secs(30));
    assert!(started.elapsed() < Duration::from_secs(15));
    assert_eq!(world.requests().len(), 1);
}

#[tokio::test]
async fn nothing_outlasts_the_deadline() {
    let world = World::with(Simulated::default(), |options| options.pace.tries = 1_000).await;
    for fault in [
        Fault::status(500),
        Fault::Lost,
        Fault::Drip { every_ms: 50 },
        Fault::Slow { ms: 20_000 },
    ] {
        world.always(fault.clone());
        let started = Instant::now();
        let outcomes = world
            .embed_until(&["a", "b"], started + Duration::from_secs(1))
            .await;
        assert!(outcomes.iter().all(|it| later(it) < Duration::from_secs(1)));
        let took = started.elapsed();
        assert!(took < Duration::from_secs(10), "{fault:?} {took:?}");
    }
    world.simulator.clear_requests();
    world.simulator.clear_faults();
    later(&world.embed_until(&["a"], Instant::now()).await[0]);
    assert!(world.requests().is_empty(), "no time, no request");
}

#[tokio::test]
async fn an_answer_that_drips_is_given_up_and_asked_for_again() {
    let attempt = Duration::from_secs(2);
    let world = World::with(Simulated::default(), |options| {
        options.pace.attempt = attempt;
    })
    .await;
    world.next(1, Fault::Drip { every_ms: 50 });
    world.embed_one("one").await.unwrap();
    assert_eq!(world.requests().len(), 2);
}

#[tokio::test]
async fn an_idle_connection_that_died_costs_no_pause() {
    // Whoever pauses is not done in time.
    let slow = Duration::from_mins(10);
    let world = World::with(Simulated::default(), |options| {
        options.pace.backoff = Backoff {
            first: slow,
            most: slow,
        };
    });
    let world = world.await;
    world.embed_one("one").await.unwrap();
    world.next(1, Fault::Lost);
    world.embed_one("two").await.unwrap();
}
