//! The graph over articles' vectors: built when it pays, mended when it broke, used without reading the table.

use std::time::Duration;

use serde_json::json;
use shared::db::knowledge_vectors::{Graph, ensure_graph, ensure_graph_of, lacks_graph};
use shared::db::search::{Filter, Snapshot};
use shared::db::vector_segments;
use shared::domain::query::KnowledgeQuery;
use shared::domain::{Provider, Space};
use tokio_postgres::types::Type;

use crate::articles::{Stage, vector};
use crate::stage::knowledge;

const FILL: &str = "SELECT setseed(0.5);
    INSERT INTO knowledge_articles (id, state, modified_at, content_hash, rendered_as)
    SELECT 'a-' || n, 'live', now(), sha256(n::text::bytea), '' FROM generate_series(1, 8300) n;
    INSERT INTO knowledge_documents (article_id, locale, title, metadata)
    SELECT id, 'en-US', 'About ' || id, jsonb_build_object('category', CASE WHEN random() < 0.98 THEN 'cups' ELSE 'lids' END, 'id', id)
    FROM knowledge_articles;
    INSERT INTO knowledge_chunks (document_id, chunk, heading, text_content, content_hash)
    SELECT id, 0, 'Cups', 'text ' || id, sha256(id::text::bytea) FROM knowledge_documents;
    INSERT INTO knowledge_vectors SELECT id, 1, ARRAY[random(), random(), random(), random()]::vector FROM knowledge_chunks;
    ANALYZE";

/// What broke off while it was built: it is there, and not whole.
const BREAK: &str = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'knowledge_vectors_graph_1'::regclass";

