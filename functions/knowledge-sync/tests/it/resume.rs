//! A run that meets its deadline, or its worker's end, is gone on with.

use std::time::Duration;

use cxone_simulator::{KnowledgeUpdate, SettingsUpdate};

use crate::world::World;

const TIME: Duration = Duration::from_mins(5);

#[tokio::test]
async fn a_run_goes_on_where_the_deadline_stopped_it() {
    let Some(world) = World::start("a_run_goes_on", &[]).await else {
        return;
    };
    world.simulator.knowledge().seed(11, 120);
    world.simulator.update(SettingsUpdate {
        knowledge: KnowledgeUpdate {
            page_delay_ms: Some(300),
            ..KnowledgeUpdate::default()
        },
        ..SettingsUpdate::default()
    });
    let (mut invocations, mut added) = (0, 0);
    loop {
        invocations += 1;
        assert!(invocations < 100, "it never ends");
        // Pages are begun while ten seconds are left.
        let report = world
            .invoke("sync", Duration::from_millis(11_700))
            .await
            .unwrap();
        let run = &report["runs"][0];
        added = run["added"].as_u64().unwrap().max(added);
        if run["state"] == "done" {
            break;
        }
    }
    assert!(invocations > 2, "{invocations} were enough");
    let live = world.live().await.len();
    assert_eq!(added, live as u64, "an article was added twice");
    assert_eq!(world.count("knowledge_runs").await, 1);
    let fresh = World::beside(world.simulator.clone(), "a_run_goes_on_fresh", &[])
        .await
        .unwrap();
    fresh.run("sync").await;
    assert_eq!(world.contents().await, fresh.contents().await);
}

#[tokio::test]
async fn a_page_whose_storing_takes_long_stops_no_other() {
    let Some(world) = World::start("a_page_whose_storing", &[]).await else {
        return;
    };
    world.simulator.knowledge().seed(3, 40);
    let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(3.5); RETURN NULL; END $$;
        CREATE TRIGGER slow AFTER UPDATE OF checkpoint ON knowledge_runs EXECUTE FUNCTION slow()";
    world.rows.batch_execute(slow).await.unwrap();
    let report = world.invoke("sync", TIME).await.unwrap();
    assert_eq!(report["runs"][0]["state"], "done", "{report}");
}

#[tokio::test]
async fn of_two_workers_one_works() {
    let Some(world) = World::start("of_two_workers", &[]).await else {
        return;
    };
    world.simulator.knowledge().seed(5, 40);
    let time = Duration::from_secs(30);
    let (one, other) = tokio::join!(world.invoke("sync", time), world.invoke("sync", time));
    let busy = [one.unwrap(), other.unwrap()]
        .iter()
        .filter(|report| report["is_busy"] == true)
        .count();
    assert_eq!(busy, 1);
    assert_eq!(world.count("knowledge_runs").await, 1);
}
