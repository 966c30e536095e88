//! `cargo local dlq` as a person runs it: what lies there is counted, looked at, and given to its queue again.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;

use aws_double::{AwsDouble, Options};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName};
use serde_json::{Value, json};
use shared::testing::aws_at;

/// What is in a message; only who asks for it may read it.
const SAID: &str = r#"{"text":"my card is 4111 1111 1111 1111"}"#;

/// Of those stacks in the account that is asked for. The other's name begins like it.
const STACK: &str = "shop";
const OTHER: &str = "shop-test";

fn is_fifo(name: &str) -> bool {
    name.strip_suffix(".fifo").is_some()
}

struct World {
    double: AwsDouble,
    client: Client,
}

impl World {
    /// Two queues with their dead letters: one that keeps order, and one that does not.
    async fn start() -> Self {
        let double = AwsDouble::start(Options::default()).unwrap();
        let client = Client::new(&aws_at(&double.endpoint()).await);
        let world = Self { double, client };
        for (name, dead) in [
            ("shop-conversations", "shop-conversations-dlq"),
            ("shop-interactions.fifo", "shop-interactions-dlq.fifo"),
        ] {
            let arn = world.create(dead, None).await;
            world.create(name, Some(&arn)).await;
        }
        world.create("shop-knowledge", None).await;
        world
    }

    async fn create(&self, name: &str, dead: Option<&str>) -> String {
        let mut request = self.client.create_queue().queue_name(name);
        if is_fifo(name) {
            request = request.attributes(QueueAttributeName::FifoQueue, "true");
        }
        if let Some(arn) = dead {
            let policy = json!({ "deadLetterTargetArn": arn, "maxReceiveCount": 3 }).to_string();
            request = request.attributes(QueueAttributeName::RedrivePolicy, policy);
        }
        let url = request.send().await.unwrap().queue_url.unwrap();
        let attributes = self.client.get_queue_attributes().queue_url(url);
        let attributes = attributes.attribute_names(QueueAttributeName::QueueArn);
        let attributes = attributes.send().await.unwrap().attributes.unwrap();
        attributes[&QueueAttributeName::QueueArn].clone()
    }

    async fn url(&self, name: &str) -> String {
        let answer = self.client.get_queue_url().queue_name(name).send().await;
        answer.unwrap().queue_url.unwrap()
    }

    async fn send(&self, name: &str, body: &str) {
        let correlation = MessageAttributeValue::builder().data_type("String");
        let correlation = correlation.string_value("c-1").build().unwrap();
        let mut request = self.client.send_message().queue_url(self.url(name).await);
        if is_fifo(name) {
            request = request
                .message_group_id("i-1")
                .message_deduplication_id(body);
        }
        let request = request.message_attributes("correlation_id", correlation);
        request.message_body(body).send().await.unwrap();
    }

    /// Everything that can be received from a queue, and removes it.
    async fn drain(&self, name: &str) -> Vec<aws_sdk_sqs::types::Message> {
        let url = self.url(name).await;
        let request = self.client.receive_message().queue_url(&url);
        let request = request
            .max_number_of_messages(10)
            .message_attribute_names("All");
        let request = request.message_system_attribute_names(MessageSystemAttributeName::All);
        request.send().await.unwrap().messages.unwrap_or_default()
    }

