//! The form of `If-Modified-Since`, which says neither dates nor versions.

use std::time::Duration;

use cxone_simulator::{Fault, FaultPlan, FaultRule, KnowledgeUpdate, Revision, SettingsUpdate};
use serde_json::json;

use crate::world::{World, article};

#[tokio::test]
async fn changes_come_and_what_stood_still_costs_nothing() {
    let Some(world) = World::start("changes_come", &[("KNOWLEDGE_FORM", "conditional")]).await
    else {
        return;
    };
    let knowledge = world.simulator.knowledge();
    knowledge.seed(3, 60);
    let run = world.run("sync").await;
    let added = run["added"].as_u64().unwrap();
    assert_eq!(added, world.live().await.len() as u64, "{run}");
    assert!(added > 30, "{run}");
    world.simulator.clear_requests();
    let run = world.run("sync").await;
    assert_eq!((&run["updated"], world.asked()), (&0.into(), 0), "{run}");

    let edited = world.live().await.pop_first().unwrap();
    knowledge
        .edit(&edited, Revision::of_content("en-US", "<p>Said anew.</p>"))
        .unwrap();
    let run = world.run("sync").await;
    assert_eq!(run["updated"], 1, "{run}");
    let (.., texts) = world
        .contents()
        .await
        .into_iter()
        .find(|one| one.0 == edited)
        .unwrap();
    assert!(texts.concat().contains("Said anew"), "{texts:?}");

    knowledge.delete(&edited).unwrap();
    let run = world.run("reconcile").await;
    assert_eq!(run["gone"], 1, "{run}");
}

fn status(status: u16, body: Option<serde_json::Value>) -> Fault {
    Fault::Status {
        status,
        retry_after: None,
        code: None,
        body,
    }
}

/// Twelve articles that are here. So few may all go.
async fn twelve(test: &str) -> Option<World> {
    let world = World::start(test, &[("KNOWLEDGE_FORM", "conditional")]).await?;
    let articles = (0..12).map(|number| article(&format!("a-{number:03}"), number, "Words."));
    world.simulator.knowledge().put_all(articles.collect());
    world.run("sync").await;
    assert_eq!(world.live().await.len(), 12);
    Some(world)
}

impl World {
    /// What a task fails with under these faults, and whether it asks for the other form.
    async fn fails_under(&self, task: &str, rules: Vec<FaultRule>) {
        self.simulator
            .set_faults(FaultPlan { seed: 1, rules })
            .unwrap();
        let failed = self.invoke(task, Duration::from_secs(40)).await;
        let failed = failed.unwrap_err();
        assert_eq!(failed.error_type, "misconfigured", "{failed:?}");
        let names_the_remedy = failed.error_message.contains("KNOWLEDGE_FORM=pages");
        assert!(names_the_remedy, "{failed:?}");
        assert_eq!(self.live().await.len(), 12, "{task}");
    }
}

#[tokio::test]
async fn a_part_that_does_not_say_where_to_go_on_is_not_taken_for_the_whole() {
    let Some(world) = Box::pin(twelve("a_part_that_does_not_say")).await else {
        return;
    };
    // Without the header that says how far it goes.
    let part = json!({"items": [{"id": "a-000", "title": "About a-000", "content": "Words."}]});
    for task in ["sync", "reconcile"] {
        let part = status(206, Some(part.clone()));
        let rule = FaultRule::rate("knowledge", 1.0, part);
        world.fails_under(task, vec![rule]).await;
    }
}

#[tokio::test]
async fn nothing_new_after_a_part_is_not_the_end_of_a_complete_listing() {
    let Some(world) = Box::pin(twelve("nothing_new_after_a_part")).await else {
        return;
    };
    world.simulator.update(SettingsUpdate {
        knowledge: KnowledgeUpdate {
            page_limit: Some(5),
            ..KnowledgeUpdate::default()
        },
        ..SettingsUpdate::default()
    });
    let a_part = FaultRule::next("knowledge", 1, Fault::Slow { ms: 1 });
    let nothing_new = FaultRule::rate("knowledge", 1.0, status(304, None));
    world
        .fails_under("reconcile", vec![a_part, nothing_new])
        .await;
    world.simulator.clear_faults();
    let run = world.run("reconcile").await;
    assert_eq!(
        (&run["state"], &run["gone"]),
        (&"done".into(), &0.into()),
        "{run}"
    );
}
