//! Entries of the listing that cannot be read exist all the same, and stop nobody.

use std::time::Duration;

use cxone_simulator::{Fault, FaultPlan, FaultRule};

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

#[tokio::test]
async fn articles_that_are_too_large_only_together_are_read_one_by_one() {
    let Some(world) = World::start("articles_that_are_too_large", &[]).await else {
        return;
    };
    let articles = (0..30).map(|number| article(&format!("a-{number:03}"), number, "Words."));
    world.simulator.knowledge().put_all(articles.collect());
    // Twenty articles, ten, five, two.
    let huge = Fault::Huge { bytes: 17 << 20 };
    let rules = vec![FaultRule::next("knowledge", 4, huge)];
    world
        .simulator
        .set_faults(FaultPlan { seed: 1, rules })
        .unwrap();
    let run = world.run("sync").await;
    assert_eq!(
        (&run["state"], &run["flawed"]),
        (&"done".into(), &0.into()),
        "{run}"
    );
    assert_eq!(world.live().await.len(), 30);
}

#[tokio::test]
async fn an_article_that_is_too_large_stops_no_other_and_lets_nothing_be_gone() {
    let Some(world) = World::start("an_article_that_is_too_large", &[]).await else {
        return;
    };
    let articles = (0..30).map(|number| article(&format!("a-{number:03}"), number, "Words."));
    let knowledge = world.simulator.knowledge();
    knowledge.put_all(articles.collect());
    world.run("sync").await;
    let large = "words ".repeat(3 << 20);
    // Between others, and the last of all.
    knowledge.put(article("a-012", 12, &large));
    knowledge.put(article("a-029", 29, &large));
    knowledge.delete("a-025").unwrap();
    let run = world.run("reconcile").await;
    assert_eq!(
        (&run["state"], &run["flawed"]),
        (&"held".into(), &2.into()),
        "{run}"
    );
    assert_eq!(
        world.live().await.len(),
        30,
        "which of them is gone, nobody knows"
    );
    let told =
        "knowledge_changes WHERE article_id IS NULL AND detail::text LIKE '%is larger than%'";
    assert_eq!(world.count(told).await, 2);
}

#[tokio::test]
async fn a_listing_that_is_always_too_large_ends_and_says_so() {
    let Some(world) = World::start("a_listing_that_is_always", &[]).await else {
        return;
    };
    world.simulator.knowledge().put(article("cups", 1, "Two."));
    let huge = Fault::Huge { bytes: 17 << 20 };
    let rules = vec![FaultRule::rate("knowledge", 1.0, huge)];
    let plan = FaultPlan { seed: 1, rules };
    world.simulator.set_faults(plan).unwrap();
    let failed = world.invoke("sync", Duration::from_mins(1)).await;
    let failed = failed.unwrap_err();
    assert_eq!(failed.error_type, "misconfigured", "{failed:?}");
    assert!(
        failed.error_message.contains("whatever is asked"),
        "{failed:?}"
    );
}
