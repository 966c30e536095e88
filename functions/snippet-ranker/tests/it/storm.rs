//! A thousand orders at once, under faults of every kind: the newest one remains, and nothing is missing in the audit.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cxone_simulator::{Fault, FaultPlan, FaultRule, RankingUpdate, SettingsUpdate};
use serde_json::{Value, json};
use shared::http::Response;
use snippet_ranker::App;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::world::{TIME, World, json_of, send, tick};

const SESSIONS: usize = 50;
const ORDERS: usize = 1_000;
const ENVIRONMENTS: usize = 24;

fn path(session: usize) -> String {
    format!("/assist/sessions/storm-{session}/ranking")
}

/// An order that can be told from every other.
fn order(number: usize) -> Value {
    json!({ "snippets": [
        { "snippet_id": format!("kb-{number}"), "relevance_score": 0.9, "metadata": { "number": number.to_string() } },
        { "snippet_id": "kb-shared", "relevance_score": 0.5 },
    ]})
}

/// 409 by faults and by locks, lost answers, executed and not, 429 and 5xx.
fn faults() -> FaultPlan {
    let busy = Fault::Status {
        status: 429,
        retry_after: Some("1".to_owned()),
        code: None,
        body: None,
    };
    let rules = [
        (0.05, Fault::ExecutedThenLost),
        (0.03, Fault::Lost),
        (0.03, busy),
        (0.05, Fault::status(409)),
        (0.03, Fault::status(500)),
        (0.02, Fault::status(503)),
    ];
    let rule = |(rate, fault)| FaultRule::rate("ranking", rate, fault);
    let rules = rules.into_iter().map(rule).collect();
    FaultPlan { seed: 7, rules }
}

/// Locks and opens sessions all the time.
async fn lock(world: &World) {
    loop {
        let session = format!("storm-{}", fastrand::usize(..SESSIONS));
        let span = Duration::from_millis(fastrand::u64(50..600));
        world.simulator.ranking().lock_for(&session, span);
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// Sends it again under its key until it is known what became of it, as a caller does.
async fn insist(app: &App, event: Value) -> Response {
    loop {
        let response = send(app, event.clone(), TIME).await;
        if response.status_code != 503 {
            return response;
        }
        tokio::time::sleep(Duration::from_millis(fastrand::u64(100..1_000))).await;
    }
}

async fn post_all(world: &World) -> Vec<Response> {
    let mut apps = Vec::new();
    for _ in 0..ENVIRONMENTS {
        apps.push(world.another().await);
    }
    let mut calls = JoinSet::new();
    for number in 0..ORDERS {
        let app = Arc::clone(&apps[number % ENVIRONMENTS]);
        let key = format!("order-{number}");
        let key = [("idempotency-key", key.as_str())];
        let event = world.event("POST", &path(number % SESSIONS), &key, &order(number));
        // Half of them come at the same moment, and overtake each other; the others follow in the next seconds, and are posted.
        let pause = Duration::from_millis(fastrand::u64(..8_000) * (number as u64 / 500));
        calls.spawn(async move {
            tokio::time::sleep(pause).await;
            insist(&app, event).await
        });
    }
    calls.join_all().await
}

/// Sessions stand in the audit under pseudonyms, so orders are counted by version and state.
const WITHOUT_ENTRY: &str = "
    SELECT count(*) FROM (SELECT version, state, count(*) AS orders FROM ranking_orders GROUP BY version, state) o
    LEFT JOIN (
        SELECT (content::json ->> 'version')::bigint AS version, replace(content::json ->> 'status', 'success', 'posted') AS state,
            count(DISTINCT subject) AS entries
        FROM audit_entries GROUP BY 1, 2) e USING (version, state)
    WHERE entries IS NULL OR entries < orders";

/// What the newest order of a session is, and what the agent sees, where that is sure; says in how many sessions it is.
async fn compare(world: &World) -> usize {
    let newest = "SELECT session_id, ranking::text FROM ranking_orders JOIN ranking_sessions USING (session_id, version) WHERE NOT unsure";
    let rows = world.rows.query(newest, &[]).await.unwrap();
    let sure = rows.len();
    for row in rows {
        let (session, ranking): (&str, &str) = (row.get(0), row.get(1));
        let ranking: Value = serde_json::from_str(ranking).unwrap();
        let shown = world.simulator.ranking().shown(session);
        assert_eq!(shown, Some(ranking), "{session}");
    }
    sure
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_orders_at_once_leave_the_newest_and_a_whole_audit() {
    let Some(world) = World::start("a_thousand_orders_at_once", &[]).await else {
        return;
    };
    world.simulator.set_faults(faults()).unwrap();
    let ranking = RankingUpdate {
        jitter_ms: Some(150),
        ..RankingUpdate::default()
    };
    world.simulator.update(SettingsUpdate {
        ranking,
        ..SettingsUpdate::default()
    });
    let since = Instant::now();
    let answers = tokio::select! {
        answers = post_all(&world) => answers,
        () = lock(&world) => unreachable!("it never ends"),
    };
    let mut statuses = BTreeMap::new();
    for answer in &answers {
        *statuses.entry(answer.status_code).or_insert(0) += 1;
        assert!([200, 409].contains(&answer.status_code), "{}", answer.body);
    }
    println!("{ORDERS} orders in {:?}: {statuses:?}", since.elapsed());
    let ends = world
        .rows
        .query(
            "SELECT state || ' ' || count(*) FROM ranking_orders GROUP BY state",
            &[],
        )
        .await
        .unwrap();
    let ends: Vec<String> = ends.iter().map(|row| row.get(0)).collect();
    println!("{ends:?}");
    println!("{} posts reached CXone", world.posted());

    println!("{} of {SESSIONS} sessions are sure", compare(&world).await);

    // A few minutes later, without faults: what was unsure is posted.
    world.simulator.clear_faults();
    for _ in 0..3 {
        let later = "UPDATE ranking_sessions SET doubt_until = doubt_until - interval '1 minute', poster_until = poster_until - interval '1 minute';
            UPDATE ranking_orders SET created_at = created_at - interval '1 minute'";
        world.rows.batch_execute(later).await.unwrap();
        let ticked = serde_json::to_value(tick(&world.app).await.unwrap()).unwrap();
        println!("tick: {ticked}");
    }
    assert_eq!(compare(&world).await, SESSIONS);

    // Every order was accepted once, has an end, and the end is in the audit; those who were answered 200 were posted.
    let endless: i64 = world
        .value("SELECT count(*) FROM ranking_orders WHERE state NOT IN ('posted', 'superseded')")
        .await;
    assert_eq!(endless, 0);
    let orders: i64 = world.value("SELECT count(*) FROM ranking_orders").await;
    assert_eq!(usize::try_from(orders), Ok(ORDERS));
    let without: i64 = world.value(WITHOUT_ENTRY).await;
    assert_eq!(without, 0, "orders whose end is not in the audit");
    let told = answers.iter().filter(|answer| answer.status_code == 200);
    let told: Vec<Value> = told.map(json_of).collect();
    let posted: i64 = world
        .value("SELECT count(*) FROM ranking_orders WHERE state = 'posted'")
        .await;
    assert!(posted >= i64::try_from(told.len()).unwrap());
    let report = world.audit().await;
    assert!(report.is_sound(), "{report:?}");
}
