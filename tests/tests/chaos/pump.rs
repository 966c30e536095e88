//! What Lambda does between a queue and a function: batches in, what failed comes again. Some of it comes again although it did not fail,
//! some comes twice at the same time, and what need not come in order does not.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::types::Message;
use serde_json::{Value, json};
use shared::aws;

use crate::environment::Environment;
use crate::world::{IN_ORDER, World};

/// Longer than an invocation may take. What fails comes again after as long: Lambda does not shorten it.
const HIDDEN: i32 = 12;

/// A queue, who works on it, and who looks at what goes by.
#[derive(Clone, Copy)]
pub(crate) struct Pump {
    pub(crate) queue: &'static str,
    pub(crate) function: &'static str,
    pub(crate) look: fn(&World, &str, &str),
}

impl Pump {
    /// Pumps until the world comes to rest.
    pub(crate) async fn run(self, world: Arc<World>, number: usize) {
        let mut environment = Environment::new(&world, self.function, number);
        while !world.is_at_rest() {
            let mut batch = self.receive(&world).await;
            if batch.is_empty() {
                continue;
            }
            if self.queue != IN_ORDER {
                fastrand::shuffle(&mut batch);
                self.copy_some(&world, &batch).await;
            }
            let records: Vec<_> = batch.iter().map(record).collect();
            let answer = environment.invoke(&json!({ "Records": records })).await;
            let failed = answer.as_ref().map(failed);
            for message in &batch {
                let id = message.message_id().unwrap();
                let came_to = match &failed {
                    None => "no answer",
                    Some(failed) if failed.contains(id) => "failed",
                    Some(_) if world.rages() && fastrand::u8(..20) == 0 => "done: and comes again",
                    Some(_) => "done",
                };
                (self.look)(&world, message.body().unwrap(), came_to);
                self.settle(&world, message, came_to).await;
            }
        }
    }

    async fn receive(&self, world: &World) -> Vec<Message> {
        let receive = aws::queue_client(&world.sdk).receive_message();
        let receive = receive.queue_url(&world.queues[self.queue]);
        let receive = receive.visibility_timeout(HIDDEN).wait_time_seconds(1);
        let received = receive.max_number_of_messages(10).send().await;
        received.unwrap().messages.unwrap_or_default()
    }

    /// Copies, which whoever works beside this one gets while this one is at it.
    async fn copy_some(&self, world: &World, batch: &[Message]) {
        let is_copied = |_: &&Message| world.rages() && fastrand::u8(..30) == 0;
        for message in batch.iter().filter(is_copied) {
            let copy = aws::queue_client(&world.sdk).send_message();
            let copy = copy.queue_url(&world.queues[self.queue]);
            let copy = copy.message_body(message.body().unwrap());
            copy.send().await.unwrap();
        }
    }

    async fn settle(&self, world: &World, message: &Message, came_to: &str) {
        let (queue, receipt) = (&world.queues[self.queue], message.receipt_handle().unwrap());
        let client = aws::queue_client(&world.sdk);
        match came_to {
            "done" => {
                let delete = client.delete_message().queue_url(queue);
                delete.receipt_handle(receipt).send().await.unwrap();
            }
            "no answer" | "failed" => {}
            _ => {
                let show = client.change_message_visibility().queue_url(queue);
                let show = show.receipt_handle(receipt).visibility_timeout(1);
                show.send().await.unwrap();
            }
        }
    }
}

fn record(message: &Message) -> Value {
    json!({ "messageId": message.message_id(), "body": message.body() })
}

fn failed(answer: &Value) -> BTreeSet<String> {
    let failures = answer["batchItemFailures"].as_array().unwrap().iter();
    let id = |failure: &Value| failure["itemIdentifier"].as_str().unwrap().to_owned();
    failures.map(id).collect()
}

/// Gives a task again and again, until the world comes to rest.
pub(crate) async fn tick(
    world: Arc<World>,
    function: &'static str,
    number: usize,
    task: &'static str,
) {
    let mut environment = Environment::new(&world, function, number);
    while !world.is_at_rest() {
        environment.invoke(&json!({ "task": task })).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}
