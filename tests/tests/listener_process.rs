//! The listener as a process: it dies at every named place, and the next one goes on.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::time::{Duration, Instant};

use aws_double::{AwsDouble, Options};
use cxone_simulator::{Settings, Simulator};
use end_to_end::{Function, binary};
use rustix::process::Signal;
use serde_json::{Value, json};
use shared::aws;
use shared::db::migrate::{MIGRATIONS, migrate};
use shared::testing::{self, TestDatabase};
use tokio::process::{Child, Command};
use tokio_postgres::Client;

/// Where a listener can die: what is to be sent is stored, and not sent; it is sent, and nobody knows.
const PLACES: [&str; 2] = ["forward.stored", "forward.sent"];
const QUEUE: &str = "interactions.fifo";
const AMPLE: Duration = Duration::from_mins(1);

struct World {
    simulator: Simulator,
    double: AwsDouble,
    rows: Client,
    settings: BTreeMap<&'static str, String>,
}

impl World {
    /// A listener's world, or a skipped test where there is no Postgres.
    async fn start(test: &str) -> Option<Self> {
        let database = TestDatabase::create(test).await?;
        let deadline = tokio::time::Instant::now() + AMPLE;
        migrate(&database.database()?, MIGRATIONS, deadline)
            .await
            .unwrap();
        let simulator = Simulator::start(Settings::default()).unwrap();
        let double = AwsDouble::start(Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let secret = aws::secrets_client(&sdk).create_secret().name("cxone");
        let credentials = r#"{"client_id":"local-client","client_secret":"local-secret"}"#;
        secret.secret_string(credentials).send().await.unwrap();
        let queue = aws::queue_client(&sdk).create_queue().queue_name(QUEUE);
        let queue = queue
            .attributes("FifoQueue".into(), "true")
            .send()
            .await
            .unwrap();
        let url = simulator.url();
        let profile = json!({"base_url": url, "token": {"url": format!("{url}/as/token.oauth2")}});
        let settings = BTreeMap::from([
            ("AWS_ENDPOINT_URL", double.endpoint()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("DATABASE_URL", database.url.clone()),
            ("CXONE_SECRET_ID", "cxone".to_owned()),
            ("CXONE_PROFILE", profile.to_string()),
            ("INTERACTIONS_QUEUE_URL", queue.queue_url.unwrap()),
        ]);
        Some(Self {
            rows: database.bystander().await.unwrap(),
            simulator,
            double,
            settings,
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(binary("assist-listener").unwrap());
        command.env_clear().envs(&self.settings);
        command
    }

    /// A process of its own, outside of Lambda, that hears everything.
    async fn forever(&self) -> Child {
        let before = self.simulator.stream().connections();
        let child = self.command().kill_on_drop(true).spawn().unwrap();
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
    for place in PLACES {
        let Some(world) = World::start(place).await else {
            return;
        };
        let mut command = world.command();
        command.env("FAIL_POINT", place);
        let log = tempfile::tempfile().unwrap();
        let mut doomed = Function::spawn(command, &log).await.unwrap();
        let stream = world.simulator.stream();
        let dying = async {
            let answer = doomed.invoke_within("{}", AMPLE).await;
            assert!(answer.is_none(), "{place}: it answers");
            doomed.ended().await.unwrap()
        };
        let speaking = async {
            world.wait(|| stream.connections() > 0).await;
            stream.say("i-1", 0, "Hello. My oven is");
        };
        let (end, ()) = tokio::join!(dying, speaking);
        assert_eq!(end.signal(), Some(Signal::ABORT.as_raw()), "{place}");
        assert_eq!(
            world.told().len(),
            usize::from(place == PLACES[1]),
            "{place}"
        );
        world.end_the_lease().await;
        // It was not there when it was said. The words of the unfinished sentence stand beside the message.
        let _next = world.forever().await;
        world
            .wait(|| world.told() == ["Hello.", "My oven is"])
            .await;
        stream.say("i-1", 0, "broken.");
        world.wait(|| world.told().len() > 2).await;
        assert_eq!(world.told(), ["Hello.", "My oven is", "broken."], "{place}");
    }
}

#[tokio::test]
async fn of_two_processes_one_forwards_and_the_other_follows_when_it_is_killed() {
    let Some(world) = World::start("of_two_processes").await else {
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
        "after kill -9 the other one forwards within {:?}",
        killed.elapsed()
    );
}
