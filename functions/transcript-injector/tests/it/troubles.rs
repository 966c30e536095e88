//! Credentials that are refused, and a tenant that is busy, pause everything and lose nothing.

use cxone_simulator::{ChatPace, Fault};
use shared::db::transcripts::State;
use tokio::time::Instant;

use crate::world::{TIME, World, invoke};

#[tokio::test]
async fn a_refused_client_pauses_everything_and_kills_nothing() {
    for fault in [Fault::status(401), Fault::status(403), Fault::status(404)] {
        let Some(world) = World::start("a_refused_client", &[]).await else {
            return;
        };
        let mut ids = Vec::new();
        for number in 0..20 {
            ids.push(world.take(&format!("i-{number}"), &[1]).await);
        }
        world.meet(1_000, fault.clone());
        let error = world.fail().await;
        assert_eq!(error.error_type, "misconfigured", "{fault:?}");
        let known = world.fetch(ids[0]).await;
        assert_eq!((known.state, known.parts[0].attempts), (State::Pending, 0));
        assert!(known.pause.unwrap().trouble.is_some(), "{fault:?}");
        let posted = world.posted();
        assert!(posted <= 16, "each once, and once more with a new token");
        assert_eq!(world.drain().await["again"], 0, "nobody posts");
        assert_eq!(world.posted(), posted);

        // When the pause is over, one tries.
        for _ in 0..30 {
            world.hurry().await;
            let before = world.posted();
            world.fail().await;
            assert!(world.posted() - before <= 2, "{fault:?}");
        }
        assert_eq!(world.fetch(ids[0]).await.state, State::Pending);
        world.simulator.clear_faults();
        world.hurry().await;
        assert_eq!(world.drain().await["injected"], 20, "{fault:?}");
        assert_eq!(world.fetch(ids[0]).await.pause, None);
        let trouble = "SELECT count(*) FROM injection_pace WHERE trouble IS NOT NULL";
        assert_eq!(world.value::<i64>(trouble).await, 0);
    }
}

#[tokio::test]
async fn one_that_alone_is_turned_away_lets_others_pass_and_dies() {
    let Some(world) = World::start("one_that_alone_is_turned_away", &[]).await else {
        return;
    };
    let id = world.take("i-1", &[1]).await;
    world.meet(1, Fault::status(404));
    world.fail().await;
    world.take("i-2", &[1]).await;
    let pause_is_over = "UPDATE injection_pace SET paused_until = '-infinity'";
    world.rows.batch_execute(pause_is_over).await.unwrap();
    assert_eq!(world.drain().await["injected"], 1, "another one tries");
    for attempts in 1..=12 {
        assert_eq!(world.fetch(id).await.state, State::Pending);
        world.hurry().await;
        world.meet(1, Fault::status(404));
        assert_eq!(world.fail().await.error_type, "misconfigured");
        let known = world.fetch(id).await;
        assert_eq!((known.parts[0].attempts, known.pause), (attempts, None));
    }
    let known = world.fetch(id).await;
    let reason = known.parts[0].reason.as_deref().unwrap();
    assert_eq!(known.state, State::Dead);
    assert!(reason.contains("HTTP 404"), "{reason}");
    let brought = serde_json::json!({ "task": "requeue", "ids": [id] });
    assert_eq!(
        invoke(&world.app, brought, TIME).await.unwrap()["requeued"],
        1
    );
    assert_eq!(world.drain().await["injected"], 1);
}

#[tokio::test]
async fn a_token_that_was_revoked_is_replaced() {
    let Some(world) = World::start("a_token_that_was_revoked", &[]).await else {
        return;
    };
    world.take("i-1", &[1]).await;
    world.drain().await;
    world.simulator.revoke_tokens(None);
    world.take("i-1", &[1]).await;
    assert_eq!(world.drain().await["injected"], 1);
}

