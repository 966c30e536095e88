//! The listener as a process: it dies at every named place, and the next one goes on.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says how long a hand-over took"
)]

use std::ops::Deref;
use std::time::{Duration, Instant};

use cxone_simulator::StreamTrouble;
use end_to_end::AMPLE;
use end_to_end::canary::{Talkative, echo, leaks, told};
use serde_json::Value;
use shared::testing;
use tokio::process::Child;

/// Where a listener can die: what is to be sent is stored, and not sent; it is sent, and nobody knows.
const PLACES: [&str; 2] = ["forward.stored", "forward.sent"];
/// How the stream speaks, as the profile says it; what is said first and what later; and how it is forwarded.
const DIALECTS: [Dialect; 2] = [
    Dialect {
        stream: "{}",
        said: ["Hello. My oven is", "broken."],
        first: &["Hello.", "My oven is"],
        all: &["Hello.", "My oven is", "broken."],
    },
    Dialect {
        stream: r#"{"path": "/agent-assist-notifications/notifications/ws", "dialect": "notices", "notices": {"topics": ["contacts"]}}"#,
        said: ["Hello.", "My oven is broken."],
        first: &["Hello."],
        all: &["Hello.", "My oven is broken."],
    },
];
const QUEUE: &str = "interactions.fifo";
const NAME: &str = "assist-listener";

#[derive(Clone, Copy)]
struct Dialect {
    stream: &'static str,
    said: [&'static str; 2],
    first: &'static [&'static str],
    all: &'static [&'static str],
}

/// See [`end_to_end::World`].
struct World(end_to_end::World);

impl Deref for World {
    type Target = end_to_end::World;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl World {
    /// A listener's world, or a skipped test where there is no Postgres.
    async fn start(test: &str, dialect: Dialect) -> Option<Self> {
        let mut world = end_to_end::World::start(test).await?;
        world.set_fifo_queue("INTERACTIONS_QUEUE_URL", QUEUE).await;
        let key = "erasure-key-0123456789abcdef0123";
        world.set_secret("ERASURE_KEY_SECRET_ID", key).await;
        let mut profile = testing::profile(world.simulator.url());
        profile["stream"] = serde_json::from_str(dialect.stream).unwrap();
        world.set("CXONE_PROFILE", profile.to_string());
        Some(Self(world))
    }

    /// A process of its own, outside of Lambda, that hears everything.
    async fn forever(&self) -> Child {
        let before = self.simulator.stream().connections();
        let child = self.command(NAME).kill_on_drop(true).spawn().unwrap();
        self.wait(|| self.simulator.stream().connections() > before)
            .await;
        child
    }

    async fn wait(&self, until: impl Fn() -> bool) {
        let begun = Instant::now();
        while !until() {
            assert!(begun.elapsed() < AMPLE, "{:?}", self.told());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What SQS has.
    fn told(&self) -> Vec<String> {
        let text = |body: &str| {
            serde_json::from_str::<Value>(body).unwrap()["text"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        self.double
            .messages(QUEUE)
            .iter()
            .map(|message| text(&message.body))
            .collect()
    }

    /// The dead one's lease would hold the next one for ten seconds.
    async fn end_the_lease(&self) {
        let end = "UPDATE stream_lease SET lease_until = '-infinity'";
        self.rows.execute(end, &[]).await.unwrap();
    }
}

#[tokio::test]
async fn a_listener_that_dies_between_the_database_and_the_queue_loses_and_doubles_nothing() {
    for dialect in DIALECTS {
        for place in PLACES {
            die(place, dialect).await;
        }
    }
}

async fn die(place: &str, dialect: Dialect) {
    let Some(world) = World::start(place, dialect).await else {
        return;
    };
    let mut doomed = world.spawn(NAME, Some(place)).await;
    let stream = world.simulator.stream();
    let [said, later] = dialect.said;
    let dying = doomed.die_over(place, "{}");
    let speaking = async {
        world.wait(|| stream.connections() > 0).await;
        stream.say("i-1", 0, said);
    };
    tokio::join!(dying, speaking);
    assert_eq!(
        world.told().len(),
        usize::from(place == PLACES[1]),
        "{place}"
    );
    world.end_the_lease().await;
    // It was not there when it was said. The words of an unfinished sentence stand beside the message.
    let _next = world.forever().await;
    world.wait(|| world.told() == dialect.first).await;
    stream.say("i-1", 0, later);
    world.wait(|| world.told().len() >= dialect.all.len()).await;
    assert_eq!(world.told(), dialect.all, "{place}");
}

#[tokio::test]
async fn of_two_processes_one_forwards_and_the_other_follows_when_it_is_killed() {
    for dialect in DIALECTS {
        kill(dialect).await;
    }
}

async fn kill(dialect: Dialect) {
    let Some(world) = World::start("of_two_processes", dialect).await else {
        return;
    };
    let mut first = world.forever().await;
    let stream = world.simulator.stream();
    stream.say("i-1", 0, "One.");
    world.wait(|| world.told() == ["One."]).await;
    let _second = world.forever().await;
    first.kill().await.unwrap();
    let killed = Instant::now();
    stream.say("i-1", 0, "Two.");
    world.wait(|| world.told() == ["One.", "Two."]).await;
    println!(
        "{}: after kill -9 the other one forwards within {:?}",
        dialect.stream,
        killed.elapsed()
    );
}

#[tokio::test]
async fn what_is_said_and_what_peers_say_is_in_no_log() {
    let Some(world) = World::start("what_is_said_and_what_peers_say", DIALECTS[0]).await else {
        return;
    };
    // Postgres quotes the row that breaks such a rule.
    let rule = "ALTER TABLE stream_offsets ADD CHECK (progress::text || unsent::text NOT LIKE '%canary-row%')";
    world.rows.batch_execute(rule).await.unwrap();
    let stream = world.simulator.stream();
    stream.set_trouble(StreamTrouble {
        junk_every: Some(3),
        huge_every: Some(5),
        drop_every: Some(7),
        ..StreamTrouble::default()
    });
    let mut listener = Talkative::spawn(world.command(NAME)).await.unwrap();
    let listening = listener
        .function
        .invoke_within("{}", Duration::from_secs(8));
    let speaking = async {
        world.wait(|| stream.connections() > 0).await;
        for number in 0..20 {
            match number {
                8 => world
                    .double
                    .fail_rate("SendMessage", aws_double::Fault::Status(503), 0.5, 1),
                12 => stream.say("i-2", 0, "This is canary-row."),
                _ => stream.say("i-1", 0, "I am canary-name, canary.mail@example.org, of"),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::join!(listening, speaking);
    for capability in ["tokens", "stream"] {
        for status in [400, 401, 403, 500, 200] {
            world.end_the_lease().await;
            world.simulator.revoke_tokens(None);
            echo(&world.simulator, capability, status).unwrap();
            let time = Duration::from_secs(2);
            listener.function.invoke_within("{}", time).await;
        }
    }
    let log = listener.end().await.unwrap();
    assert!(log.lines().count() > 3, "it logs at all: {log}");
    assert_eq!(leaks(&log, &["local-secret"]), [""; 0]);
    assert_eq!(told(&world.rows).await.unwrap(), [""; 0]);
}
