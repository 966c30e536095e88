//! Calls: what is said comes to the cards once and in order, and no card stands on a screen twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::queue::InteractionMessage;
use tokio::task::JoinSet;

use crate::environment::live;
use crate::pump::Pump;
use crate::world::{IN_ORDER, World};

/// What is said in one call, and who says it.
const CALLS: u64 = 4;
const CUSTOMER: usize = 0;

/// What went by on its way to the cards, by interaction and number.
#[derive(Default)]
pub(crate) struct Heard(Mutex<BTreeMap<String, BTreeMap<u64, String>>>);

impl Heard {
    fn text(&self, interaction: &str) -> String {
        let heard = self.0.lock().unwrap();
        let said = heard
            .get(interaction)
            .into_iter()
            .flat_map(BTreeMap::values);
        said.cloned().collect::<Vec<_>>().join(" ")
    }
}

pub(crate) fn work(world: &Arc<World>, workers: &mut JoinSet<()>) {
    for number in [1, 2] {
        workers.spawn(live(Arc::clone(world), "assist-listener", number));
    }
    let pump = Pump {
        queue: IN_ORDER,
        function: "assist-cards",
        look,
    };
    workers.spawn(pump.run(Arc::clone(world), 1));
}

fn look(world: &World, body: &str, came_to: &str) {
    let message = InteractionMessage::from_text(body).unwrap();
    let (id, number) = (message.interaction_id.to_string(), message.sequence);
    world
        .history
        .tell(&id, format!("heard {number}: {}: {came_to}", message.text));
    let mut heard = world.heard.0.lock().unwrap();
    let before = heard
        .entry(id.clone())
        .or_default()
        .insert(number, message.text.clone());
    drop(heard);
    let is_same = before.is_none_or(|before| before == message.text);
    world
        .history
        .demand(is_same, &[&id], "one number has two texts");
}

fn interaction(number: u64) -> String {
    format!("call-{number}")
}

/// Speaks in a few calls until the traffic ends, about what there are articles on.
pub(crate) async fn speak(world: Arc<World>) {
    let mut random = world.random(3);
    let stream = world.simulator.stream();
    for call in 0..CALLS {
        stream.name(&interaction(call), CUSTOMER, "customer");
    }
    let mut sentence = 0;
    while world.rages() {
        sentence += 1;
        let articles = world.simulator.knowledge().list();
        let locale = articles[random.usize(..articles.len())]
            .locales
            .values()
            .next();
        let title = locale
            .map_or("parcels", |locale| &locale.title)
            .replace(['.', '!', '?'], "");
        let id = interaction(random.u64(..CALLS));
        let text = format!("Sentence {sentence} asks about {title}.");
        world.history.tell(&id, format!("said: {text}"));
        stream.say(&id, CUSTOMER, &text);
        tokio::time::sleep(Duration::from_millis(random.u64(50..500))).await;
    }
}

/// One more sentence, when nobody listens any more.
pub(crate) fn say_to_nobody(world: &World) {
    let stream = world.simulator.stream();
    stream.say(&interaction(0), CUSTOMER, "Nobody hears this.");
}

fn said(world: &World, interaction: &str) -> String {
    let channels = world.simulator.stream().transcripts(interaction);
    channels.get(CUSTOMER).cloned().unwrap_or_default()
}

/// Tells again how the calls stand; whether all that was said was heard.
pub(crate) fn is_all_heard(world: &World) -> bool {
    let mut is_all = true;
    for call in 0..CALLS {
        let id = interaction(call);
        if world.heard.text(&id).len() < said(world, &id).len() {
            world.simulator.stream().repeat(&id);
            is_all = false;
        }
    }
    is_all
}

pub(crate) async fn check(world: &World) {
    let rows = world.rows().await;
    let mut cards = 0;
    for call in 0..CALLS {
        let id = interaction(call);
        let (heard, said) = (world.heard.text(&id), said(world, &id));
        let what = format!("heard: {heard}\nsaid: {said}");
        world.history.demand(heard == said, &[&id], what);
        let screen = world.simulator.assist().cards(&id);
        let bodies: BTreeSet<_> = screen.iter().map(|card| &card.body).collect();
        let what = format!("{} cards, {} different", screen.len(), bodies.len());
        world
            .history
            .demand(bodies.len() == screen.len(), &[&id], what);
        let kept = "SELECT count(*) FILTER (WHERE state = 'shown'), count(*) FILTER (WHERE state IN ('shown', 'unknown')), count(*)
            FROM assist_impressions WHERE session_id = $1 AND source = 'card'";
        let kept = rows.query_one(kept, &[&id]).await.unwrap();
        let [shown, most, all] =
            [0, 1, 2].map(|at| usize::try_from(kept.get::<_, i64>(at)).unwrap());
        let what = format!(
            "{} on the screen, {shown} shown, {most} with the doubtful, {all} in all",
            screen.len()
        );
        let holds = (shown..=most).contains(&screen.len());
        world.history.demand(holds, &[&id], what);
        cards += screen.len();
    }
    let logged = world.logged("assist-cards 1");
    assert!(cards > 0, "nobody was shown anything:\n{logged}");
    println!("{cards} cards shown");
}
