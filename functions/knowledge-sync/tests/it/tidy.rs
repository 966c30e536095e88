//! What nobody needs any more goes with the nightly run.

use std::time::Duration;

use cxone_simulator::Revision;

use crate::world::{World, article};

#[tokio::test]
async fn links_that_no_article_has_and_old_reports_go() {
    let Some(world) = World::start("links_that_no_article_has", &[]).await else {
        return;
    };
    let knowledge = world.simulator.knowledge();
    let linking = |to: &str| {
        let html = format!(r#"<p>See <a href="https://example.com/{to}">here</a>.</p>"#);
        Revision::of_content("en-US", &html)
    };
    knowledge.put(article("cups", 1, "Two cups."));
    knowledge.edit("cups", linking("old")).unwrap();
    world.run("sync").await;
    knowledge.edit("cups", linking("new")).unwrap();
    world.run("sync").await;
    assert_eq!(world.count("knowledge_links").await, 2);
    let age = "UPDATE knowledge_runs SET finished_at = now() - interval '91 days'
        WHERE id = (SELECT id FROM knowledge_runs ORDER BY requested_at LIMIT 1)";
    world.rows.execute(age, &[]).await.unwrap();
    let report = world
        .invoke("reconcile", Duration::from_secs(40))
        .await
        .unwrap();
    let swept = &report["swept"];
    assert_eq!(
        (&swept["links"], &swept["runs"], &swept["conflicts"]),
        (&1.into(), &1.into(), &0.into()),
        "{report}"
    );
    assert_eq!(
        world.count("knowledge_links WHERE url LIKE '%/new'").await,
        1
    );
    assert_eq!(world.count("knowledge_runs").await, 2);
    let report = world.invoke("sync", Duration::from_secs(40)).await.unwrap();
    assert_eq!(report["swept"]["links"], 0, "only at night: {report}");
}
