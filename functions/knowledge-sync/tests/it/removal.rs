//! What is gone goes, and never anything else.

use std::time::Duration;

use cxone_simulator::{
    Drift, Fault, FaultPlan, FaultRule, KnowledgeEdit, KnowledgeUpdate, SettingsUpdate,
};

use crate::world::{World, article};

fn articles(count: u32) -> Vec<cxone_simulator::Article> {
    let name = |number: u32| format!("a-{number:03}");
    (0..count)
        .map(|number| article(&name(number), number, "Words."))
        .collect()
}

#[tokio::test]
async fn what_is_gone_goes_with_the_reconcile() {
    let Some(world) = World::start("what_is_gone", &[]).await else {
        return;
    };
    let knowledge = world.simulator.knowledge();
    knowledge.put_all(articles(50));
    world.run("sync").await;
    for number in [3, 30, 49] {
        knowledge.delete(&format!("a-{number:03}")).unwrap();
    }
    let run = world.run("sync").await;
    assert_eq!(
        run["gone"], 0,
        "an incremental run sees no deletions: {run}"
    );
    let run = world.run("reconcile").await;
    assert_eq!(
        (&run["state"], &run["gone"]),
        (&"done".into(), &3.into()),
        "{run}"
    );
    assert_eq!(world.live().await.len(), 47);
    assert_eq!(
        world.count("knowledge_articles WHERE state = 'gone'").await,
        3
    );
}

/// Slow enough that something can happen between two pages.
fn slow(world: &World) {
    world.simulator.update(SettingsUpdate {
        knowledge: KnowledgeUpdate {
            page_delay_ms: Some(100),
            ..KnowledgeUpdate::default()
        },
        ..SettingsUpdate::default()
    });
}

#[tokio::test]
async fn a_listing_that_breaks_off_removes_nothing() {
    let Some(world) = World::start("a_listing_that_breaks_off", &[]).await else {
        return;
    };
    let knowledge = world.simulator.knowledge();
    knowledge.put_all(articles(70));
    world.run("sync").await;
    knowledge.delete("a-001").unwrap();
    world.simulator.clear_requests();
    let breaks = async {
        while world.listed() < 2 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let unwell = Fault::Status {
            status: 503,
            retry_after: None,
            code: None,
            body: None,
        };
        let plan = FaultPlan {
            seed: 1,
            rules: vec![FaultRule::rate("knowledge", 1.0, unwell)],
        };
        world.simulator.set_faults(plan).unwrap();
    };
    slow(&world);
    let invoked = world.invoke("reconcile", Duration::from_secs(15));
    let (failed, ()) = tokio::join!(invoked, breaks);
    assert!(failed.is_err(), "{failed:?}");
    assert_eq!(world.live().await.len(), 70, "{failed:?}");
    world.simulator.clear_faults();
    // The run that was begun goes on where it was.
    let run = world.run("reconcile").await;
    assert_eq!(
        (&run["state"], &run["gone"]),
        (&"done".into(), &1.into()),
        "{run}"
    );
}

#[tokio::test]
async fn more_than_the_share_is_held_until_a_person_agrees() {
    let Some(world) = World::start("more_than_the_share", &[]).await else {
        return;
    };
    let knowledge = world.simulator.knowledge();
    knowledge.put_all(articles(60));
    world.run("sync").await;
    for number in 0..30 {
        knowledge.delete(&format!("a-{number:03}")).unwrap();
    }
    let run = world.run("reconcile").await;
    assert_eq!(
        (&run["state"], &run["gone"]),
        (&"held".into(), &0.into()),
        "{run}"
    );
    assert_eq!(world.live().await.len(), 60);
    let remedy = "knowledge_runs WHERE error LIKE '%full_sync=true&accept_removals=true%'";
    assert_eq!(world.count(remedy).await, 1, "it says how to agree");
    let agreed = "INSERT INTO knowledge_runs (id, kind, accept_removals) VALUES (gen_random_uuid(), 'reconcile', true)";
    world.rows.execute(agreed, &[]).await.unwrap();
    let run = world.run("reconcile").await;
    assert_eq!(
        (&run["state"], &run["gone"]),
        (&"done".into(), &30.into()),
        "{run}"
    );
}

#[tokio::test]
async fn a_small_knowledge_base_is_not_emptied_by_listings_that_name_nothing() {
    let Some(world) = World::start("a_small_knowledge_base", &[]).await else {
        return;
    };
    let knowledge = world.simulator.knowledge();
    knowledge.put_all(articles(10));
    world.run("sync").await;
    for number in 0..10 {
        knowledge.delete(&format!("a-{number:03}")).unwrap();
    }
    let run = world.run("reconcile").await;
    let held = (&"held".into(), &0.into());
    assert_eq!((&run["state"], &run["gone"]), held, "{run}");
    assert_eq!(world.live().await.len(), 10);
    // Half of them may go: as many stay.
    knowledge.put_all(articles(5));
    let run = world.run("reconcile").await;
    let done = (&"done".into(), &5.into());
    assert_eq!((&run["state"], &run["gone"]), done, "{run}");
    assert_eq!(world.live().await.len(), 5);
}

#[tokio::test]
async fn what_was_left_out_and_is_deleted_then_is_gone() {
    let Some(world) = World::start("what_was_left_out", &[]).await else {
        return;
    };
    let knowledge = world.simulator.knowledge();
    knowledge.put_all(articles(12));
    world.run("sync").await;
    knowledge.unpublish("a-005").unwrap();
    world.run("sync").await;
    let of = |state: &str| format!("knowledge_articles WHERE state = '{state}'");
    assert_eq!(world.count(&of("left_out")).await, 1);
    knowledge.delete("a-005").unwrap();
    let run = world.run("reconcile").await;
    assert_eq!(
        (&run["state"], &run["gone"]),
        (&"done".into(), &1.into()),
        "{run}"
    );
    assert_eq!(world.count(&of("left_out")).await, 0);
    assert_eq!(world.count(&of("gone")).await, 1);
}

/// Thirty articles in pages of twenty, each of which repeats ten of the one before: a listing is three requests, the last of which
/// finds the end.
const REQUESTS_OF_A_LISTING: u64 = 3;

#[tokio::test]
async fn where_two_listings_disagree_nothing_goes() {
    let Some(world) = World::start("where_two_listings_disagree", &[]).await else {
        return;
    };
    let knowledge = world.simulator.knowledge();
    knowledge.put_all(articles(30));
    world.run("sync").await;
    // The first listing lacks the last article, the second one lacks the first.
    let hidden = knowledge.find("a-029").unwrap();
    knowledge.delete("a-029").unwrap();
    knowledge.set_drift(vec![Drift {
        after_page: REQUESTS_OF_A_LISTING,
        edits: vec![
            KnowledgeEdit::Put {
                article: (*hidden).clone(),
            },
            KnowledgeEdit::Delete {
                uuid: "a-000".to_owned(),
            },
        ],
    }]);
    world.simulator.clear_requests();
    let run = world.run("reconcile").await;
    assert_eq!(
        (&run["state"], &run["gone"]),
        (&"done".into(), &0.into()),
        "{run}"
    );
    assert_eq!(
        world.listed() as u64,
        2 * REQUESTS_OF_A_LISTING,
        "two listings"
    );
    assert_eq!(world.live().await.len(), 30);
    // The next night both listings say the same.
    let run = world.run("reconcile").await;
    assert_eq!(run["gone"], 1, "{run}");
    assert!(!world.live().await.contains("a-000"));
}
