//! Conversations: from the webhook to their vectors, or to nothing if they are erased.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use shared::queue::ConversationMessage;
use shared::testing::http_event;
use tokio::task::JoinSet;
use tokio_postgres::Client;

use crate::environment::Environment;
use crate::history::WORLD;
use crate::pump::{Pump, tick};
use crate::world::{BEARER, DEAD, World};

/// What is known of each conversation that was sent.
#[derive(Default)]
pub(crate) struct Sent(Mutex<BTreeMap<String, Fate>>);

#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Fate {
    is_acknowledged: bool,
    erasure: Erasure,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Erasure {
    #[default]
    None,
    /// It was asked for, and there was no answer.
    Perhaps,
    Done,
}

impl Sent {
    fn change(&self, id: &str, change: impl FnOnce(&mut Fate)) {
        change(self.0.lock().unwrap().entry(id.to_owned()).or_default());
    }

    /// Those of which a row must be there, and those of which nothing may be, in order.
    pub(crate) fn kept_and_erased(&self) -> [Vec<String>; 2] {
        let is_kept = |fate: &Fate| fate.is_acknowledged && fate.erasure == Erasure::None;
        let is_erased = |fate: &Fate| fate.erasure == Erasure::Done;
        let all = self.all();
        [&is_kept as &dyn Fn(&Fate) -> bool, &is_erased].map(|is_one| {
            let some = all.iter().filter(|(_, fate)| is_one(fate));
            some.map(|(id, _)| id.clone()).collect()
        })
    }

    fn all(&self) -> BTreeMap<String, Fate> {
        self.0.lock().unwrap().clone()
    }
}

pub(crate) fn work(world: &Arc<World>, workers: &mut JoinSet<()>) {
    let pump = Pump {
        queue: "conversations",
        function: "conversation-embedder",
        look: |world, body, came_to| {
            let message = ConversationMessage::from_text(body).unwrap();
            let id = message.conversation_id.to_string();
            world.history.tell(&id, came_to);
        },
    };
    workers.spawn(pump.run(Arc::clone(world), 1));
    workers.spawn(pump.run(Arc::clone(world), 2));
    let keeper = Pump {
        queue: "segments",
        function: "vector-keeper",
        look: |world, _, came_to| world.history.tell(WORLD, format!("segments: {came_to}")),
    };
    workers.spawn(keeper.run(Arc::clone(world), 1));
    workers.spawn(tick(Arc::clone(world), "vector-keeper", 2, "keep"));
}

fn body(number: u64) -> String {
    json!({
        "event": "conversation.completed",
        "timestamp": "2026-01-15T10:30:00Z",
        "conversationId": name(number),
        "data": {
            "subject": format!("Parcel {number}"),
            "transcript": { "agent": "Good morning.", "customer": format!("Parcel {number} came without its lid.") },
        },
    })
    .to_string()
}

fn name(number: u64) -> String {
    format!("conv-{number}")
}

/// Sends conversations until the traffic ends: some twice, some long after, and some are erased, of which half are sent once more.
pub(crate) async fn send(world: Arc<World>) {
    let mut random = world.random(1);
    let mut webhook = Environment::new(&world, "data-action-webhook", 1);
    let mut eraser = Environment::new(&world, "conversation-embedder", 3);
    let mut number = 0;
    while world.rages() {
        number += 1;
        post(&world, &mut webhook, number).await;
        match random.u32(..40) {
            0..6 => post(&world, &mut webhook, number).await,
            6..9 => post(&world, &mut webhook, random.u64(1..=number)).await,
            9 => {
                let gone = random.u64(1..=number);
                erase(&world, &mut eraser, &name(gone)).await;
                if random.bool() {
                    post(&world, &mut webhook, gone).await;
                }
            }
            _ => {}
        }
        tokio::time::sleep(Duration::from_millis(random.u64(5..60))).await;
    }
}

