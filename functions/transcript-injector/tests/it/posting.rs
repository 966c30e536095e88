//! What is due is posted, in order, and tried again where that helps.

use cxone_simulator::Fault;
use shared::db::transcripts::{Archive, State};

use crate::taken::payload;
use crate::world::World;

#[tokio::test]
async fn what_waits_is_injected_whole_and_in_order() {
    let Some(world) = World::start("what_waits_is_injected", &[]).await else {
        return;
    };
    let id = world.take("i-1", &[3, 2, 1]).await;
    world.take("i-2", &[1]).await;
    let report = world.drain().await;
    assert_eq!(report["injected"], 4, "{report}");
    let expected = [(0, 3), (1, 2), (2, 1)].map(|(unique, count)| payload("i-1", unique, count));
    assert_eq!(world.bodies("i-1"), expected, "byte for byte");
    let known = world.fetch(id).await;
    assert_eq!(known.state, State::Injected);
    let made = world.simulator.transcripts().of("i-1");
    for (part, made) in known.parts.iter().zip(&made) {
        assert_eq!(part.conversation_id.as_ref(), Some(&made.id));
        assert_eq!((part.attempts, part.archive), (1, Some(Archive::Telling)));
    }
    assert_eq!(world.drain().await["injected"], 0);
    assert_eq!(world.posted(), 4);
    let entries =
        "SELECT count(*) FROM audit_entries WHERE content::json ->> 'archive_success' = 'true'";
    assert_eq!(world.value::<i64>(entries).await, 4);
    assert!(world.audit().await.is_sound());
}

#[tokio::test]
async fn what_fails_for_a_moment_is_tried_again() {
    for (fault, reason) in [
        (Fault::status(500), "HTTP 500"),
        (Fault::status(503), "HTTP 503"),
        (Fault::Lost, "no readable answer"),
        (Fault::ExecutedThenLost, "no readable answer"),
        (Fault::Cut, "no readable answer"),
        (Fault::NotJson, "no readable answer"),
        (Fault::Slow { ms: 2_500 }, "no readable answer"),
    ] {
        // A pause is a random part of ten seconds: one in some hundred is over within the run.
        let mut plays = 0;
        while !fails_for_a_moment(&fault, reason).await {
            plays += 1;
            assert!(plays < 5, "{fault:?}: it is never waited for");
        }
    }
}

/// Whether the pause was long enough to be seen.
async fn fails_for_a_moment(fault: &Fault, reason: &str) -> bool {
    let Some(world) = World::start("what_fails_for_a_moment", &[]).await else {
        return true;
    };
    let id = world.take("i-1", &[1, 1]).await;
    world.meet(1, fault.clone());
    assert_eq!(world.drain().await["again"], 1, "{fault:?}");
    let part = world.fetch(id).await.parts.remove(0);
    if part.state != State::Pending {
        return false;
    }
    assert_eq!(part.reason.as_deref(), Some(reason), "{fault:?}");
    assert_eq!((part.state, part.attempts), (State::Pending, 1));
    world.simulator.clear_faults();
    world.hurry().await;
    assert_eq!(world.drain().await["injected"], 2, "{fault:?}");
    let expected = [0, 1].map(|unique| payload("i-1", unique, 1));
    assert_eq!(world.bodies("i-1"), expected, "{fault:?}: once, in order");
    true
}

#[tokio::test]
async fn what_is_refused_ends_with_its_body_kept() {
    let Some(world) = World::start("what_is_refused_ends", &[]).await else {
        return;
    };
    let id = world.take("i-1", &[1, 1]).await;
    world.take("i-1", &[1]).await;
    world.meet(1, Fault::status(400));
    let report = world.drain().await;
    assert_eq!(
        (&report["refused"], &report["injected"]),
        (&1.into(), &1.into())
    );
    let known = world.fetch(id).await;
    assert_eq!(known.state, State::Refused);
    assert_eq!(known.parts[0].http_status, Some(400));
    let reason = known.parts[0].reason.as_deref().unwrap();
    assert!(reason.starts_with("HTTP 400"), "{reason}");
    assert_eq!(known.parts[1].attempts, 0, "its rest is not posted");
    let kept = "SELECT count(*) FROM transcripts WHERE payload IS NOT NULL";
    assert_eq!(world.value::<i64>(kept).await, 2);
    let failed =
        "SELECT count(*) FROM audit_entries WHERE content::json ->> 'status' = 'injection_failed'";
    assert_eq!(world.value::<i64>(failed).await, 1);
}

#[tokio::test]
async fn what_fails_for_ever_dies_and_can_be_brought_back() {
    let Some(world) = World::start("what_fails_for_ever", &[]).await else {
        return;
    };
    let id = world.take("i-1", &[1]).await;
    world.take("i-1", &[1]).await;
    world.meet(1_000, Fault::status(503));
    for _ in 0..20 {
        world.drain().await;
        world.hurry().await;
    }
    let known = world.fetch(id).await;
    let part = &known.parts[0];
    assert_eq!((known.state, part.attempts), (State::Dead, 12));
    assert_eq!(world.posted(), 12, "what follows waits");
    world.simulator.clear_faults();
    assert_eq!(world.drain().await["injected"], 0);
    let brought = serde_json::json!({ "task": "requeue", "reason": "HTTP 503" });
    let brought = crate::world::invoke(&world.app, brought, crate::world::TIME).await;
    assert_eq!(brought.unwrap()["requeued"], 1);
    assert_eq!(world.drain().await["injected"], 2);
    let expected = [0, 1].map(|unique| payload("i-1", unique, 1));
    assert_eq!(world.bodies("i-1"), expected);
}

#[tokio::test]
async fn what_is_on_the_wire_is_settled_whatever_fails_meanwhile() {
    let Some(world) = World::start("what_is_on_the_wire", &[]).await else {
        return;
    };
    for number in 0..8 {
        world.take(&format!("i-{number}"), &[1]).await;
    }
    let first_fails = "CREATE SEQUENCE writes;
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('writes') = 1 THEN RAISE 'no'; END IF; RETURN NEW; END $$;
        CREATE TRIGGER fail BEFORE UPDATE ON transcripts FOR EACH ROW WHEN (NEW.state = 'injected') EXECUTE FUNCTION fail()";
    world.rows.batch_execute(first_fails).await.unwrap();
    world.meet(5, Fault::Slow { ms: 1_000 });
    assert_eq!(world.fail().await.error_type, "misconfigured");
    let injected = "SELECT count(*) FROM transcripts WHERE state = 'injected'";
    assert_eq!(world.value::<i64>(injected).await, 7);
}

#[tokio::test]
async fn an_outage_costs_a_run_no_more_than_eight_tries() {
    let Some(world) = World::start("an_outage_costs", &[]).await else {
        return;
    };
    for number in 0..40 {
        world.take(&format!("i-{number}"), &[1]).await;
    }
    world.meet(1_000, Fault::status(502));
    assert_eq!(world.drain().await["again"], 8);
    assert_eq!(world.posted(), 8);
    world.simulator.clear_faults();
    world.hurry().await;
    assert_eq!(world.drain().await["injected"], 40);
}
