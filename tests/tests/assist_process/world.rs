//! The stream, the queue, the knowledge base and the two functions; and the queue's part of Lambda.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::{Duration, Instant};

use aws_double::{AwsDouble, Options};
use cxone_simulator::{Settings, Simulator};
use end_to_end::{Function, binary};
use evaluation::dataset::read_articles;
use evaluation::library::Library;
use evaluation::own;
use evaluation::supervisor::Supervisor;
use serde_json::{Value, json};
use shared::aws::{self, SdkConfig};
use shared::domain::ArticleId;
use shared::queue::InteractionMessage;
use shared::testing::{self, TestDatabase};
use tokio::process::{Child, Command};
use tokio_postgres::Client;

/// As calm as ever, but for the clock: the call is spoken as fast as it can be heard.
const RULES: &str = r#"{"cooldown_seconds": 0, "cards_per_minute": 60}"#;
const QUEUE: &str = "interactions.fifo";
const AMPLE: Duration = Duration::from_mins(1);

pub(crate) struct World {
    pub(crate) simulator: Simulator,
    rows: Client,
    sdk: SdkConfig,
    queue_url: String,
    settings: BTreeMap<&'static str, String>,
    /// Articles by their titles.
    titles: HashMap<String, ArticleId>,
    /// The one that forwards, and the one that stands by.
    listeners: Vec<Child>,
    cards: Function,
    _double: AwsDouble,
}

/// A message in flight.
pub(crate) struct Message {
    pub(crate) text: String,
    receipt: String,
    event: String,
}

