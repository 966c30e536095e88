//! Runs: asked for once, one at a time, told to the end, and forgotten in time.

use shared::Kind;
use shared::db::knowledge::store_page;
use shared::db::knowledge_runs::{Ending, expire, fetch, finish, next, request, schedule};
use shared::db::knowledge_sync::{fetch_watermark, release, take_lease};
use shared::domain::{RunId, RunKind, RunState};

use crate::stage::{LONG, Stage, at, id, json, page};

fn ending(state: RunState) -> Ending {
    Ending {
        state,
        counts: json(r#"{"seen": 3}"#),
        error: None,
        watermark: None,
    }
}

#[tokio::test]
async fn a_run_is_told_from_its_request_to_its_end() {
    let Some(stage) = Stage::set("a_run_is_told").await else {
        return;
    };
    let (database, run) = (&stage.database, RunId::generate());
    let tell = async || fetch(database, run).await.unwrap();
    assert!(tell().await.is_none());
    request(database, run, RunKind::Full, true).await.unwrap();
    request(database, run, RunKind::Incremental, false)
        .await
        .unwrap();
    let queued = tell().await.unwrap();
    assert_eq!(
        (queued.kind, queued.state),
        (RunKind::Full, RunState::Queued)
    );
    assert!(queued.accept_removals && queued.started_at.is_none());
    let lease = take_lease(database, LONG).await.unwrap().unwrap();
    let begun = next(database, &lease).await.unwrap().unwrap();
    assert_eq!((begun.id, begun.state), (run, RunState::Running));
    assert!(begun.checkpoint.is_none());
    let mut next_page = page([]);
    next_page.seen = vec![id("a")];
    store_page(database, &lease, run, &next_page).await.unwrap();
    release(database, lease).await.unwrap();
    let lease = take_lease(database, LONG).await.unwrap().unwrap();
    let went_on = next(database, &lease).await.unwrap().unwrap();
    assert_eq!(went_on.checkpoint.unwrap().get(), r#"{"offset": 100}"#);
    assert_eq!(went_on.started_at, begun.started_at, "it began once");
    let failed = Ending {
        error: Some("CXone refuses the credentials".to_owned()),
        ..ending(RunState::Failed)
    };
    finish(database, &lease, run, &failed).await.unwrap();
    let late = Ending {
        watermark: Some(at(9)),
        ..ending(RunState::Done)
    };
    finish(database, &lease, run, &late).await.unwrap();
    assert_eq!(fetch_watermark(database).await.unwrap(), None);
    let told = tell().await.unwrap();
    assert_eq!(told.state, RunState::Failed, "it ended once");
    assert!(told.finished_at >= told.started_at && told.finished_at.is_some());
    let json = serde_json::to_value(&told).unwrap();
    assert_eq!(json["counts"]["seen"], 3);
    assert_eq!(json["error"], "CXone refuses the credentials");
    assert_eq!(
        (&json["kind"], &json["state"]),
        (&"full".into(), &"failed".into())
    );
    assert!(json.get("checkpoint").is_none());
    assert_eq!(stage.number("SELECT count(*) FROM knowledge_seen").await, 0);
    let late = store_page(database, &lease, run, &page([])).await;
    assert_eq!(late.unwrap_err().kind(), Kind::Conflict, "it is over");
}

#[tokio::test]
async fn the_one_that_runs_comes_first_and_then_the_oldest() {
    let Some(stage) = Stage::set("the_one_that_runs").await else {
        return;
    };
    let database = &stage.database;
    let runs = [0, 1, 2].map(|_| RunId::generate());
    // Names say nothing of the order in which runs were asked for.
    for run in [runs[1], runs[0]] {
        request(database, run, RunKind::Incremental, false)
            .await
            .unwrap();
    }
    let lease = take_lease(database, LONG).await.unwrap().unwrap();
    let take = async || next(database, &lease).await.unwrap().map(|run| run.id);
    assert_eq!(take().await, Some(runs[1]));
    request(database, runs[2], RunKind::Full, false)
        .await
        .unwrap();
    for run in [runs[1], runs[0], runs[2]] {
        assert_eq!(take().await, Some(run));
        assert_eq!(take().await, Some(run), "until it is over");
        finish(database, &lease, run, &ending(RunState::Done))
            .await
            .unwrap();
    }
    assert_eq!(take().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_queues_one_run_of_a_kind() {
    let Some(stage) = Stage::set("the_clock_queues").await else {
        return;
    };
    let clocks = (0..6).map(|_| {
        let database = stage.test.database().unwrap();
        tokio::spawn(async move { schedule(&database, RunKind::Incremental).await.unwrap() })
    });
    let mut queued = Vec::new();
    for clock in clocks.collect::<Vec<_>>() {
        queued.extend(clock.await.unwrap());
    }
    assert_eq!(queued.len(), 1);
    let database = &stage.database;
    let add = async |kind| schedule(database, kind).await.unwrap();
    assert!(add(RunKind::Reconcile).await.is_some(), "of another kind");
    let lease = take_lease(database, LONG).await.unwrap().unwrap();
    let begun = next(database, &lease).await.unwrap().unwrap();
    assert_eq!(begun.id, queued[0]);
    assert!(add(RunKind::Incremental).await.is_none(), "it is at work");
    finish(database, &lease, begun.id, &ending(RunState::Done))
        .await
        .unwrap();
    assert!(add(RunKind::Incremental).await.is_some(), "it is over");
}

#[tokio::test]
async fn the_watermark_never_goes_back() {
    let Some(stage) = Stage::set("the_watermark").await else {
        return;
    };
    let database = &stage.database;
    let lease = take_lease(database, LONG).await.unwrap().unwrap();
    for (said, stands) in [
        (None, None),
        (Some(5), Some(5)),
        (None, Some(5)),
        (Some(3), Some(5)),
        (Some(9), Some(9)),
    ] {
        request(database, RunId::generate(), RunKind::Incremental, false)
            .await
            .unwrap();
        let run = next(database, &lease).await.unwrap().unwrap().id;
        let mut done = ending(RunState::Done);
        done.watermark = said.map(at);
        finish(database, &lease, run, &done).await.unwrap();
        assert_eq!(
            fetch_watermark(database).await.unwrap(),
            stands.map(at),
            "{said:?}"
        );
    }
}

#[tokio::test]
async fn old_runs_go_with_their_reports() {
    let Some(stage) = Stage::set("old_runs_go").await else {
        return;
    };
    let fill = "
        INSERT INTO knowledge_runs (id, kind, state, accept_removals, finished_at)
        SELECT gen_random_uuid(), 'full', 'done', false, now() - n * interval '1 day' FROM generate_series(0, 9) n;
        INSERT INTO knowledge_runs (id, kind, accept_removals, requested_at)
        VALUES (gen_random_uuid(), 'full', false, now() - interval '30 days');
        INSERT INTO knowledge_changes (run_id, article_id, change) SELECT id, 'a', 'added' FROM knowledge_runs";
    stage.bystander.batch_execute(fill).await.unwrap();
    let days = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * 4 + 1);
    assert_eq!(expire(&stage.database, days, 3).await.unwrap(), 3);
    assert_eq!(expire(&stage.database, days, 9).await.unwrap(), 2);
    assert_eq!(expire(&stage.database, days, 9).await.unwrap(), 0);
    assert_eq!(stage.number("SELECT count(*) FROM knowledge_runs").await, 6);
    assert_eq!(
        stage.number("SELECT count(*) FROM knowledge_changes").await,
        6
    );
}
