//! Transcripts: from the intake to CXone, each once, whole, in order.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use shared::testing::http_event;
use tokio::task::JoinSet;

use crate::environment::Environment;
use crate::pump::tick;
use crate::world::World;

/// What was handed in, by interaction, in order.
#[derive(Default)]
pub(crate) struct Taken(Mutex<BTreeMap<String, Vec<Transcript>>>);

#[derive(Clone)]
pub(crate) struct Transcript {
    /// The id of its only message, by which CXone knows it.
    pub(crate) message: String,
    pub(crate) is_acknowledged: bool,
}

impl Taken {
    /// Changes what was handed in for an interaction.
    pub(crate) fn change(&self, interaction: &str, change: impl FnOnce(&mut Vec<Transcript>)) {
        let mut taken = self.0.lock().unwrap();
        change(taken.entry(interaction.to_owned()).or_default());
    }

    /// What was handed in, by interaction, in order.
    pub(crate) fn all(&self) -> BTreeMap<String, Vec<Transcript>> {
        self.0.lock().unwrap().clone()
    }
}

pub(crate) fn work(world: &Arc<World>, workers: &mut JoinSet<()>) {
    for number in [1, 2] {
        workers.spawn(tick(
            Arc::clone(world),
            "transcript-injector",
            number,
            "drain",
        ));
    }
}

/// Hands transcripts in until the traffic ends: some of interactions that have some already.
pub(crate) async fn hand_in(world: Arc<World>) {
    let mut random = world.random(2);
    let mut intake = Environment::new(&world, "transcript-intake", 1);
    let mut number = 0_u32;
    while world.rages() {
        number += 1;
        let interaction = format!("int-{}", random.u32(..=number) % 60);
        let message = format!("msg-{number}");
        let is_acknowledged = post(&world, &mut intake, &interaction, &message).await;
        let transcript = Transcript {
            message,
            is_acknowledged,
        };
        world
            .taken
            .change(&interaction, |taken| taken.push(transcript));
        tokio::time::sleep(Duration::from_millis(random.u64(10..120))).await;
    }
}

/// Whether it was taken.
async fn post(world: &World, intake: &mut Environment, interaction: &str, message: &str) -> bool {
    let body = json!({
        "interaction_id": interaction, "agent_id": "agt-1", "customer_id": "cust-1",
        "messages": [{
            "id": message, "from": { "id": "agt-1", "type": "agent" }, "to": { "id": "cust-1", "type": "customer" },
            "text": format!("Number {message}."), "timestamp": "2026-01-15T10:30:00Z",
        }],
    });
    let headers = [
        ("x-api-key", world.key.as_str()),
        ("idempotency-key", message),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    for _ in 0..4 {
        let event = http_event("/transcripts", &headers, &body.to_string());
        let answer = intake.invoke(&event).await;
        let status = answer.map_or(Value::Null, |answer| answer["statusCode"].clone());
        world
            .history
            .tell(interaction, format!("handed in {message}: {status}"));
        if status == 202 {
            return true;
        }
    }
    false
}

/// What CXone has of each interaction is what was handed in: once, in order, and nothing that was acknowledged is missing.
pub(crate) async fn check(world: &World) {
    let hand = world.simulator.transcripts();
    let mut made: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for conversation in hand.conversations() {
        let messages = made.entry(conversation.interaction.clone()).or_default();
        messages.extend(conversation.message_ids);
    }
    let mut acknowledged = 0_i64;
    for (interaction, transcripts) in world.taken.all() {
        let found = made.remove(&interaction).unwrap_or_default();
        let mut expected = transcripts.iter().filter(|it| {
            acknowledged += i64::from(it.is_acknowledged);
            it.is_acknowledged || found.contains(&it.message)
        });
        let is_same = found
            .iter()
            .all(|id| expected.next().is_some_and(|it| it.message == *id));
        let is_all = expected.next().is_none();
        let what = format!("CXone has {found:?}");
        world
            .history
            .demand(is_same && is_all, &[&interaction], what);
    }
    assert!(made.is_empty(), "nobody handed in {made:?}");
    let injected = world
        .count("transcripts WHERE state = 'injected'")
        .await
        .unwrap();
    assert_eq!(
        usize::try_from(injected).unwrap(),
        hand.conversations().len()
    );
    println!(
        "{acknowledged} transcripts acknowledged, {injected} injected, {} repeats at CXone",
        hand.repeats()
    );
}