impl World {
    /// Everything, and somebody who knows which cards are right; or a skipped test where there is no Postgres or no model.
    pub(crate) async fn start(test: &str) -> Option<(Self, Supervisor)> {
        let Some(model) = testing::setting("LOCAL_MODEL_DIR") else {
            let why = "LOCAL_MODEL_DIR is not set; `cargo local test` sets it";
            testing::skip(test, why);
            return None;
        };
        let database = TestDatabase::create(test).await?;
        let corpus = read_articles(own::CORPUS).unwrap();
        let library = Library::load(database.database()?, Path::new(&model), &corpus, |_| {});
        let supervisor = Supervisor::new(library.await.unwrap(), RULES.parse().unwrap());
        let simulator = Simulator::start(Settings::default()).unwrap();
        let double = AwsDouble::start(Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let secret = aws::secrets_client(&sdk).create_secret().name("cxone");
        let client = r#"{"client_id":"local-client","client_secret":"local-secret"}"#;
        secret.secret_string(client).send().await.unwrap();
        let queue = aws::queue_client(&sdk).create_queue().queue_name(QUEUE);
        let queue = queue.attributes("FifoQueue".into(), "true").send().await;
        let queue_url = queue.unwrap().queue_url.unwrap();
        let url = simulator.url();
        let token = json!({ "url": format!("{url}/oauth/token") });
        let stream = json!({ "fields": { "speaker": "speaker" } });
        let profile = json!({ "base_url": url, "token": token, "stream": stream });
        let settings = BTreeMap::from([
            ("AWS_ENDPOINT_URL", double.endpoint()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("DATABASE_URL", database.url.clone()),
            ("CXONE_SECRET_ID", "cxone".to_owned()),
            ("CXONE_PROFILE", profile.to_string()),
            ("INTERACTIONS_QUEUE_URL", queue_url.clone()),
            ("UTTERANCE_QUIET_MS", "200".to_owned()),
            ("EMBEDDING_PROVIDER", "local".to_owned()),
            ("LOCAL_MODEL_DIR", model),
            ("ASSIST_RULES", RULES.to_owned()),
            // A machine under load is no reason for silence.
            ("ASSIST_FRESH_SECONDS", "600".to_owned()),
        ]);
        let titles = corpus.into_iter().map(|it| (it.title, it.id)).collect();
        let mut world = Self {
            rows: database.bystander().await?,
            cards: spawn(&settings).await,
            listeners: Vec::new(),
            simulator,
            sdk,
            queue_url,
            settings,
            titles,
            _double: double,
        };
        for _ in 0..2 {
            world.listen().await;
        }
        Some((world, supervisor.unwrap()))
    }

    /// A listener of its own, outside of Lambda, until it hears everything.
    async fn listen(&mut self) {
        let before = self.simulator.stream().connections();
        let mut command = Command::new(binary("assist-listener").unwrap());
        command.env_clear().envs(&self.settings).kill_on_drop(true);
        self.listeners.push(command.spawn().unwrap());
        let begun = Instant::now();
        while self.simulator.stream().connections() == before {
            assert!(begun.elapsed() < AMPLE, "nobody listens");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Kills the one that came first; the other one need not wait until its lease ends.
    pub(crate) async fn kill_the_listener(&mut self) {
        self.listeners.remove(0).kill().await.unwrap();
        let end = "UPDATE stream_lease SET lease_until = '-infinity'";
        assert_eq!(self.rows.execute(end, &[]).await.unwrap(), 1);
    }

    /// The next one, as Lambda takes it.
    pub(crate) async fn next_message(&self) -> Message {
        let begun = Instant::now();
        loop {
            let receive = aws::queue_client(&self.sdk).receive_message();
            let receive = receive.queue_url(&self.queue_url).wait_time_seconds(5);
            let receive = receive.max_number_of_messages(1).send().await.unwrap();
            if let Some(message) = receive.messages.and_then(|mut all| all.pop()) {
                let body = message.body.unwrap();
                let record = json!({ "messageId": message.message_id, "body": body });
                return Message {
                    text: InteractionMessage::from_text(&body).unwrap().text,
                    receipt: message.receipt_handle.unwrap(),
                    event: json!({ "Records": [record] }).to_string(),
                };
            }
            assert!(begun.elapsed() < AMPLE, "nothing is forwarded");
        }
    }

    /// Gives it to the cards' function, which has nothing to complain about.
    pub(crate) async fn hear(&mut self, message: &Message) {
        let answer = self.cards.invoke_within(message.event.clone(), AMPLE).await;
        let answer: Value = serde_json::from_slice(&answer.unwrap().body).unwrap();
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
    }

    /// Takes it out of the queue.
    pub(crate) async fn settle(&self, message: Message) {
        let delete = aws::queue_client(&self.sdk).delete_message();
        let delete = delete.queue_url(&self.queue_url);
        let delete = delete.receipt_handle(message.receipt);
        delete.send().await.unwrap();
    }

    /// Kills the cards' function while it works on the message; another one is there.
    pub(crate) async fn kill_the_cards_over(&mut self, message: &Message) {
        self.rows
            .batch_execute("BEGIN; LOCK TABLE assist_interactions")
            .await
            .unwrap();
        let next = spawn(&self.settings).await;
        let mut doomed = std::mem::replace(&mut self.cards, next);
        let is_stuck = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'assist_interactions'::regclass";
        let stuck = async {
            while self
                .rows
                .query_one(is_stuck, &[])
                .await
                .unwrap()
                .get::<_, i64>(0)
                == 0
            {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::select! {
            _ = doomed.invoke_within(message.event.clone(), AMPLE) => panic!("it is not held up"),
            () = stuck => {}
        }
        doomed.kill().await.unwrap();
        self.rows.batch_execute("ROLLBACK").await.unwrap();
    }

    /// The articles on the agent's screen, the oldest first.
    pub(crate) fn screen(&self, interaction: &str) -> Vec<ArticleId> {
        let cards = self.simulator.assist().cards(interaction);
        let title = |body: &str| body.lines().next().unwrap().trim_matches('*').to_owned();
        cards
            .iter()
            .map(|card| self.titles[&title(&card.body)].clone())
            .collect()
    }

    /// What is kept of each card.
    pub(crate) async fn states(&self, interaction: &str) -> Vec<String> {
        let states = "SELECT state FROM assist_impressions WHERE session_id = $1";
        let rows = self.rows.query(states, &[&interaction]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}

async fn spawn(settings: &BTreeMap<&'static str, String>) -> Function {
    let mut command = Command::new(binary("assist-cards").unwrap());
    command.env_clear().envs(settings);
    let log = tempfile::tempfile().unwrap();
    Function::spawn(command, &log).await.unwrap()
}
