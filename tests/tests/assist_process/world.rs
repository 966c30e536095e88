//! The stream, the queue, the knowledge base and the two functions; and the queue's part of Lambda.

use std::collections::HashMap;
use std::ops::Deref;
use std::path::Path;
use std::time::{Duration, Instant};

use end_to_end::{AMPLE, Function};
use evaluation::dataset::read_articles;
use evaluation::library::Library;
use evaluation::own;
use evaluation::supervisor::Supervisor;
use serde_json::{Value, json};
use shared::aws;
use shared::domain::ArticleId;
use shared::queue::InteractionMessage;
use shared::testing;
use tokio::process::Child;

/// As calm as ever, but for the clock: the call is spoken as fast as it can be heard.
const RULES: &str =
    r#"{"cooldown_seconds": 0, "cards_per_minute": 60, "beside_before": 0.5, "prominence": 0.33}"#;
const QUEUE: &str = "interactions.fifo";
const CARDS: &str = "assist-cards";

pub(crate) struct World {
    ground: end_to_end::World,
    queue_url: String,
    /// Articles by their titles.
    titles: HashMap<String, ArticleId>,
    /// The one that forwards, and the one that stands by.
    listeners: Vec<Child>,
    cards: Function,
}

impl Deref for World {
    type Target = end_to_end::World;

    fn deref(&self) -> &Self::Target {
        &self.ground
    }
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
        let mut ground = end_to_end::World::start(test).await?;
        let corpus = read_articles(own::CORPUS).unwrap();
        let database = ground.database.database()?;
        let library = Library::load(database, Path::new(&model), &corpus, |_| {});
        let supervisor = Supervisor::new(library.await.unwrap(), RULES.parse().unwrap());
        let queue_url = ground.set_fifo_queue("INTERACTIONS_QUEUE_URL", QUEUE).await;
        let key = "erasure-key-0123456789abcdef0123";
        ground.set_secret("ERASURE_KEY_SECRET_ID", key).await;
        let mut profile = testing::profile(ground.simulator.url());
        profile["stream"] = json!({ "fields": { "speaker": "speaker" } });
        ground.set("CXONE_PROFILE", profile.to_string());
        for (setting, value) in [
            ("UTTERANCE_QUIET_MS", "200"),
            ("EMBEDDING_PROVIDER", "local"),
            ("LOCAL_MODEL_DIR", &model),
            ("ASSIST_RULES", RULES),
            // A machine under load is no reason for silence.
            ("ASSIST_FRESH_SECONDS", "600"),
        ] {
            ground.set(setting, value);
        }
        let titles = corpus.into_iter().map(|it| (it.title, it.id)).collect();
        let mut world = Self {
            cards: ground.spawn(CARDS, None).await,
            listeners: Vec::new(),
            ground,
            queue_url,
            titles,
        };
        for _ in 0..2 {
            world.listen().await;
        }
        Some((world, supervisor.unwrap()))
    }

    /// A listener of its own, outside of Lambda, until it hears everything.
    async fn listen(&mut self) {
        let before = self.simulator.stream().connections();
        let mut command = self.command("assist-listener");
        self.listeners
            .push(command.kill_on_drop(true).spawn().unwrap());
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
        let next = self.spawn(CARDS, None).await;
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
