//! The copy in Elasticsearch follows, whatever happens to it, and never holds up the sync.

use std::collections::BTreeSet;
use std::sync::Arc;

use cxone_simulator::{Fault, FaultPlan, FaultRule, Revision, Settings, Simulator};
use serde_json::Value;
use shared::testing::proof_size;

use crate::world::{World, article};

const INDEX: &str = "cxone_knowledge_index";

/// A sync with a copy.
async fn start(test: &str) -> Option<World> {
    let simulator = Simulator::start(Settings::default()).unwrap();
    over(simulator.into(), test).await
}

/// One with another database, of the same tenant and with the same copy.
async fn over(simulator: Arc<Simulator>, test: &str) -> Option<World> {
    let url = format!("{}/elasticsearch", simulator.url());
    let settings = [
        ("ELASTICSEARCH_URL", url.as_str()),
        ("ELASTICSEARCH_SECRET_ID", "elasticsearch"),
    ];
    World::beside(simulator, test, &settings).await
}

impl World {
    /// What is in the copy: name, title, and whether it has a vector.
    fn copied(&self) -> BTreeSet<(String, String, bool)> {
        let documents = self.simulator.elasticsearch().documents(INDEX);
        let line = |(id, document): (String, Value)| {
            let title = document["title"].as_str().unwrap().to_owned();
            (id, title, document["embedding"].is_array())
        };
        documents.into_iter().map(line).collect()
    }

    /// What should be in it.
    async fn to_be_copied(&self) -> BTreeSet<(String, String, bool)> {
        let contents = self.contents().await;
        let line = |(article, locale, title, texts): (String, String, String, Vec<String>)| {
            (format!("{article}:{locale}"), title, !texts.is_empty())
        };
        contents.into_iter().map(line).collect()
    }

    fn strike(&self, rules: Vec<FaultRule>) {
        self.simulator
            .set_faults(FaultPlan { seed: 1, rules })
            .unwrap();
    }

    /// As if an hour had passed.
    async fn due_again(&self) {
        let due = "UPDATE knowledge_mirror SET next_try_at = now()";
        self.rows.execute(due, &[]).await.unwrap();
    }
}

#[tokio::test]
async fn documents_come_change_and_go_in_the_copy() {
    let Some(world) = start("documents_come").await else {
        return;
    };
    let knowledge = world.simulator.knowledge();
    knowledge.put_all(vec![
        article("cups", 1, "Two cups."),
        article("plates", 2, "Four plates."),
    ]);
    world.run("sync").await;
    let mapping = world.simulator.elasticsearch().mapping(INDEX).unwrap();
    let fields = &mapping["mappings"]["properties"];
    assert_eq!(fields["embedding"]["type"], "dense_vector");
    assert_eq!(fields["embedding"]["dims"], 1_536);
    let documents = world.simulator.elasticsearch().documents(INDEX);
    let cups = &documents["cups:en-US"];
    assert!(
        cups["body_text"].as_str().unwrap().contains("Two cups"),
        "{cups}"
    );
    assert_eq!(cups["embedding"].as_array().unwrap().len(), 1_536);
    assert_eq!(
        (
            &cups["language"],
            &cups["territory"],
            &cups["version"],
            &cups["broken_links"]
        ),
        (
            &"en-US".into(),
            &"US".into(),
            &1.into(),
            &Value::Array(Vec::new())
        )
    );
    knowledge
        .edit("cups", Revision::of_content("en-US", "<p>Three cups.</p>"))
        .unwrap();
    knowledge.unpublish("plates").unwrap();
    world.run("sync").await;
    let documents = world.simulator.elasticsearch().documents(INDEX);
    assert_eq!(documents.len(), 1, "{documents:?}");
    let text = documents["cups:en-US"]["body_text"].as_str().unwrap();
    assert!(text.contains("Three cups"), "{text}");
    assert_eq!(world.count("knowledge_mirror").await, 0);
    world.simulator.clear_requests();
    world.run("sync").await;
    assert_eq!(
        world.simulator.requests("/elasticsearch").len(),
        0,
        "nothing to do"
    );
}

#[tokio::test]
async fn whatever_happens_to_it_the_copy_follows_in_the_end() {
    let Some(world) = start("whatever_happens").await else {
        return;
    };
    let knowledge = world.simulator.knowledge();
    let busy = Fault::RefusedItem {
        status: 429,
        error: "es_rejected_execution_exception".to_owned(),
    };
    let rate = |fault| FaultRule::rate("elasticsearch", 0.1, fault);
    let faults = [
        Fault::status(429),
        Fault::status(503),
        Fault::Lost,
        Fault::ExecutedThenLost,
        Fault::Cut,
        Fault::NotJson,
        Fault::Slow { ms: 200 },
        busy,
    ];
    knowledge.seed(9, 40);
    for round in 0..proof_size(3, 20) {
        world.strike(faults.iter().cloned().map(rate).collect());
        let names: Vec<_> = knowledge
            .list()
            .iter()
            .map(|one| one.uuid.clone())
            .collect();
        knowledge.delete(&names[round]).unwrap();
        knowledge.unpublish(&names[round + 1]).unwrap();
        let edit = Revision::of_content("en-US", &format!("<p>Edit {round}.</p>"));
        knowledge.edit(&names[round + 2], edit).unwrap();
        let run = world.run(["sync", "reconcile"][round % 2]).await;
        assert_eq!(run["state"], "done", "the copy held up the sync: {run}");
        world.due_again().await;
    }
    world.simulator.clear_faults();
    // How long the breaker pauses depends on how many failed in a row.
    for _ in 0..40 {
        world.due_again().await;
        world.run("reconcile").await;
        if world.count("knowledge_mirror").await == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    }
    assert_eq!(world.copied(), world.to_be_copied().await);
    assert_eq!(world.count("knowledge_mirror").await, 0);
}

