//! Listeners with their stream, their queue and their database.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use assist_listener::{App, Config, Report, Rhythm, forever, handle};
use aws_double::{AwsDouble, Options};
use cxone_simulator::{Settings, Simulator};
use fault_proxy::{FaultProxy, Plan};
use jiff::SignedDuration;
use lambda_runtime::Diagnostic;
use serde_json::{Value, json};
use shared::aws;
use shared::config::Env;
use shared::cxone::stream::Pulse;
use shared::db::Database;
use shared::queue::InteractionMessage;
use shared::retry::Backoff;
use shared::telemetry;
use shared::testing::{self, CXONE_CLIENT, TestDatabase, create_secrets, invocation};
use tokio::task::JoinHandle;
use tokio_postgres::Client;

use crate::same::{difference, is_same};

const NOTICES: &str = "/agent-assist-notifications/notifications/ws";
const QUEUE: &str = "interactions.fifo";
/// A hundred times as fast as in life.
pub(crate) const QUICK: Rhythm = Rhythm {
    quiet: SignedDuration::from_millis(15),
    lease: Duration::from_millis(1_500),
    renewal: Duration::from_millis(300),
    asking: Duration::from_millis(20),
    early: Duration::from_hours(1),
    leaving: Duration::from_millis(600),
    deaf: Duration::from_secs(20),
    spare: Duration::from_millis(50),
};

/// Every test of what must not be lost plays both.
pub(crate) const DIALECTS: [Dialect; 2] = [Dialect::Frames, Dialect::Notices];

/// How the stream speaks: see the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Frames,
    Notices,
}

impl Dialect {
    /// Where the stream is.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Frames => "/api/v2/interactions",
            Self::Notices => NOTICES,
        }
    }
}

pub(crate) const ERASURE_KEY: &str = "erasure-0123456789abcdef0123456789abcdef";

pub(crate) struct World {
    pub(crate) dialect: Dialect,
    pub(crate) simulator: Arc<Simulator>,
    pub(crate) double: AwsDouble,
    /// Between the listeners and their database.
    pub(crate) proxy: FaultProxy,
    /// Another way to CXone, for [`World::by_another_way`].
    pub(crate) way: FaultProxy,
    /// Looks at the rows from outside.
    pub(crate) rows: Client,
    pub(crate) rhythm: Rhythm,
    sdk: aws::SdkConfig,
    settings: BTreeMap<&'static str, String>,
}

/// A listener at work.
pub(crate) type Listening = JoinHandle<Result<Report, Diagnostic>>;

impl World {
    /// Everything, or a skipped test where there is no Postgres.
    pub(crate) async fn start(test: &str, rhythm: Rhythm) -> Option<Self> {
        Self::speaking(Dialect::Frames, test, rhythm).await
    }

    /// The same with a stream that speaks this dialect.
    pub(crate) async fn speaking(dialect: Dialect, test: &str, rhythm: Rhythm) -> Option<Self> {
        let stream = match dialect {
            Dialect::Frames => json!({}),
            Dialect::Notices => json!({
                "path": NOTICES, "dialect": "notices", "notices": {"topics": ["contacts"]},
            }),
        };
        Self::with(dialect, stream, test, rhythm).await
    }