/// How often the graph was used: at least so often, or it is waited for in vain. Whoever goes says what it read, a moment later.
async fn uses(stage: &Stage, least: i64) -> i64 {
    let graph = "SELECT coalesce((SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'knowledge_vectors_graph_1'), 0)";
    for _ in 0..100 {
        if stage.number(graph).await >= least {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    stage.number(graph).await
}

#[tokio::test]
async fn it_is_built_once_mended_and_used() {
    let Some(stage) = Stage::set("it_is_built_once").await else {
        return;
    };
    let ensure = |few| ensure_graph(&stage.database, few);
    assert_eq!(ensure(10).await.unwrap(), Graph::NotNeeded);
    stage.bystander.batch_execute(FILL).await.unwrap();
    assert_eq!(ensure(8_300).await.unwrap(), Graph::NotNeeded);
    // Whoever cleans up or builds holds the table like this.
    let busy = "BEGIN; LOCK TABLE knowledge_vectors IN SHARE UPDATE EXCLUSIVE MODE";
    stage.bystander.batch_execute(busy).await.unwrap();
    assert_eq!(ensure(8_299).await.unwrap(), Graph::Busy);
    stage.bystander.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(ensure(8_299).await.unwrap(), Graph::Built);
    assert_eq!(ensure(8_299).await.unwrap(), Graph::Stands);
    stage.bystander.batch_execute(BREAK).await.unwrap();
    let question = vector("cups");
    let body = json!({ "query": "nothing", "limit": 20 });
    let exact = knowledge(&stage.database, &body, Some(&question))
        .await
        .unwrap();
    assert_eq!(
        exact.results.len(),
        20,
        "a graph that is not whole is not used"
    );
    assert_eq!(ensure(8_299).await.unwrap(), Graph::Built);
    let setting = stage.database.connection().await.unwrap();
    let row = setting
        .query_typed_one("SHOW maintenance_work_mem", &[])
        .await
        .unwrap();
    assert_eq!(row.get::<_, String>(0), "64MB", "the setting is given back");
    drop(setting);

    let before = uses(&stage, 0).await;
    let other = stage.test.database().unwrap();
    let by_graph = knowledge(&other, &body, Some(&question)).await.unwrap();
    let filtered = json!({ "query": "nothing", "limit": 20, "categories": ["cups"] });
    let filtered = knowledge(&other, &filtered, Some(&question)).await.unwrap();
    drop(other);
    assert_eq!(
        uses(&stage, before + 2).await,
        before + 2,
        "both went by the graph"
    );
    let ids = |answer: &shared::search::answer::KnowledgeAnswer| -> Vec<String> {
        answer
            .results
            .iter()
            .map(|one| one.article_id.to_string())
            .collect()
    };
    let same = ids(&exact)
        .iter()
        .filter(|id| ids(&by_graph).contains(id))
        .count();
    // Which levels of the graph a row reaches is drawn anew each time.
    assert!(same >= 18, "{same} of 20");
    assert!(
        filtered
            .results
            .iter()
            .all(|one| one.metadata.get().contains("\"cups\""))
    );
}

/// Whoever is to read another model soon finds its graph there already.
#[tokio::test]
async fn a_model_that_nobody_reads_yet_gets_its_graph_too() {
    let Some(stage) = Stage::set("a_model_that_nobody_reads").await else {
        return;
    };
    let space = Space {
        provider: Provider::Local,
        name: "next".to_owned(),
        dimensions: 6,
    };
    let next = vector_segments::open(&stage.database, &space)
        .await
        .unwrap();
    stage.bystander.batch_execute(FILL).await.unwrap();
    let beside = "INSERT INTO knowledge_vectors SELECT v.chunk_id, $1, (v.embedding::real[] || ARRAY[0.25, 0.5]::real[])::vector
        FROM knowledge_vectors v";
    let number = next.number();
    let values = [(&number as _, Type::INT2)];
    stage.bystander.query_typed(beside, &values).await.unwrap();
    let lacks = |few| lacks_graph(&stage.database, next, 6, few);
    assert!(lacks(10).await.unwrap());
    assert!(!lacks(1_000_000).await.unwrap(), "they are few");
    let built = ensure_graph_of(&stage.database, next, 6, 10).await.unwrap();
    assert_eq!(built, Graph::Built);
    assert!(!lacks(10).await.unwrap());
    // That of the model which is read is another one, and not there yet.
    let built = ensure_graph(&stage.database, 10).await.unwrap();
    assert_eq!(built, Graph::Built);
}

#[tokio::test]
async fn where_the_graph_gives_up_all_are_looked_at() {
    let Some(stage) = Stage::set("where_the_graph_gives_up").await else {
        return;
    };
    stage.bystander.batch_execute(FILL).await.unwrap();
    let built = ensure_graph(&stage.database, 10).await.unwrap();
    assert_eq!(built, Graph::Built);
    // Nearly all pass, but for those that lie nearest.
    let question = vector("cups");
    let numbers = format!("{:?}", question.as_slice());
    let values = [(&numbers as _, Type::TEXT)];
    let away = "UPDATE knowledge_documents SET metadata = '{\"category\": \"lids\"}' WHERE id IN (SELECT c.document_id
        FROM knowledge_vectors v JOIN knowledge_chunks c ON c.id = v.chunk_id ORDER BY v.embedding <=> $1::text::vector LIMIT 2800)";
    stage.bystander.query_typed(away, &values).await.unwrap();
    let query = br#"{"query": "nothing", "categories": ["cups"]}"#;
    let filter = Filter::of_knowledge(&KnowledgeQuery::parse(query).unwrap(), None);
    let mut connection = stage.database.connection().await.unwrap();
    let snapshot = Snapshot::begin(&stage.database, &mut connection)
        .await
        .unwrap();
    assert!(
        snapshot.few(&filter).await.unwrap().is_none(),
        "they are many"
    );
    let near = snapshot
        .nearest(&filter, None, &question, 20)
        .await
        .unwrap();
    snapshot.end().await.unwrap();
    let exact = "SELECT v.chunk_id FROM knowledge_vectors v JOIN knowledge_chunks c ON c.id = v.chunk_id
        JOIN knowledge_documents d ON d.id = c.document_id WHERE d.metadata @> '{\"category\": \"cups\"}'
        ORDER BY v.embedding <=> $1::text::vector, v.chunk_id LIMIT 20";
    let exact = stage.bystander.query_typed(exact, &values).await.unwrap();
    let exact: Vec<i64> = exact.iter().map(|row| row.get(0)).collect();
    let near: Vec<i64> = near.iter().map(|one| one.doc.0).collect();
    assert_eq!(near, exact, "those that pass, wherever they lie");
}