/// Posts until it is kept, or the sender gives up.
async fn post(world: &World, webhook: &mut Environment, number: u64) {
    let id = name(number);
    let headers = [("authorization".to_owned(), format!("Bearer {BEARER}"))];
    world.sent.change(&id, |_| {});
    for _ in 0..4 {
        let event = http_event("/webhooks/data-action", &headers, &body(number));
        let answer = webhook.invoke(&event).await;
        let status = answer.map_or(Value::Null, |answer| answer["statusCode"].clone());
        world.history.tell(&id, format!("posted: {status}"));
        if status == 202 {
            return world.sent.change(&id, |fate| fate.is_acknowledged = true);
        }
    }
}

async fn erase(world: &World, eraser: &mut Environment, id: &str) {
    world
        .sent
        .change(id, |fate| fate.erasure = fate.erasure.max(Erasure::Perhaps));
    let task = json!({ "task": "erase", "conversation_id": id });
    for _ in 0..3 {
        let is_done = eraser.invoke(&task).await.is_some();
        world.history.tell(id, format!("erased: {is_done}"));
        if is_done {
            return world.sent.change(id, |fate| fate.erasure = Erasure::Done);
        }
    }
}

/// What was erased is in no row of any table.
async fn find_remnants(world: &World, rows: &Client) {
    let sent = world.sent.all();
    let tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
    for table in rows.query(tables, &[]).await.unwrap() {
        let table: String = table.get(0);
        let named = format!(
            r"SELECT DISTINCT found[1] FROM {table} t, regexp_matches(t::text, '\mconv-[0-9]+\M', 'g') found"
        );
        for row in rows.query(&named, &[]).await.unwrap() {
            let id: String = row.get(0);
            let is_erased = sent.get(&id).is_some_and(|it| it.erasure == Erasure::Done);
            let what = format!("it was erased, and {table} names it");
            world.history.demand(!is_erased, &[&id], what);
        }
    }
}

/// Every conversation is where it belongs: once with its vector, or nowhere.
pub(crate) async fn check(world: &World) {
    let rows = world.rows().await;
    let stored = "SELECT conversation_id, count(DISTINCT e.id), count(v.embedding)
        FROM conversation_events e LEFT JOIN conversation_embeddings v USING (conversation_id) GROUP BY 1";
    let stored = rows.query(stored, &[]).await.unwrap();
    let mut stored: BTreeMap<String, (i64, i64)> = stored
        .iter()
        .map(|row| (row.get(0), (row.get(1), row.get(2))))
        .collect();
    let dead = world.double.messages(DEAD);
    for letter in &dead {
        let message = ConversationMessage::from_text(&letter.body).unwrap();
        let id = message.conversation_id.to_string();
        world.history.demand(false, &[&id], "it is a dead letter");
    }
    for (id, fate) in world.sent.all() {
        let found = stored.remove(&id);
        let holds = match (found, fate.erasure, fate.is_acknowledged) {
            (Some(found), Erasure::None | Erasure::Perhaps, _) => found == (1, 1),
            (Some(_), Erasure::Done, _) => false,
            (None, erasure, is_acknowledged) => erasure != Erasure::None || !is_acknowledged,
        };
        let what = format!("events and vectors: {found:?}");
        world.history.demand(holds, &[&id], what);
    }
    find_remnants(world, &rows).await;
    let phantom: Vec<_> = stored.keys().collect();
    assert!(phantom.is_empty(), "nobody sent {phantom:?}");
    let texts = world.count("conversation_embeddings v LEFT JOIN conversation_events e ON e.id = v.event_id WHERE e.id IS NULL");
    assert_eq!(texts.await, Some(0), "texts without their event");
    let kept = world
        .sent
        .all()
        .values()
        .filter(|fate| fate.is_acknowledged)
        .count();
    println!(
        "{kept} conversations acknowledged, {} given up",
        world.sent.all().len() - kept
    );
}
