//! Who works keeps the lease, and nobody begins the same beside it.

use std::time::Duration;

use cxone_simulator::SettingsUpdate;
use tokio::time::{Instant, sleep};

use crate::world::{World, article};

const TIME: Duration = Duration::from_mins(1);
/// Short against the time that vectors take.
const LEASE: Duration = Duration::from_secs(3);

/// A world with an article whose vector takes so long.
async fn slow(test: &str, latency: Duration) -> Option<World> {
    let world = World::start(test, &[]).await?.holding(LEASE);
    world
        .simulator
        .knowledge()
        .put(article("cups", 1, "Two cups."));
    world.simulator.update(SettingsUpdate {
        embedding_latency_ms: Some(latency.as_millis().try_into().unwrap()),
        ..SettingsUpdate::default()
    });
    Some(world)
}

#[tokio::test]
async fn who_waits_long_for_vectors_keeps_the_lease_and_pays_once() {
    let Some(world) = slow("who_waits_long", Duration::from_secs(9)).await else {
        return;
    };
    let second = async {
        sleep(Duration::from_secs(6)).await;
        world.invoke("sync", TIME).await
    };
    let (first, second) = tokio::join!(world.invoke("sync", TIME), second);
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(second["is_busy"], true, "{second}");
    assert_eq!(first["runs"][0]["state"], "done", "{first}");
    assert_eq!(world.asked(), 1, "the same vectors were bought again");
}

#[tokio::test]
async fn who_lost_the_lease_stops_at_once() {
    let Some(world) = slow("who_lost_stops", Duration::from_secs(25)).await else {
        return;
    };
    let began = Instant::now();
    let thief = async {
        sleep(Duration::from_secs(1)).await;
        let steal = "UPDATE knowledge_sync SET epoch = epoch + 1, lease_until = now() + interval '1 minute'";
        world.rows.execute(steal, &[]).await.unwrap();
    };
    let (robbed, ()) = tokio::join!(world.invoke("sync", TIME), thief);
    assert_eq!(robbed.unwrap_err().error_type, "conflict");
    assert!(began.elapsed() < Duration::from_secs(20), "it went on");
}

#[tokio::test]
async fn a_beat_that_fails_for_now_ends_no_work() {
    let Some(world) = slow("a_beat_that_fails", Duration::from_secs(6)).await else {
        return;
    };
    let trouble = async {
        // Everything that begins a run is done, and its vectors are waited for.
        while world.asked() == 0 {
            sleep(Duration::from_millis(20)).await;
        }
        let trouble = "CREATE SEQUENCE beats;
            CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                PERFORM nextval('beats'); RAISE EXCEPTION USING ERRCODE = '40001'; END $$;
            CREATE TRIGGER trouble BEFORE UPDATE ON knowledge_sync FOR EACH ROW EXECUTE FUNCTION trouble()";
        world.rows.batch_execute(trouble).await.unwrap();
        sleep(Duration::from_millis(1_500)).await;
        let over = "DROP TRIGGER trouble ON knowledge_sync";
        world.rows.batch_execute(over).await.unwrap();
    };
    let (report, ()) = tokio::join!(world.invoke("sync", TIME), trouble);
    let report = report.unwrap();
    assert_eq!(report["runs"][0]["state"], "done", "{report}");
    let beats = "SELECT last_value, is_called FROM beats";
    let beats = world.rows.query_one(beats, &[]).await.unwrap();
    assert!(beats.get::<_, bool>(1), "no beat failed");
}