    /// The same where the profile says so of the stream.
    pub(crate) async fn with(
        dialect: Dialect,
        stream: Value,
        test: &str,
        rhythm: Rhythm,
    ) -> Option<Self> {
        speak();
        let database = TestDatabase::migrated(test).await?;
        let simulator = Simulator::start(Settings::default()).unwrap();
        let double = AwsDouble::start(Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let secrets = [("cxone", CXONE_CLIENT), ("erasure-key", ERASURE_KEY)];
        create_secrets(&sdk, &secrets).await;
        let queue = aws::queue_client(&sdk).create_queue().queue_name(QUEUE);
        let queue = queue
            .attributes("FifoQueue".into(), "true")
            .send()
            .await
            .unwrap();
        let mut profile = testing::profile(simulator.url());
        profile["stream"] = stream;
        let proxy = FaultProxy::start(database.address().await?, Plan::none()).unwrap();
        let way = FaultProxy::start(address(simulator.url()), Plan::none()).unwrap();
        let settings = BTreeMap::from([
            ("DATABASE_URL", database.url_through(proxy.address())?),
            ("CXONE_SECRET_ID", "cxone".to_owned()),
            ("ERASURE_KEY_SECRET_ID", "erasure-key".to_owned()),
            ("CXONE_PROFILE", profile.to_string()),
            ("INTERACTIONS_QUEUE_URL", queue.queue_url.unwrap()),
        ]);
        Some(Self {
            dialect,
            simulator: Arc::new(simulator),
            double,
            proxy,
            way,
            rows: database.bystander().await.unwrap(),
            rhythm,
            sdk,
            settings,
        })
    }

    /// Lets somebody listen for so long, who is then on the stream. Whoever finds somebody standing by comes again.
    pub(crate) async fn listen(&self, time: Duration) -> Listening {
        let begun = Instant::now();
        loop {
            let before = self.opened();
            let listening = self.tick(time).await;
            while !listening.is_finished() {
                if self.opened() > before {
                    return listening;
                }
                assert!(begun.elapsed() < Duration::from_mins(2), "nobody listens");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }

    /// Waits until whoever listens has asked for these interactions, where they have to be asked for.
    pub(crate) async fn is_subscribed(&self, interactions: usize) {
        let begun = Instant::now();
        while self.simulator.stream().connections() == 0
            || (self.dialect == Dialect::Notices
                && self.simulator.stream().subscriptions() <= interactions)
        {
            assert!(
                begun.elapsed() < Duration::from_mins(2),
                "nobody subscribes"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// How often the stream was opened.
    pub(crate) fn opened(&self) -> usize {
        let asked = self.simulator.requests(self.dialect.path());
        asked.iter().filter(|it| it.status == Some(101)).count()
    }

    /// Invokes the function as the schedule does.
    pub(crate) async fn tick(&self, time: Duration) -> Listening {
        let event = include_str!("../../../../events/assist-listener.json");
        let app = self.app(&self.settings).await;
        let event = invocation(serde_json::from_str(event).unwrap(), time);
        tokio::spawn(async move { handle(&app, event).await })
    }

    /// Lets somebody listen who goes to CXone by a way of their own: for so long, or as a process does.
    pub(crate) async fn by_another_way(&self, time: Option<Duration>) -> Listening {
        let mut settings = self.settings.clone();
        let profile = &settings["CXONE_PROFILE"];
        let url = format!("http://{}", self.way.address());
        let profile = profile.replace(self.simulator.url(), &url);
        settings.insert("CXONE_PROFILE", profile);
        self.begin(&settings, time).await
    }

    /// Lets a process listen.
    pub(crate) async fn process(&self) -> Listening {
        self.begin(&self.settings, None).await
    }

    /// Whoever this is, is on the stream afterwards.
    async fn begin(
        &self,
        settings: &BTreeMap<&'static str, String>,
        time: Option<Duration>,
    ) -> Listening {
        let (app, before) = (self.app(settings).await, self.opened());
        let listening = tokio::spawn(async move {
            match time {
                Some(time) => handle(&app, invocation(json!({}), time)).await,
                None => forever(&app).await,
            }
        });
        let begun = Instant::now();
        while self.opened() == before {
            assert!(begun.elapsed() < Duration::from_secs(20), "nobody listens");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        listening
    }

    async fn app(&self, settings: &BTreeMap<&'static str, String>) -> App {
        let mut config = Config::from_env(&Env::from_pairs(settings.clone())).unwrap();
        config.rhythm = self.rhythm;
        config.pulse = Pulse {
            backoff: Backoff {
                first: Duration::from_millis(5),
                most: Duration::from_millis(50),
            },
            ..Pulse::default()
        };
        App::new(config, &self.sdk).await.unwrap()
    }

    /// What was forwarded, in the order of the queue.
    pub(crate) fn forwarded(&self) -> Vec<InteractionMessage> {
        let stored = self.double.messages(QUEUE);
        let read = |body: &str| InteractionMessage::from_text(body).unwrap();
        stored.iter().map(|message| read(&message.body)).collect()
    }

    /// What was forwarded of an interaction.
    pub(crate) fn told(&self, interaction: &str) -> Vec<String> {
        let forwarded = self.forwarded().into_iter();
        let own = forwarded.filter(|one| one.interaction_id.as_str() == interaction);
        own.map(|one| one.text).collect()
    }

    /// Waits until everything is forwarded, and says that nothing of it was lost, doubled or turned round within its channel.
    pub(crate) async fn is_told_once(&self, interactions: impl IntoIterator<Item = String>) {
        let mut waiting: Vec<String> = interactions.into_iter().collect();
        let begun = Instant::now();
        while !waiting.is_empty() {
            let looked = Instant::now();
            let mut told = BTreeMap::<String, Vec<String>>::new();
            for one in self.forwarded() {
                let words = one.text.split(' ').map(str::to_owned);
                told.entry(one.interaction_id.to_string())
                    .or_default()
                    .extend(words);
            }
            let none = Vec::new();
            waiting.retain(|name| {
                let said = self.simulator.stream().transcripts(name);
                !is_same(&said, told.get(name).unwrap_or(&none))
            });
            if let Some(name) = waiting.first() {
                let said = self.simulator.stream().transcripts(name);
                let is_late = begun.elapsed() > Duration::from_mins(5);
                assert!(
                    !is_late,
                    "{} differ; {}",
                    waiting.len(),
                    difference(name, &said, &told)
                );
                // Looking takes time that the listeners want.
                tokio::time::sleep(Duration::from_millis(20) + looked.elapsed() * 3).await;
            }
        }
        let forwarded = self.forwarded();
        let mut names: Vec<_> = forwarded
            .iter()
            .map(|one| (&one.interaction_id, one.offset))
            .collect();
        names.sort();
        names.dedup();
        assert_eq!(
            names.len(),
            forwarded.len(),
            "two have one interaction and offset"
        );
    }

    pub(crate) fn database(&self) -> Database {
        Database::new(self.settings["DATABASE_URL"].parse().unwrap(), None).unwrap()
    }

    pub(crate) async fn count(&self, from_where: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {from_where}");
        self.rows.query_one(&sql, &[]).await.unwrap().get(0)
    }
}

fn address(url: &str) -> SocketAddr {
    url.trim_start_matches("http://").parse().unwrap()
}

/// With `LOG_LEVEL` set, the function's own log lines tell what a failing test does not.
fn speak() {
    if let Some(level) = testing::setting("LOG_LEVEL") {
        telemetry::init(&Env::from_pairs([("LOG_LEVEL", level)]), "assist-listener");
    }
}

/// Sentences of which every word is another one.
pub(crate) fn sentences(name: usize, count: usize) -> Vec<String> {
    let sentence = |number| {
        let words = (0..3 + number % 7).map(|word| format!("W{name}x{number}x{word}"));
        words.collect::<Vec<_>>().join(" ") + [".", "?", "!"][number % 3]
    };
    (0..count).map(sentence).collect()
}
