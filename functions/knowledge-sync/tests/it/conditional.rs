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
    fn meet(&self, rules: Vec<FaultRule>) {
        let plan = FaultPlan { seed: 1, rules };
        self.simulator.set_faults(plan).unwrap();
    }

    /// The service tells of so many articles at once.
    fn tell_in_parts_of(&self, articles: usize) {
        self.simulator.update(SettingsUpdate {
            knowledge: KnowledgeUpdate {
                page_limit: Some(articles),
                ..KnowledgeUpdate::default()
            },
            ..SettingsUpdate::default()
        });
    }

    /// What a task fails with under these faults, and whether it asks for the other form.
    async fn fails_under(&self, task: &str, rules: Vec<FaultRule>) {
        self.meet(rules);
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

/// A part, and then nothing.
fn hiding() -> Vec<FaultRule> {
    let a_part = FaultRule::next("knowledge", 1, Fault::Slow { ms: 1 });
    let nothing_new = FaultRule::rate("knowledge", 1.0, status(304, None));
    vec![a_part, nothing_new]
}

#[tokio::test]
async fn nothing_new_after_a_part_is_the_end_of_no_complete_listing() {
    let Some(world) = Box::pin(twelve("nothing_new_after_a_part")).await else {
        return;
    };
    world.tell_in_parts_of(5);
    // What was still to come may have been unpublished just now: it is listed once more.
    world.meet(hiding());
    let failed = world.invoke("reconcile", Duration::from_secs(40)).await;
    assert_eq!(failed.unwrap_err().error_type, "transient");
    world.fails_under("reconcile", hiding()).await;
    world.simulator.clear_faults();
    let run = world.run("reconcile").await;
    let found = (&run["state"], &run["gone"]);
    assert_eq!(found, (&"done".into(), &0.into()), "{run}");
}

#[tokio::test]
async fn a_part_may_be_all_that_changed() {
    let Some(world) = Box::pin(twelve("a_part_may_be_all")).await else {
        return;
    };
    world.tell_in_parts_of(5);
    let knowledge = world.simulator.knowledge();
    for number in 0..8 {
        let revision = Revision::of_content("en-US", "<p>Said anew.</p>");
        knowledge.edit(&format!("a-{number:03}"), revision).unwrap();
    }
    world.meet(hiding());
    let run = world.run("sync").await;
    assert_eq!(run["state"], "done", "{run}");
    world.simulator.clear_faults();
    // What the part hid is found at the latest by who asks for everything.
    let run = world.run("reconcile").await;
    assert_eq!(run["state"], "done", "{run}");
    let texts = format!("{:?}", world.contents().await);
    assert_eq!(texts.matches("Said anew").count(), 8, "{texts}");
}

#[tokio::test]
async fn what_was_just_unpublished_behind_a_part_costs_a_second_listing_and_no_run() {
    let Some(world) = Box::pin(twelve("what_was_just_unpublished")).await else {
        return;
    };
    world.tell_in_parts_of(5);
    world.meet(hiding());
    let failed = world.invoke("reconcile", Duration::from_secs(40)).await;
    assert_eq!(failed.unwrap_err().error_type, "transient");
    world.simulator.clear_faults();
    let run = world.run("reconcile").await;
    assert_eq!(
        (
            &run["state"],
            world.count("knowledge_runs WHERE kind = 'reconcile'").await
        ),
        (&"done".into(), 1),
        "{run}"
    );
}
