//! SQS: the queues, and which operation does what to them.

mod attributes;
mod batch;
mod fifo;
mod manage;
mod message;
mod queue;
mod receipt;
mod receive;
mod send;
mod settle;

use std::collections::BTreeMap;
use std::time::Instant;

use crate::Fault;
use crate::error::{ApiError, Reply};
use crate::http::{Caller, done, exchange, parse};
use crate::sqs::queue::Queue;
use crate::state::World;

/// The account that owns every queue.
pub(crate) const ACCOUNT: &str = "123456789012";

/// All queues, by name.
#[derive(Default)]
pub(crate) struct Sqs {
    queues: BTreeMap<String, Queue>,
    created: u64,
}

/// A message as a test sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// The identifier that the sender was answered.
    pub id: String,
    /// The body, as it was sent.
    pub body: String,
    /// The FIFO group, or the fairness group of a standard queue.
    pub group: Option<String>,
    /// How often it was received.
    pub receive_count: u32,
    /// Whether a receiver holds it now.
    pub in_flight: bool,
}

impl Sqs {
    /// The queue that a URL, or a bare name, stands for.
    fn queue(&mut self, url: &str) -> Result<&mut Queue, ApiError> {
        let name = url.rsplit_once('/').map_or(url, |(_, name)| name);
        self.queues.get_mut(name).ok_or_else(|| {
            ApiError::sqs("QueueDoesNotExist", "The specified queue does not exist.")
        })
    }

    pub(crate) fn stored(&mut self, name: &str) -> Vec<StoredMessage> {
        let Some(queue) = self.queues.get_mut(name) else {
            return Vec::new();
        };
        queue.advance(Instant::now());
        queue.messages().map(message::Message::stored).collect()
    }

    pub(crate) fn count(&self, name: &str) -> usize {
        self.queues.get(name).map_or(0, Queue::len)
    }
}

/// Answers one request. Only `ReceiveMessage` may wait.
pub(crate) async fn answer(
    world: &World,
    operation: &str,
    body: &[u8],
    caller: &Caller,
    fault: Option<&Fault>,
) -> Reply {
    if operation == "ReceiveMessage" {
        return receive::receive(world, parse(body)?).await;
    }
    let failed_entry = match fault {
        Some(Fault::EntryFails(index)) => Some(*index),
        _ => None,
    };
    let mut state = world.lock();
    let sqs = &mut state.sqs;
    match operation {
        "SendMessage" => exchange(body, |request| send::send(sqs, request)),
        "SendMessageBatch" => exchange(body, |batch| send::send_batch(sqs, batch, failed_entry)),
        "DeleteMessage" => done(settle::delete(sqs, &parse(body)?)),
        "DeleteMessageBatch" => {
            exchange(body, |batch| settle::delete_batch(sqs, batch, failed_entry))
        }
        "ChangeMessageVisibility" => done(settle::change(sqs, &parse(body)?)),
        "ChangeMessageVisibilityBatch" => {
            exchange(body, |batch| settle::change_batch(sqs, batch, failed_entry))
        }
        "CreateQueue" => exchange(body, |request| manage::create(sqs, request, caller)),
        "GetQueueUrl" => exchange(body, |request: manage::Named| {
            manage::url(sqs, &request, caller)
        }),
        "ListQueues" => exchange(body, |request: manage::Listing| {
            Ok(manage::list(sqs, &request, caller))
        }),
        "GetQueueAttributes" => exchange(body, |request: manage::Wanted| {
            manage::attributes(sqs, &request)
        }),
        "SetQueueAttributes" => done(manage::set_attributes(sqs, &parse(body)?)),
        "PurgeQueue" => done(manage::purge(sqs, &parse(body)?)),
        "DeleteQueue" => done(manage::delete(sqs, &parse(body)?)),
        unknown => {
            let message = format!("The double doesn't know the operation {unknown}.");
            Err(ApiError::sqs("UnsupportedOperation", message))
        }
    }
}
