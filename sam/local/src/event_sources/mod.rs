//! What invokes functions in AWS, beside HTTP: Lambda's event source mappings for SQS, and `EventBridge`'s schedules.
//!
//! Decisions are pure (`batch`, `answer`, `cron`, `schedule`); receiving, invoking and deleting are thin (`poller`,
//! `scheduler`, `invoke`). Redrive to a dead-letter queue is the queue's own business and is not written again here.

mod answer;
mod batch;
mod cron;
mod invoke;
mod log;
mod poller;
mod record;
mod schedule;
mod scheduler;

use std::time::Duration;

use aws_sdk_sqs::Client;
use tokio::task::JoinSet;

pub use answer::{Verdict, judge};
pub use batch::Gathering;
pub use cron::Cron;
pub use invoke::{Invoker, Outcome};
pub use log::Log;
pub use poller::Poller;
pub use record::Record;
pub use schedule::{Expression, Schedule};

use crate::stack::aws::queue_url;
use crate::template::{Template, Trigger};

/// A queue that feeds a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The function that is invoked.
    pub function: String,
    /// The queue that is polled.
    pub queue: String,
    /// Messages per invocation, at most.
    pub batch_size: usize,
    /// How long a batch may fill up after its first message.
    pub window: Duration,
    /// Whether the function's answer names the messages that failed.
    pub partial_answers: bool,
    /// Invocations at once, at most.
    pub max_concurrency: Option<usize>,
}

/// Everything that invokes functions while it lives; dropped, it stops.
pub struct EventSources {
    #[expect(dead_code, reason = "held for its drop, which stops every task")]
    tasks: JoinSet<()>,
}

impl EventSources {
    /// Starts a poller per mapping and a clock per schedule. A mapping runs `instances` invocations at once, unless it allows
    /// fewer.
    pub fn start(
        template: &Template,
        sqs: &Client,
        endpoint: &str,
        invoker: &Invoker,
        instances: usize,
        log: &Log,
    ) -> Self {
        let mut tasks = JoinSet::new();
        let triggers = template.functions.iter().flat_map(|one| &one.triggers);
        for trigger in triggers {
            let (invoker, log) = (invoker.clone(), log.clone());
            match trigger.clone() {
                Trigger::Queue(mapping) => {
                    let poller = Poller {
                        queue_url: queue_url(endpoint, &mapping.queue),
                        mapping,
                        sqs: sqs.clone(),
                        invoker,
                        log,
                    };
                    tasks.spawn(poller.run(instances));
                }
                Trigger::Schedule(schedule) => {
                    tasks.spawn(scheduler::run(schedule, invoker, log));
                }
                Trigger::Http { .. } => {}
            }
        }
        Self { tasks }
    }
}
