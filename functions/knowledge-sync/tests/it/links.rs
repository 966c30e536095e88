//! Links are checked beside the articles, and never keep one from search.

use cxone_simulator::Revision;

use crate::world::{World, article};

#[tokio::test]
async fn a_link_is_broken_after_three_strikes_and_well_when_it_is_mended() {
    let Some(world) = World::start("a_link_is_broken", &[]).await else {
        return;
    };
    let world = world.checking_links();
    let knowledge = world.simulator.knowledge();
    let url = world.simulator.url();
    let html = format!(
        r#"<p>See <a href="{url}/_control/knowledge/articles">all</a> and <a href="{url}/nowhere">nothing</a>.
        <a href="http://169.254.169.254/latest">secrets</a></p>"#
    );
    knowledge.put(article("cups", 1, "Two cups."));
    knowledge
        .edit("cups", Revision::of_content("en-US", &html))
        .unwrap();
    for strike in 1..=3 {
        let report = world
            .invoke("sync", std::time::Duration::from_secs(40))
            .await
            .unwrap();
        let found = &report["links"];
        let fine = u64::from(strike == 1);
        assert_eq!(
            (&found["fine"], &found["broken"]),
            (&fine.into(), &1.into()),
            "{report}"
        );
        assert_eq!(world.live().await.len(), 1);
        let broken = world
            .count("knowledge_documents WHERE metadata ? 'broken_links'")
            .await;
        assert_eq!(broken, i64::from(strike == 3), "strike {strike}");
        let due = "UPDATE knowledge_links SET next_check_at = now() WHERE state <> 'fine'";
        world.rows.execute(due, &[]).await.unwrap();
    }
    assert_eq!(
        world.simulator.requests("/latest").len(),
        0,
        "the guard let a call through"
    );
    let html = format!(r#"<p>See <a href="{url}/_control/knowledge/articles">all</a>.</p>"#);
    knowledge
        .edit("cups", Revision::of_content("en-US", &html))
        .unwrap();
    world.run("sync").await;
    let broken = world
        .count("knowledge_documents WHERE metadata ? 'broken_links'")
        .await;
    assert_eq!(broken, 0);
}