    /// Runs the command; gives whether it succeeded, and what it said.
    async fn run(&self, flags: &[&str]) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        command.arg("dlq").args(flags);
        command.args(["--aws", "--stack", STACK]);
        for (name, value) in [
            ("AWS_ENDPOINT_URL", self.double.endpoint().as_str()),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ] {
            command.env(name, value);
        }
        let output = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = output.await.unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    async fn counts(&self) -> Value {
        let (is_done, said) = self.run(&["ls", "--json"]).await;
        assert!(is_done, "{said}");
        let queues: Vec<Value> = serde_json::from_str(&said).unwrap();
        let count = |queue: &Value| json!([queue["name"], queue["source"], queue["waiting"]]);
        queues.iter().map(count).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_lies_there_is_looked_at_and_sent_again() {
    let world = World::start().await;
    for number in 0..12 {
        world
            .send("shop-conversations-dlq", &format!("{SAID}{number}"))
            .await;
    }
    assert_eq!(
        world.counts().await,
        json!([
            ["shop-conversations-dlq", "shop-conversations", 12],
            ["shop-interactions-dlq.fifo", "shop-interactions.fifo", 0]
        ])
    );

    let (is_done, said) = world.run(&["show", "conversations", "--most", "11"]).await;
    assert!(is_done, "{said}");
    assert_eq!(said.lines().count(), 11, "{said}");
    assert!(said.contains("correlation id c-1"), "{said}");
    assert!(!said.contains("4111"), "nobody asked for it: {said}");
    assert_eq!(world.counts().await[0][2], 12, "they stay where they are");
    let (_, said) = world
        .run(&["show", "shop-conversations-dlq", "--body"])
        .await;
    assert!(said.contains(SAID), "{said}");

    let (is_done, said) = world.run(&["retry", "conversations", "--most", "5"]).await;
    assert!(
        is_done && said.contains("5 messages wait in shop-conversations"),
        "{said}"
    );
    assert_eq!(world.counts().await[0][2], 7);
    let (_, said) = world.run(&["retry", "shop-conversations-dlq"]).await;
    assert!(said.contains("7 messages wait"), "{said}");
    assert_eq!(world.counts().await[0][2], 0);
    let again = [
        world.drain("shop-conversations").await,
        world.drain("shop-conversations").await,
    ]
    .concat();
    let mut bodies: Vec<_> = again.iter().map(|one| one.body().unwrap()).collect();
    bodies.sort_unstable();
    bodies.dedup();
    assert_eq!((again.len(), bodies.len()), (12, 12), "each once");
    let attributes = again[0].message_attributes().unwrap();
    assert_eq!(attributes["correlation_id"].string_value(), Some("c-1"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_an_order_keeps_its_group_and_is_no_repeat() {
    let world = World::start().await;
    // The queue has seen this message not long ago, as the one that came from there.
    world.send("shop-interactions.fifo", SAID).await;
    assert_eq!(world.drain("shop-interactions.fifo").await.len(), 1);
    world
        .client
        .purge_queue()
        .queue_url(world.url("shop-interactions.fifo").await)
        .send()
        .await
        .unwrap();
    world.send("shop-interactions-dlq.fifo", SAID).await;
    let (is_done, said) = world.run(&["retry", "interactions.fifo"]).await;
    assert!(is_done, "{said}");
    let again = world.drain("shop-interactions.fifo").await;
    assert_eq!(again.len(), 1, "it was not dropped as a repeat");
    let system = again[0].attributes().unwrap();
    assert_eq!(system[&MessageSystemAttributeName::MessageGroupId], "i-1");
}

/// So that those of a conversation that was erased are found.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_a_message_is_about_is_told_without_what_was_said() {
    let world = World::start().await;
    for (queue, name) in [
        ("shop-conversations-dlq", "conversation_id"),
        ("shop-interactions-dlq.fifo", "interaction_id"),
    ] {
        let message = json!({ name: "name-1", "text": "my card is 4111 1111 1111 1111" });
        world.send(queue, &message.to_string()).await;
        let (is_done, said) = world.run(&["show", queue]).await;
        assert!(is_done && said.contains(", about name-1"), "{said}");
        assert!(!said.contains("4111"), "nobody asked for it: {said}");
        let (_, said) = world.run(&["show", queue, "--json"]).await;
        let told: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(told[0]["about"], "name-1", "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_holds_no_dead_letters_is_none() {
    let world = World::start().await;
    for name in ["knowledge", "no-such-queue"] {
        let (is_done, said) = world.run(&["show", name]).await;
        assert!(!is_done && said.contains("cargo local dlq ls"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queues_of_other_stacks_are_nobodys_business() {
    let world = World::start().await;
    let ours = world.counts().await;
    for name in [&format!("{OTHER}-conversations"), "conversations"] {
        let dead = format!("{name}-dlq");
        let arn = world.create(&dead, None).await;
        world.create(name, Some(&arn)).await;
        world.send(&dead, SAID).await;
    }
    assert_eq!(world.counts().await, ours);
    world.send("shop-conversations-dlq", "{}").await;
    for name in [
        "conversations",
        "conversations-dlq",
        "shop-conversations",
        "shop-conversations-dlq",
    ] {
        let (is_done, said) = world.run(&["show", name, "--body"]).await;
        assert!(is_done && said.lines().count() == 2, "{name}: {said}");
        assert!(!said.contains("4111"), "{name} is another's: {said}");
    }
    let (is_done, said) = world.run(&["retry", "shop-test-conversations"]).await;
    assert!(!is_done && said.contains("of the stack shop"), "{said}");
}
