//! Segments of conversations: each that is sealed goes by its own graph, and is left out where its time does not matter.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::db::conversations::store;
use shared::db::search::{Filter, Snapshot};
use shared::db::vector_segments::{
    fetch_closed, prepare_next, release, roll_over, seal, take_lease,
};
use shared::domain::query::ConversationQuery;

use crate::calls::{DIMENSIONS, Stage, vector};
use crate::conversations::tagged;
use crate::stage::conversations;

/// So many segments are sealed; one is fresh beside them.
const SEALED: usize = 3;
/// So many pieces stand in each.
const EACH: usize = 300;

/// Segments of pieces whose vectors lie among each other; those of each segment happened in a minute of their own.
async fn fill(stage: &Stage) {
    let tags = json!({ "source": "cxone_data_action", "language": "en" });
    for segment in 0..=SEALED {
        let batch = (0..EACH).map(|number| {
            let name = format!("c-{segment}-{number}");
            let second = i64::try_from(segment * 60 + number % 60).unwrap();
            let mut one = tagged(stage, &name, &name, second, &tags);
            let seed = segment * 311 + number * 7;
            for chunk in one.renditions.iter_mut().flat_map(|one| &mut one.chunks) {
                chunk.embedding = Some(Arc::new(vector(seed, DIMENSIONS)));
            }
            one
        });
        let kept = store(&stage.database, &batch.collect::<Vec<_>>()).await;
        let fill = kept.unwrap().fills[0];
        if segment < SEALED {
            assert!(roll_over(&stage.database, &fill).await.unwrap());
            assert!(prepare_next(&stage.database, stage.model).await.unwrap());
        }
    }
    let lease = take_lease(&stage.database, stage.model, Duration::from_mins(1)).await;
    let lease = lease.unwrap().unwrap();
    for segment in fetch_closed(&stage.database, stage.model).await.unwrap() {
        seal(&stage.database, &lease, segment).await.unwrap();
    }
    release(&stage.database, lease).await.unwrap();
    stage.bystander.batch_execute("ANALYZE").await.unwrap();
}

/// The conversations that are found, the nearest first.
async fn found(stage: &Stage, filter: &Value) -> Vec<String> {
    let mut body = filter.clone();
    body["query"] = json!("nothing");
    body["limit"] = json!(50);
    body["collapse"] = json!(false);
    let database = stage.test.database().unwrap();
    let question = vector(42, DIMENSIONS);
    let answer = conversations(&database, &body, Some(&question))
        .await
        .unwrap();
    let found = answer.results.iter();
    found.map(|one| one.conversation_id.to_string()).collect()
}

/// The same, by looking at every row.
async fn exact(stage: &Stage, which: &str) -> Vec<String> {
    let sql = format!(
        "SELECT conversation_id FROM conversation_embeddings WHERE {which}
        ORDER BY embedding <=> '[42.5,43.5,44.5,45.5]', doc LIMIT 50"
    );
    stage.lines(&sql).await
}

/// From when to when, in seconds after the first.
fn span(from: i64, to: i64) -> Value {
    let at = |second: i64| Timestamp::from_second(1_768_473_000 + second).unwrap();
    json!({ "from": at(from), "to": at(to) })
}

#[tokio::test]
async fn each_sealed_segment_goes_by_its_own_graph_and_the_order_is_that_of_all() {
    let Some(stage) = Stage::set("each_sealed_segment").await else {
        return;
    };
    fill(&stage).await;
    assert_eq!(found(&stage, &json!({})).await, exact(&stage, "true").await);
    let graphs = "SELECT indexrelname, idx_scan::text FROM pg_stat_user_indexes WHERE indexrelname LIKE '%_graph' AND relname LIKE 'conversation%'
        ORDER BY 1";
    let once: Vec<_> = (1..=SEALED)
        .map(|number| format!("conversation_embeddings_{number}_graph 1"))
        .collect();
    // Whoever goes says what it read, a moment later.
    for _ in 0..100 {
        if stage.lines(graphs).await == once {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(
        stage.lines(graphs).await,
        once,
        "one limited subquery for each graph"
    );
}

#[tokio::test]
async fn a_span_of_time_finds_the_same_and_leaves_out_what_lies_elsewhere() {
    let Some(stage) = Stage::set("a_span_of_time").await else {
        return;
    };
    fill(&stage).await;
    for (from, to) in [
        (0, 300),
        (0, 59),
        (59, 60),
        (60, 119),
        (30, 150),
        (100, 200),
        (170, 400),
        (500, 600),
    ] {
        let which = format!(
            "occurred_at BETWEEN to_timestamp({}) AND to_timestamp({})",
            1_768_473_000 + from,
            1_768_473_000 + to
        );
        assert_eq!(
            found(&stage, &span(from, to)).await,
            exact(&stage, &which).await,
            "{which}"
        );
    }
    // A segment that is said to lie elsewhere is not looked at.
    let lie = "UPDATE vector_segments SET last_at = first_at - interval '1 second' WHERE id = 1";
    stage.bystander.batch_execute(lie).await.unwrap();
    assert!(found(&stage, &span(0, 59)).await.is_empty());
    assert_eq!(found(&stage, &json!({})).await, exact(&stage, "true").await);
}

#[tokio::test]
async fn what_is_being_made_or_was_replaced_is_not_searched() {
    let Some(stage) = Stage::set("being_made_or_replaced").await else {
        return;
    };
    fill(&stage).await;
    for state in ["building", "replaced"] {
        let put = format!("UPDATE vector_segments SET state = '{state}' WHERE id = 2");
        stage.bystander.batch_execute(&put).await.unwrap();
        assert_eq!(
            found(&stage, &json!({})).await,
            exact(&stage, "segment <> 2").await,
            "{state}"
        );
    }
}

/// Who asks for a time does not even open the tables of another: while one of those is held alone, whoever would scan it waits.
#[tokio::test]
async fn who_passes_is_asked_of_no_segment_of_another_time() {
    let Some(stage) = Stage::set("who_passes_is_asked").await else {
        return;
    };
    fill(&stage).await;
    let database = stage.test.database().unwrap();
    let filter = |from, to| {
        let mut body = span(from, to);
        body["query"] = json!("nothing");
        let query = ConversationQuery::parse(body.to_string().as_bytes());
        Filter::of_conversations(&query.unwrap(), None)
    };
    let alone = "BEGIN; LOCK TABLE conversation_embeddings_1, conversation_embeddings_2 IN ACCESS EXCLUSIVE MODE";
    stage.bystander.batch_execute(alone).await.unwrap();
    let mut connection = database.connection().await.unwrap();
    let snapshot = Snapshot::begin(&database, &mut connection).await.unwrap();
    // Of the third that is sealed, of that and the fresh one, and of a time of which only the fresh one could have anything.
    for (from, to, passing) in [(120, 179, EACH), (170, 185, 80), (500, 600, 0)] {
        let filter = filter(from, to);
        let all = snapshot.few(&filter).await.unwrap().unwrap();
        assert_eq!(all.len(), passing, "{from} to {to}");
        assert_eq!(snapshot.any(&filter).await.unwrap(), passing > 0);
        let again = snapshot.passing(&filter, &all, EACH).await.unwrap();
        assert_eq!(again, all, "{from} to {to}");
    }
    // Whose time is meant is asked: this one waits until it may wait no more.
    let error = snapshot.any(&filter(0, 59)).await.unwrap_err();
    assert_eq!(error.kind().as_str(), "transient", "{error}");
    stage.bystander.batch_execute("ROLLBACK").await.unwrap();
}
