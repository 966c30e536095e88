//! Entries of the listing that cannot be read exist all the same, and stop nobody.

use crate::world::{World, article};

#[tokio::test]
async fn where_two_pages_share_nothing_readable_the_listing_goes_on_and_each_flaw_is_told_once() {
    let Some(world) = World::start("where_two_pages_share", &[]).await else {
        return;
    };
    // Pages of twenty repeat ten of the one before: just these have a name that is too long for one.
    let name = |number: u32| match number {
        10..20 => format!("{number:0>300}"),
        _ => format!("a-{number:03}"),
    };
    let articles = (0..50).map(|number| article(&name(number), number, "Words."));
    world.simulator.knowledge().put_all(articles.collect());
    for task in ["sync", "reconcile"] {
        let run = world.run(task).await;
        assert_eq!(
            (&run["state"], &run["listed"], &run["flawed"]),
            (&"done".into(), &50.into(), &10.into()),
            "{run}"
        );
    }
    assert_eq!(world.live().await.len(), 40);
    let told = "knowledge_changes WHERE article_id IS NULL AND change = 'flawed'";
    assert_eq!(world.count(told).await, 20, "ten for each run");
}
