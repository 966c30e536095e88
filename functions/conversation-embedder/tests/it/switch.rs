//! Queries may use another model only when it has the articles too.

use std::time::Duration;

use conversation_embedder::App;
use serde_json::json;

use crate::drive::{deliver, invoke};
use crate::messages::completed;
use crate::world::World;

const TIME: Duration = Duration::from_secs(30);

/// Three pieces of an article. Two have a vector of the model that queries use, the third was refused by it.
const ARTICLE: &str = "
    INSERT INTO knowledge_articles (id, state, modified_at, content_hash, rendered_as) VALUES ('cups', 'live', now(), sha256(''), '');
    INSERT INTO knowledge_documents (article_id, locale, title, metadata) VALUES ('cups', 'en-US', 'Cups', '{}');
    INSERT INTO knowledge_chunks (document_id, chunk, heading, text_content, content_hash)
        SELECT d.id, n, '', 'text', sha256(n::text::bytea) FROM knowledge_documents d, generate_series(0, 2) n;
    INSERT INTO knowledge_vectors SELECT c.id, m.id, '[1,2]'::vector FROM knowledge_chunks c, embedding_models m WHERE m.active AND c.chunk < 2";

/// What a run of the sync adds, as far as this piece.
const SYNC: &str = "INSERT INTO knowledge_vectors SELECT c.id, m.id, '[1,2,3]'::vector
    FROM knowledge_chunks c, embedding_models m WHERE NOT m.active AND c.chunk = ";

/// The function with a second model.
async fn with_second(world: &World) -> App {
    let second = json!({"provider": "openai", "base_url": world.simulator.url(), "model": "all-MiniLM-L6-v2",
        "dimensions": 384, "key_secret_id": "embedding-key"});
    let settings = [("EMBEDDING_SECOND", &*second.to_string())];
    world.again(&settings).await
}

#[tokio::test]
async fn a_model_that_articles_lack_is_not_switched_to_unless_it_must_be() {
    let Some(world) = World::start("a_model_that_articles_lack", &[]).await else {
        return;
    };
    let app = with_second(&world).await;
    let event = [completed("one", "One.")];
    assert!(deliver(&app, &event, TIME).await.is_empty());
    world.rows.batch_execute(ARTICLE).await.unwrap();
    let to =
        |model: &str, force: bool| json!({"task": "switch_model", "model": model, "force": force});
    for (piece, lacking) in [(0, "2 pieces of articles"), (1, "1 pieces of articles")] {
        let refused = invoke(&app, to("all-MiniLM-L6-v2", false), TIME).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.error_type, "conflict", "{refused:?}");
        let words = &refused.error_message;
        assert!(
            words.contains(lacking) && words.contains("/knowledge/refresh?full_sync=true"),
            "{words}"
        );
        let sync = format!("{SYNC}{piece}");
        world.rows.batch_execute(&sync).await.unwrap();
    }
    let active = "embedding_models WHERE active AND dimensions = 384";
    assert_eq!(world.count(active).await, 0);
    invoke(&app, to("all-MiniLM-L6-v2", false), TIME)
        .await
        .unwrap();
    assert_eq!(world.count(active).await, 1);
    // What came while queries used the second one, and only it.
    let later = "DELETE FROM knowledge_vectors v USING embedding_models m, knowledge_chunks c
        WHERE m.id = v.model_id AND NOT m.active AND c.id = v.chunk_id AND c.chunk = 0";
    world.rows.batch_execute(later).await.unwrap();
    let back = "text-embedding-3-small";
    let refused = invoke(&app, to(back, false), TIME).await.unwrap_err();
    assert_eq!(refused.error_type, "conflict", "{refused:?}");
    invoke(&app, to(back, true), TIME).await.unwrap();
    assert_eq!(world.count(active).await, 0, "it had to be");
}

#[tokio::test]
async fn what_the_new_model_refuses_for_good_holds_no_switch_up() {
    let Some(world) = World::start("what_the_new_model_refuses", &[]).await else {
        return;
    };
    let app = with_second(&world).await;
    let event = [completed("one", "One.")];
    assert!(deliver(&app, &event, TIME).await.is_empty());
    world.rows.batch_execute(ARTICLE).await.unwrap();
    let task = json!({"task": "switch_model", "model": "all-MiniLM-L6-v2"});
    for (models, error) in [
        ("openai/text-embedding-3-small/1536", Some("conflict")),
        (
            "openai/text-embedding-3-small/1536,openai/all-MiniLM-L6-v2/3840",
            Some("conflict"),
        ),
        (
            "openai/text-embedding-3-small/1536,openai/all-MiniLM-L6-v2/384",
            None,
        ),
    ] {
        let answered = format!(
            "UPDATE knowledge_articles SET rendered_as = '1;1;-;Limits {{ tokens: 400 }};;{models}'"
        );
        world.rows.batch_execute(&answered).await.unwrap();
        let switched = invoke(&app, task.clone(), TIME).await;
        let refused = switched.err().map(|refused| refused.error_type);
        assert_eq!(refused.as_deref(), error, "{models}");
    }
}

