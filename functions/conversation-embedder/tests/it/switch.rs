//! Queries may use another model only when it has the articles too.

use std::time::Duration;

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

#[tokio::test]
async fn a_model_that_articles_lack_is_not_switched_to_unless_it_must_be() {
    let Some(world) = World::start("a_model_that_articles_lack", &[]).await else {
        return;
    };
    let second = json!({"provider": "openai", "base_url": world.simulator.url(), "model": "all-MiniLM-L6-v2",
        "dimensions": 384, "key_secret_id": "embedding-key"});
    let app = world
        .again(&[("EMBEDDING_SECOND", &second.to_string())])
        .await;
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