#[tokio::test]
async fn a_busy_tenant_is_left_alone_for_as_long_as_it_asks() {
    let Some(world) = World::start("a_busy_tenant", &[]).await else {
        return;
    };
    for number in 0..3 {
        world.take(&format!("i-{number}"), &[1]).await;
    }
    let busy = Fault::Status {
        status: 429,
        retry_after: Some("120".to_owned()),
        code: None,
        body: None,
    };
    world.meet(1, busy);
    let report = world.drain().await;
    assert_eq!(
        (&report["again"], &report["injected"]),
        (&1.into(), &2.into())
    );
    world.take("i-9", &[1]).await;
    assert_eq!(world.drain().await["injected"], 0, "others wait too");
    let left = "SELECT extract(epoch FROM paused_until - now())::float8 FROM injection_pace";
    let left: f64 = world.value(left).await;
    assert!((110.0..=120.0).contains(&left), "{left}");
    let attempts = "SELECT max(attempts) FROM transcripts WHERE state = 'pending'";
    assert_eq!(world.value::<i32>(attempts).await, 0, "it does not count");
    world.hurry().await;
    assert_eq!(world.drain().await["injected"], 2);
}

#[tokio::test]
async fn the_tenants_pace_is_used_and_never_exceeded() {
    let pace = ChatPace {
        burst: 60.0,
        per_minute: 1_200.0,
    };
    let settings = [
        ("TRANSCRIPTS_PER_MINUTE", "1200"),
        ("TRANSCRIPTS_BURST", "60"),
    ];
    let Some(world) = World::with("the_tenants_pace", Some(pace), &settings).await else {
        return;
    };
    for number in 0..200 {
        world.take(&format!("i-{number}"), &[1]).await;
    }
    world.rows.batch_execute(BOOKS).await.unwrap();
    let other = world.another().await;
    let since = Instant::now();
    let mut injected = 0;
    while injected < 160 {
        let event = || serde_json::json!({ "task": "drain" });
        let (one, two) = tokio::join!(
            invoke(&world.app, event(), TIME),
            invoke(&other, event(), TIME)
        );
        for report in [one, two] {
            injected += report.unwrap()["injected"].as_u64().unwrap();
        }
    }
    let took = since.elapsed().as_secs_f64();
    println!("{injected} in {took:.1} s");
    assert_eq!(world.simulator.transcripts().hurries(), 0, "never too fast");
    // At once, what the tenant gives in two seconds is left to it.
    let allowed = 20.0 + took * 20.0;
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let share = injected as f64 / allowed;
    // How much is used in time is the machine's affair; each waiting for the other would be far less.
    assert!(share >= 0.4, "{share} of the pace is used");
    // That the bucket got all that the tenant gives is not: each time whole posts were taken from what had come by then.
    let taken: Vec<f64> = world
        .rows
        .query(TAKEN, &[])
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    let is_whole = |posts: &f64| *posts > -1e-6 && (posts - posts.round()).abs() < 1e-6;
    assert!(taken.len() >= 7 && taken.iter().all(is_whole), "{taken:?}");
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let missing = injected as f64 - taken.iter().sum::<f64>();
    assert!(
        (0.0..=20.0).contains(&missing.round()),
        "{missing} beside those of the first look"
    );
}

/// What was in the bucket, and when, after each look into it.
const BOOKS: &str = "CREATE TABLE books (number bigserial, tokens float8, filled_at timestamptz);
    CREATE FUNCTION book() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO books (tokens, filled_at) VALUES (NEW.tokens, NEW.filled_at); RETURN NULL; END $$;
    CREATE TRIGGER book AFTER UPDATE OF tokens ON injection_pace FOR EACH ROW EXECUTE FUNCTION book()";
/// What each look but the first took: at 20 a second, into a bucket that holds 60 without what is given in two seconds.
const TAKEN: &str = "SELECT least(20, before + seconds * 20) - tokens FROM (
        SELECT number, tokens, lag(tokens) OVER w AS before, extract(epoch FROM filled_at - lag(filled_at) OVER w)::float8 AS seconds
        FROM books WINDOW w AS (ORDER BY number)) looks
    WHERE before IS NOT NULL ORDER BY number";
