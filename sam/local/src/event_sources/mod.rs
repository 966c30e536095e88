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
mod schedule;
mod scheduler;

use std::time::Duration;

use tokio::task::JoinSet;

pub use answer::{Verdict, judge};
pub use batch::{Gathering, Record};
pub use cron::Cron;
pub use invoke::{Invoker, Outcome};
pub use log::Log;
pub use poller::Poller;
pub use schedule::{Expression, Schedule};

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
    /// Starts a poller per mapping and a clock per schedule. A mapping runs `instances` invocations at once, unless it allows fewer.
    pub fn start(
        template: &Template,
        sqs: &aws_sdk_sqs::Client,
        endpoint: &str,
        invoker: &Invoker,
        instances: usize,
        log: &Log,
    ) -> Self {
        let mut tasks = JoinSet::new();
        for trigger in template
            .functions
            .iter()
            .flat_map(|function| &function.triggers)
        {
            match trigger {
                Trigger::Queue(mapping) => {
                    let poller = Poller {
                        queue_url: crate::stack::aws::queue_url(endpoint, &mapping.queue),
                        mapping: mapping.clone(),
                        sqs: sqs.clone(),
                        invoker: invoker.clone(),
                        log: log.clone(),
                    };
                    tasks.spawn(async move { poller.run(instances).await });
                }
                Trigger::Schedule(schedule) => {
                    tasks.spawn(scheduler::run(
                        schedule.clone(),
                        invoker.clone(),
                        log.clone(),
                    ));
                }
                Trigger::Http { .. } => {}
            }
        }
        Self { tasks }
    }
}
