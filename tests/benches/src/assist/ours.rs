//! Our side: both functions as released, with a queue between them, which the bench serves as Lambda does.

use std::fs::File;
use std::process::Stdio;
use std::time::{Duration, Instant};

use aws_double::{AwsDouble, Options};
use cxone_simulator::{Settings, Simulator};
use end_to_end::Function;
use jiff::Timestamp;
use reqwest::Client;
use serde_json::{Value, json};
use shared::testing::{self, CXONE_CLIENT};
use tokio::process::{Child, Command};

use super::said::{SPEAKERS, Spoken};
use super::stage::Stage;
use crate::bench::Outcome;
use crate::stage as ground;

const QUEUE: &str = "interactions.fifo";
/// Nearly every utterance brings a card.
const RULES: &str = r#"{"trigger": "both", "cooldown_seconds": 0, "cards_per_post": 1, "cards_per_minute": 60, "new_terms": 0,
    "turn_words": 0, "beside_best": 0, "beside_before": 0, "prominence": 0, "floor": 0}"#;
const PATIENCE: Duration = Duration::from_secs(30);

/// The functions, and everything that they speak to.
pub(super) struct Ours {
    simulator: Simulator,
    queue: Queue,
    cards: Function,
    listener: Child,
}

/// The queue between them, as Lambda's poller has it.
struct Queue {
    double: AwsDouble,
    client: Client,
    url: String,
}

impl Ours {
    /// Starts them, and waits until everything is heard.
    pub(super) async fn start(stage: &Stage) -> Outcome<Self> {
        let simulator = Simulator::start(Settings {
            token_lifetime: Duration::from_hours(24),
            ..Settings::default()
        })?;
        let queue = Queue::make().await?;
        let command = |name| command(name, stage, &simulator, &queue);
        let log = File::create(ground::folder()?.join("assist-ours.log"))?;
        let mut listener = command("assist-listener")?;
        listener.stdin(Stdio::null()).kill_on_drop(true);
        listener.stdout(log.try_clone()?).stderr(log.try_clone()?);
        let listener = listener.spawn()?;
        let cards = Function::spawn(command("assist-cards")?, &log).await?;
        let begun = Instant::now();
        while simulator.stream().connections() == 0 {
            if begun.elapsed() > PATIENCE {
                return Err("nobody listens; see target/bench/assist-ours.log".into());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(Self {
            simulator,
            queue,
            cards,
            listener,
        })
    }

    /// Says who speaks in the channels of an interaction.
    pub(super) fn begin(&self, interaction: &str) {
        for (channel, speaker) in SPEAKERS.iter().enumerate() {
            self.simulator.stream().name(interaction, channel, speaker);
        }
    }

    /// Says something, and serves the queue until it is worked on. How long its card took, if one came.
    pub(super) async fn say(&self, interaction: &str, said: &Spoken) -> Outcome<Option<Duration>> {
        let before = self.simulator.assist().cards(interaction).len();
        let begun = Timestamp::now();
        let stream = self.simulator.stream();
        stream.say(interaction, said.channel, &said.text);
        let message = self.queue.receive().await?;
        let record = json!({ "messageId": message["MessageId"], "body": message["Body"] });
        let event = json!({ "Records": [record] }).to_string();
        let answer = self.cards.invoke(event).await;
        let answer = answer.ok_or("assist-cards did not answer")?;
        let answer: Value = serde_json::from_slice(&answer.body)?;
        if answer != json!({ "batchItemFailures": [] }) {
            return Err(format!("assist-cards answered {answer}").into());
        }
        self.queue.delete(&message).await?;
        let cards = self.simulator.assist().cards(interaction);
        let card = cards.get(before);
        let took = card.map(|card| card.at.duration_since(begun).try_into());
        Ok(took.transpose()?)
    }

    pub(super) async fn end(mut self) -> Outcome<()> {
        self.listener.kill().await?;
        Ok(self.cards.kill().await?)
    }
}

impl Queue {
    /// Makes it, and the secrets that both functions read.
    async fn make() -> Outcome<Self> {
        let mut queue = Self {
            double: AwsDouble::start(Options::default())?,
            client: Client::new(),
            url: String::new(),
        };
        let sdk = testing::aws_at(&queue.double.endpoint()).await;
        let key = ("erasure-key", "bench-0123456789-0123456789-0123");
        testing::create_secrets(&sdk, &[("cxone", CXONE_CLIENT), key]).await;
        let made = json!({ "QueueName": QUEUE, "Attributes": { "FifoQueue": "true" } });
        let made = queue.call("AmazonSQS.CreateQueue", &made).await?;
        let url = made["QueueUrl"].as_str().ok_or("no queue was made")?;
        url.clone_into(&mut queue.url);
        Ok(queue)
    }

    /// The next message, waited for.
    async fn receive(&self) -> Outcome<Value> {
        let receive =
            json!({ "QueueUrl": self.url, "MaxNumberOfMessages": 1, "WaitTimeSeconds": 20 });
        let mut received = self.call("AmazonSQS.ReceiveMessage", &receive).await?;
        let message = received["Messages"][0].take();
        if message.is_null() {
            return Err("nothing is forwarded; see target/bench/assist-ours.log".into());
        }
        Ok(message)
    }

    async fn delete(&self, message: &Value) -> Outcome<()> {
        let receipt = &message["ReceiptHandle"];
        let delete = json!({ "QueueUrl": self.url, "ReceiptHandle": receipt });
        let body = delete.to_string();
        let endpoint = self.double.endpoint();
        ground::post(&self.client, &endpoint, "AmazonSQS.DeleteMessage", body).await?;
        Ok(())
    }

    async fn call(&self, operation: &str, request: &Value) -> Outcome<Value> {
        let (endpoint, body) = (self.double.endpoint(), request.to_string());
        let answer = ground::post(&self.client, &endpoint, operation, body).await?;
        Ok(serde_json::from_slice(&answer)?)
    }
}

fn command(name: &str, stage: &Stage, simulator: &Simulator, queue: &Queue) -> Outcome<Command> {
    let mut profile = testing::profile(simulator.url());
    profile["stream"] = json!({ "fields": { "speaker": "speaker" } });
    let mut command = ground::environment(ground::released(name)?, queue.double.endpoint());
    command
        .env("DATABASE_URL", &stage.scratch.url)
        .env("CXONE_SECRET_ID", "cxone")
        .env("ERASURE_KEY_SECRET_ID", "erasure-key")
        .env("CXONE_PROFILE", profile.to_string())
        .env("INTERACTIONS_QUEUE_URL", &queue.url)
        .env("EMBEDDING_PROVIDER", "local")
        .env("LOCAL_MODEL_DIR", &stage.model)
        .env("ASSIST_RULES", RULES);
    Ok(command)
}
