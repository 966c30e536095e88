//! A second model is filled beside the one that search uses, and holds nothing up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cxone_simulator::{Fault, FaultPlan, FaultRule, Revision, Settings, SettingsUpdate, Simulator};
use serde_json::json;

use crate::world::{World, article};

/// The dimensions of the second model's vectors.
const SECOND: &str = "knowledge_vectors WHERE vector_dims(embedding) = 256";
const FIRST: &str = "knowledge_vectors WHERE vector_dims(embedding) <> 256";

impl World {
    /// A sync with a second model, whose key the provider does not know yet.
    async fn with_a_second_model(test: &str) -> Option<Self> {
        let simulator = Arc::new(Simulator::start(Settings::default()).unwrap());
        let second = json!({"base_url": simulator.url(), "model": "text-embedding-3-large", "dimensions": 256,
            "key_secret_id": "other-key"})
        .to_string();
        let world = Self::beside(simulator, test, &[("EMBEDDING_SECOND", &second)]).await?;
        let articles = [
            article("cups", 1, "Two cups."),
            article("plates", 400, "Four plates."),
        ];
        world.simulator.knowledge().put_all(articles.into());
        Some(world)
    }

    /// From now on the provider knows the second model's key.
    fn pay(&self) {
        self.simulator.update(SettingsUpdate {
            embedding_keys: vec!["sk-other".to_owned()],
            ..SettingsUpdate::default()
        });
    }

    /// How often a model answered.
    fn answers_of(&self, model: &str) -> usize {
        let asked = self.simulator.requests("/v1/embeddings");
        let of_model = |one: &&cxone_simulator::Recorded| one.body.contains(model) && one.executed;
        asked.iter().filter(of_model).count()
    }

    async fn has_watermark(&self) -> bool {
        let watermark = "knowledge_sync WHERE watermark IS NOT NULL";
        self.count(watermark).await == 1
    }
}

#[tokio::test]
async fn a_second_model_that_fails_holds_nothing_up_and_is_filled_at_night() {
    let Some(world) = World::with_a_second_model("a_second_model_that_fails").await else {
        return;
    };
    let run = world.run("sync").await;
    assert_eq!(
        (&run["state"], &run["added"], &run["failed"]),
        (&"done".into(), &2.into(), &0.into()),
        "{run}"
    );
    assert_eq!(world.live().await.len(), 2);
    assert!(world.has_watermark().await, "{run}");
    let bought = world.answers_of("text-embedding-3-small");
    world.run("reconcile").await;
    assert_eq!(world.answers_of("text-embedding-3-small"), bought);
    assert_eq!(world.count(SECOND).await, 0);

    world.pay();
    world.run("reconcile").await;
    assert_eq!(world.count(SECOND).await, world.count(FIRST).await);
    assert_eq!(world.answers_of("text-embedding-3-small"), bought);
    let run = world.run("reconcile").await;
    assert_eq!(run["unchanged"], 2, "{run}");
}

#[tokio::test]
async fn an_article_waits_for_the_model_that_search_uses_and_no_other_is_paid_meanwhile() {
    let Some(world) = World::with_a_second_model("an_article_waits").await else {
        return;
    };
    world.run("sync").await;
    let switch = "UPDATE embedding_models SET active = false; UPDATE embedding_models SET active = true WHERE dimensions = 256";
    world.rows.batch_execute(switch).await.unwrap();
    let revision = Revision::of_content("en-US", "<p>Three cups.</p>");
    world.simulator.knowledge().edit("cups", revision).unwrap();
    let bought = world.answers_of("text-embedding-3-small");
    let run = world.run("sync").await;
    // The other one waits for its vector of the second model, and was changed last.
    assert_eq!(
        (&run["failed"], &run["updated"]),
        (&2.into(), &0.into()),
        "{run}"
    );
    assert_eq!(world.answers_of("text-embedding-3-small"), bought);
    let old = world.contents().await;
    assert!(format!("{old:?}").contains("Two cups"), "{old:?}");

    world.pay();
    let run = world.run("sync").await;
    assert_eq!(
        (&run["failed"], &run["updated"]),
        (&0.into(), &1.into()),
        "{run}"
    );
    assert!(world.answers_of("text-embedding-3-small") > bought);
}

#[tokio::test]
async fn a_second_model_that_is_slow_takes_no_more_than_its_share_of_the_time() {
    let Some(world) = World::with_a_second_model("a_second_model_that_is_slow").await else {
        return;
    };
    world.pay();
    let well = FaultRule::next("/v1/embeddings", 1, Fault::Slow { ms: 1 });
    let slow = FaultRule::rate("/v1/embeddings", 1.0, Fault::Slow { ms: 90_000 });
    let rules = vec![well, slow];
    let plan = FaultPlan { seed: 0, rules };
    world.simulator.set_faults(plan).unwrap();
    let began = Instant::now();
    let report = world.invoke("sync", Duration::from_secs(45)).await;
    let report = report.unwrap();
    assert_eq!(report["runs"][0]["state"], "done", "{report}");
    assert_eq!(world.count(SECOND).await, 0);
    assert_ne!(world.count(FIRST).await, 0);
    assert!(
        began.elapsed() < Duration::from_secs(30),
        "the pages behind would have no time"
    );
}

/// More pieces than are looked at one by one, each with a vector of the second model.
const MANY: &str = "
    INSERT INTO knowledge_articles (id, state, modified_at, content_hash, rendered_as) VALUES ('many', 'live', now(), sha256(''), '');
    INSERT INTO knowledge_documents (article_id, locale, title, metadata) VALUES ('many', 'en-US', 'Many', '{}');
    INSERT INTO knowledge_chunks (document_id, chunk, heading, text_content, content_hash)
        SELECT d.id, n, '', 'text', sha256(n::text::bytea) FROM knowledge_documents d, generate_series(0, 10000) n WHERE d.article_id = 'many';
    INSERT INTO knowledge_vectors SELECT c.id, m.id,
            (SELECT array_agg(random()) FROM generate_series(1, 256) WHERE c.id > 0)::vector
        FROM knowledge_chunks c JOIN knowledge_documents d ON d.id = c.document_id, embedding_models m
        WHERE d.article_id = 'many' AND m.dimensions = 256";

#[tokio::test]
async fn the_model_beside_has_its_graph_before_search_reads_it() {
    let Some(world) = World::with_a_second_model("the_model_beside_has_its_graph").await else {
        return;
    };
    world.pay();
    world.run("sync").await;
    let graphs = "pg_class WHERE relname LIKE 'knowledge\\_vectors\\_graph\\_%'";
    assert_eq!(world.count(graphs).await, 0, "they are few");
    world.rows.batch_execute(MANY).await.unwrap();
    world.run("sync").await;
    let of_second = "embedding_models WHERE dimensions = 256 AND NOT active
        AND to_regclass('knowledge_vectors_graph_' || id) IS NOT NULL";
    assert_eq!(
        (world.count(graphs).await, world.count(of_second).await),
        (1, 1)
    );
}