#[tokio::test]
async fn events_that_cannot_all_be_looked_at_hold_no_switch_up_and_articles_are_looked_at_all_the_same()
 {
    let Some(world) = World::start("events_that_cannot_all", &[]).await else {
        return;
    };
    let app = with_second(&world).await;
    let event = [completed("one", "One.")];
    assert!(deliver(&app, &event, TIME).await.is_empty());
    let switch = |reembedded: bool| json!({"task": "switch_model", "model": "all-MiniLM-L6-v2", "reembedded": reembedded});
    // As if to look at them took longer than an invocation.
    let locked = "BEGIN; LOCK TABLE embedded IN ACCESS EXCLUSIVE MODE";
    world.rows.batch_execute(locked).await.unwrap();
    let short = Duration::from_secs(5);
    let refused = invoke(&app, switch(false), short).await.unwrap_err();
    assert_eq!(refused.error_type, "conflict", "{refused:?}");
    assert!(refused.error_message.contains("reembedded"), "{refused:?}");
    world.rows.batch_execute("COMMIT").await.unwrap();
    world.rows.batch_execute(ARTICLE).await.unwrap();
    let refused = invoke(&app, switch(true), TIME).await.unwrap_err();
    assert!(refused.error_message.contains("2 pieces"), "{refused:?}");
    world
        .rows
        .batch_execute("DELETE FROM knowledge_articles")
        .await
        .unwrap();
    world.rows.batch_execute(locked).await.unwrap();
    invoke(&app, switch(true), short).await.unwrap();
    world.rows.batch_execute("COMMIT").await.unwrap();
    let active = "embedding_models WHERE active AND dimensions = 384";
    assert_eq!(world.count(active).await, 1);
}

/// Between the look at what lacks the new model and the switch, a batch may be stored without it: it is told, and with what it is filled.
#[tokio::test]
async fn what_was_stored_without_the_model_meanwhile_is_told_with_the_way_out() {
    let Some(world) = World::start("stored_without_the_model", &[]).await else {
        return;
    };
    let events = [completed("one", "One."), completed("two", "Two.")];
    assert!(world.deliver(&events).await.is_empty());
    let app = with_second(&world).await;
    let task = |task: &str| json!({"task": task, "model": "all-MiniLM-L6-v2", "reembedded": true});
    let switched = invoke(&app, task("switch_model"), TIME).await.unwrap();
    assert_eq!(switched["lacking"], 2, "{switched}");
    assert!(
        switched["next"].as_str().unwrap().contains("reembed"),
        "{switched}"
    );
    let report = invoke(&app, json!({"task": "reembed"}), TIME).await;
    assert_eq!(report.unwrap()["finished"], true);
    let again = invoke(&app, task("switch_model"), TIME).await.unwrap();
    assert_eq!(
        (&again["lacking"], &again["next"]),
        (&json!(0), &json!(null))
    );
}

#[tokio::test]
async fn a_model_without_the_graph_that_search_needs_is_not_switched_to_unless_it_must_be() {
    let Some(world) = World::start("a_model_without_the_graph", &[]).await else {
        return;
    };
    let app = with_second(&world).await;
    let event = [completed("one", "One.")];
    assert!(deliver(&app, &event, TIME).await.is_empty());
    // More pieces than are looked at one by one, all of which have a vector of the second model and none of the first.
    let many = "
        INSERT INTO knowledge_articles (id, state, modified_at, content_hash, rendered_as) VALUES ('cups', 'live', now(), sha256(''), '');
        INSERT INTO knowledge_documents (article_id, locale, title, metadata) VALUES ('cups', 'en-US', 'Cups', '{}');
        INSERT INTO knowledge_chunks (document_id, chunk, heading, text_content, content_hash)
            SELECT d.id, n, '', 'text', sha256(n::text::bytea) FROM knowledge_documents d, generate_series(0, 10000) n;
        INSERT INTO knowledge_vectors SELECT c.id, m.id, '[1,2,3]'::vector FROM knowledge_chunks c, embedding_models m WHERE NOT m.active";
    world.rows.batch_execute(many).await.unwrap();
    let to =
        |force: bool| json!({"task": "switch_model", "model": "all-MiniLM-L6-v2", "force": force});
    let refused = invoke(&app, to(false), TIME).await.unwrap_err();
    assert_eq!(refused.error_type, "conflict", "{refused:?}");
    assert!(
        refused.error_message.contains("/knowledge/refresh"),
        "{refused:?}"
    );
    invoke(&app, to(true), TIME).await.unwrap();
    let active = "embedding_models WHERE active AND dimensions = 384";
    assert_eq!(world.count(active).await, 1);
}