#[tokio::test]
async fn a_document_that_is_not_taken_is_set_aside_and_stops_nobody() {
    let Some(world) = start("a_document_that_is_not_taken").await else {
        return;
    };
    let knowledge = world.simulator.knowledge();
    knowledge.put_all(vec![
        article("cups", 1, "Two cups."),
        article("plates", 2, "Four plates."),
    ]);
    let poison = Fault::RefusedItem {
        status: 400,
        error: "document_parsing_exception".to_owned(),
    };
    world.strike(vec![FaultRule::next("/elasticsearch/_bulk", 1, poison)]);
    world.run("sync").await;
    assert_eq!(world.copied().len(), 1, "the other one is copied");
    let aside = "knowledge_mirror WHERE set_aside = 'document_parsing_exception'";
    assert_eq!(world.count(aside).await, 1);
    world.simulator.clear_requests();
    world.run("sync").await;
    assert_eq!(
        world.simulator.requests("/elasticsearch").len(),
        0,
        "not tried again"
    );
    for name in ["cups", "plates"] {
        let edit = Revision::of_content("en-US", "<p>Better.</p>");
        knowledge.edit(name, edit).unwrap();
    }
    world.run("sync").await;
    assert_eq!(
        world.copied(),
        world.to_be_copied().await,
        "changed, it is tried again"
    );
}

#[tokio::test]
async fn a_copy_that_is_down_costs_the_sync_nothing_and_gets_everything_later() {
    let Some(world) = start("a_copy_that_is_down").await else {
        return;
    };
    let knowledge = world.simulator.knowledge();
    knowledge.put(article("cups", 1, "Two cups."));
    world.strike(vec![FaultRule::rate(
        "elasticsearch",
        1.0,
        Fault::status(401),
    )]);
    let run = world.run("sync").await;
    assert_eq!(
        (&run["state"], &run["added"]),
        (&"done".into(), &1.into()),
        "{run}"
    );
    assert_eq!(world.live().await.len(), 1);
    assert_eq!(world.count("knowledge_mirror").await, 1);
    world.simulator.clear_faults();
    world.run("sync").await;
    assert_eq!(world.copied(), world.to_be_copied().await);
}

#[tokio::test]
async fn without_a_copy_nothing_is_noted() {
    let Some(world) = World::start("without_a_copy", &[]).await else {
        return;
    };
    world
        .simulator
        .knowledge()
        .put(article("cups", 1, "Two cups."));
    world.run("sync").await;
    assert_eq!(world.count("knowledge_mirror").await, 0);
}

/// After a restore, or over an index that served before: what stands in the index has higher numbers than a database that begins at 1.
#[tokio::test]
async fn the_copy_follows_another_database_over_the_same_index() {
    let Some(first) = start("the_copy_of_the_first_database").await else {
        return;
    };
    let knowledge = first.simulator.knowledge();
    knowledge.put(article("cups", 1, "Two cups."));
    for edit in 0..4 {
        first.run("sync").await;
        let edit = Revision::of_content("en-US", &format!("<p>Edit {edit}.</p>"));
        knowledge.edit("cups", edit).unwrap();
    }
    first.run("sync").await;
    let second = over(first.simulator.clone(), "the_copy_of_another_database").await;
    let second = second.unwrap();
    let edit = Revision::of_content("en-US", "<p>Three cups.</p>");
    knowledge.edit("cups", edit).unwrap();
    second.run("sync").await;
    let documents = || second.simulator.elasticsearch().documents(INDEX);
    let text = documents()["cups:en-US"]["body_text"].to_string();
    assert!(text.contains("Three cups"), "{text}");
    // The clock is behind what was drawn already.
    let ahead = "SELECT setval('knowledge_mirror_changes', 4000000000000000000)";
    second.rows.execute(ahead, &[]).await.unwrap();
    let edit = Revision::of_content("en-US", "<p>Four cups.</p>");
    knowledge.edit("cups", edit).unwrap();
    second.run("sync").await;
    let drawn = "knowledge_mirror_changes WHERE last_value > 4000000000000000000";
    assert_eq!(second.count(drawn).await, 1, "it is not lowered");
    let text = documents()["cups:en-US"]["body_text"].to_string();
    assert!(text.contains("Four cups"), "{text}");
    knowledge.unpublish("cups").unwrap();
    second.run("sync").await;
    assert_eq!(documents().len(), 0);
}
