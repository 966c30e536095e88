//! A provider that is down, busy, or wrongly set up: nothing is lost, and it is asked little.

use std::time::{Duration, Instant};

use cxone_simulator::{Fault, FaultPlan, FaultRule, Settings, SettingsUpdate, Simulator};
use shared::testing::proof_size;

use crate::drive::deliver;
use crate::messages::completed;
use crate::world::World;

const TIME: Duration = Duration::from_secs(20);

fn always(fault: Fault) -> FaultPlan {
    FaultPlan {
        seed: 0,
        rules: vec![FaultRule::rate("/v1/embeddings", 1.0, fault)],
    }
}

fn refusal(status: u16, code: Option<&str>, retry_after: Option<&str>) -> Fault {
    Fault::Status {
        status,
        code: code.map(str::to_owned),
        retry_after: retry_after.map(str::to_owned),
        body: None,
    }
}

fn batch(nth: usize) -> Vec<String> {
    let id = |n| format!("c-{nth}-{n}");
    (0..10).map(|n| completed(&id(n), &id(n))).collect()
}

#[tokio::test]
async fn an_outage_loses_nothing_and_is_not_made_worse() {
    let Some(world) = World::start("an_outage_loses_nothing", &[]).await else {
        return;
    };
    let batches = proof_size(40, 400);
    assert!(
        world
            .deliver(&[completed("first", "Hello.")])
            .await
            .is_empty()
    );
    world
        .simulator
        .set_faults(always(Fault::status(503)))
        .unwrap();
    world.simulator.clear_requests();
    for nth in 0..batches {
        assert_eq!(world.deliver(&batch(nth)).await.len(), 10);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // Well, every batch costs one request.
    let (asked, most) = (world.asked(), batches * 11 / 10);
    println!("{batches} batches during the outage: {asked} requests of at most {most}");
    assert!(asked <= most, "{asked} of {most}");
    world.simulator.clear_faults();
    world.simulator.clear_requests();
    let started = Instant::now();
    for nth in 0..batches {
        while !world.deliver(&batch(nth)).await.is_empty() {
            assert!(
                started.elapsed() < Duration::from_secs(70),
                "it is not asked again"
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    assert!(
        world.asked() <= most,
        "afterwards: {} of {most}",
        world.asked()
    );
    let events = i64::try_from(batches * 10 + 1).unwrap();
    assert_eq!(world.count("conversation_events").await, events);
    assert_eq!(
        world
            .count("conversation_embeddings WHERE embedding IS NOT NULL")
            .await,
        events
    );
}

#[tokio::test]
async fn only_what_was_answered_counts_as_tokens() {
    let Some(world) = World::start("only_what_was_answered_counts", &[]).await else {
        return;
    };
    let tokens = async || {
        let sql = "SELECT 'tokens', coalesce(sum(tokens), 0)::int8 FROM embedding_batches
            UNION ALL SELECT 'failed', coalesce(sum(failed), 0)::int8 FROM embedding_batches
            UNION ALL SELECT 'refused', coalesce(sum(refused), 0)::int8 FROM embedding_batches";
        let tally = world.tally(sql).await;
        (tally["tokens"], tally["failed"], tally["refused"])
    };
    // The examples of intents are known from now on: without them nothing is asked.
    assert!(world.deliver(&[completed("c", "Hello.")]).await.is_empty());
    let (paid, failed, refused) = tokens().await;
    assert!(paid > 0);
    assert_eq!((failed, refused), (0, 0));
    world.simulator.update(SettingsUpdate {
        refused_text: Some("POISON".to_owned()),
        ..SettingsUpdate::default()
    });
    let bad = [completed("bad", "POISON")];
    assert!(world.deliver(&bad).await.is_empty());
    assert_eq!(
        tokens().await,
        (paid, 0, 1),
        "what is refused costs nothing"
    );
    let down = always(Fault::status(503));
    world.simulator.set_faults(down).unwrap();
    assert_eq!(world.deliver(&batch(0)).await.len(), 10);
    assert_eq!(tokens().await, (paid, 10, 1), "an outage costs nothing");
}

#[tokio::test]
async fn what_a_person_must_mend_is_asked_for_once_per_batch() {
    let Some(world) = World::start("what_a_person_must_mend", &[]).await else {
        return;
    };
    for (name, fault) in [
        ("quota", refusal(429, Some("insufficient_quota"), None)),
        ("a long pause", refusal(429, None, Some("300"))),
        (
            "a long pause, as a date",
            refusal(503, None, Some("Fri, 01 Jan 2100 00:00:00 GMT")),
        ),
        (
            "another dimension",
            Fault::WrongDimension {
                dimension: Some(384),
            },
        ),
        ("no such model", refusal(404, Some("model_not_found"), None)),
    ] {
        world.simulator.set_faults(always(fault)).unwrap();
        for _ in 0..3 {
            world.simulator.clear_requests();
            let started = Instant::now();
            assert_eq!(world.deliver(&batch(0)).await.len(), 10, "{name}");
            assert!(
                started.elapsed() < Duration::from_secs(15),
                "{name}: {:?}",
                started.elapsed()
            );
            assert_eq!(world.asked(), 1, "{name}");
        }
    }
    assert_eq!(world.count("conversation_events").await, 0);
    assert_eq!(world.count("conversation_embeddings").await, 0);
    assert_eq!(
        world
            .count("embedding_models WHERE dimensions = 1536")
            .await,
        1
    );
    assert_eq!(world.count("embedding_models").await, 1);
    world.simulator.clear_faults();
    assert!(world.deliver(&batch(0)).await.is_empty());
}

/// A provider that takes this key only, if the port is free.
fn provider(port: u16, key: &str) -> Option<Simulator> {
    let settings = Settings {
        port,
        embedding_keys: vec![key.to_owned()],
        ..Settings::default()
    };
    Simulator::start(settings).ok()
}

/// One at a port that no outgoing connection takes in between.
fn provider_somewhere(key: &str) -> (u16, Simulator) {
    let mut ports = (0..100).map(|_| fastrand::u16(20_000..30_000));
    let started = ports.find_map(|port| Some((port, provider(port, key)?)));
    started.unwrap()
}

/// One at this port. Whoever listened there before may need a moment to go.
async fn provider_at(port: u16, key: &str) -> Simulator {
    for _ in 0..200 {
        if let Some(simulator) = provider(port, key) {
            return simulator;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the port {port} is not free")
}

#[tokio::test]
async fn a_wrong_key_stores_nothing_and_a_right_one_is_found() {
    let Some(world) = World::start("a_wrong_key_stores_nothing", &[]).await else {
        return;
    };
    world.put_secret("embedding-key", "sk-wrong").await;
    let (port, old) = provider_somewhere("sk-old");
    let url = [("EMBEDDING_BASE_URL", old.url())];
    let app = world.again(&url).await;
    assert_eq!(deliver(&app, &batch(0), TIME).await.len(), 10);
    let asked = old.requests("/v1/embeddings").len();
    assert!(asked <= 2, "{asked}");
    assert_eq!(world.count("conversation_events").await, 0);

    world.put_secret("embedding-key", "sk-old").await;
    let app = world.again(&url).await;
    assert!(deliver(&app, &batch(0), TIME).await.is_empty());
    // The provider takes another key from now on, and this environment finds it when its own is refused.
    drop(old);
    let new = provider_at(port, "sk-new").await;
    world.put_secret("embedding-key", "sk-new").await;
    assert_eq!(deliver(&app, &batch(1), TIME).await, [""; 0]);
    assert_eq!(new.requests("/v1/embeddings").len(), 2);
}
