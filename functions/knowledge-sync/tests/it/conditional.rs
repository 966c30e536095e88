//! The form of `If-Modified-Since`, which says neither dates nor versions.

use cxone_simulator::Revision;

use crate::world::World;

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
