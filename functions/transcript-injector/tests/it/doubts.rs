//! What the tenant's profile says of lost answers is done.

use cxone_simulator::{Fault, SettingsUpdate, TranscriptUpdate};
use shared::db::transcripts::State;

use crate::world::World;

/// A tenant that makes another conversation of messages that come again.
async fn forgetful(test: &str, after_lost_answer: &str) -> Option<World> {
    let world = World::start(test, &[("after_lost_answer", after_lost_answer)]).await?;
    let transcripts = TranscriptUpdate {
        is_idempotent: Some(false),
        ..TranscriptUpdate::default()
    };
    world.simulator.update(SettingsUpdate {
        transcripts,
        ..SettingsUpdate::default()
    });
    Some(world)
}

#[tokio::test]
async fn what_may_be_there_is_looked_up_before_it_is_sent_again() {
    for (fault, made) in [(Fault::ExecutedThenLost, 1), (Fault::Lost, 0)] {
        let Some(world) = forgetful("what_may_be_there", "look_up").await else {
            return;
        };
        world.take("i-1", &[2]).await;
        world.drain().await;
        let id = world.take("i-1", &[2]).await;
        world.meet(1, fault.clone());
        assert_eq!(world.drain().await["again"], 1);
        assert_eq!(world.bodies("i-1").len(), 1 + made, "{fault:?}");
        world.simulator.clear_faults();
        world.hurry().await;
        assert_eq!(world.drain().await["injected"], 1, "{fault:?}");
        let made = world.simulator.transcripts().of("i-1");
        assert_eq!(made.len(), 2, "{fault:?}");
        let part = world.fetch(id).await.parts.remove(0);
        assert_eq!(part.conversation_id.as_ref(), Some(&made[1].id));
    }
}

#[tokio::test]
async fn with_neither_it_is_held_until_a_person_decides() {
    let Some(world) = forgetful("with_neither_it_is_held", "hold").await else {
        return;
    };
    let id = world.take("i-1", &[1, 1]).await;
    world.meet(1, Fault::ExecutedThenLost);
    let report = world.drain().await;
    assert_eq!(
        (&report["unknown"], &report["injected"]),
        (&1.into(), &1.into())
    );
    for _ in 0..3 {
        world.hurry().await;
        world.drain().await;
    }
    assert_eq!(world.posted(), 2);
    assert_eq!(world.fetch(id).await.state, State::OutcomeUnknown);

    // A claim whose holder died is as doubtful; what CXone says was not done is not.
    let id = world.take("i-2", &[1]).await;
    let left = "UPDATE transcripts SET state = 'sending', lease_until = now(), epoch = 1 WHERE interaction_id = 'i-2'";
    world.rows.batch_execute(left).await.unwrap();
    assert_eq!(world.drain().await["unknown"], 1);
    let brought = serde_json::json!({ "task": "requeue", "ids": [id] });
    let brought = crate::world::invoke(&world.app, brought, crate::world::TIME).await;
    assert_eq!(brought.unwrap()["requeued"], 1);
    world.meet(1, Fault::status(503));
    assert_eq!(world.drain().await["again"], 1);
    world.hurry().await;
    assert_eq!(world.drain().await["injected"], 1);
    assert_eq!(world.bodies("i-2").len(), 1);
}
