//! Polls one queue for one function.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, MessageSystemAttributeName};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Mapping;
use super::answer::{Verdict, judge};
use super::batch::{Ask, Gathering};
use super::invoke::Invoker;
use super::log::Log;
use super::record::Record;

/// How long a queue that does not answer is left alone.
const PAUSE: Duration = Duration::from_secs(1);

/// One event source mapping at work.
#[derive(Clone)]
pub struct Poller {
    /// What feeds what.
    pub mapping: Mapping,
    /// Where the queue is.
    pub queue_url: String,
    /// The queue's API.
    pub sqs: Client,
    /// The functions' API.
    pub invoker: Invoker,
    /// Where it says what it did.
    pub log: Log,
}

impl Poller {
    /// Polls until it is dropped, with at most `instances` invocations at once. A FIFO queue is served one batch after the other.
    pub async fn run(self, instances: usize) {
        let is_fifo = self.mapping.queue.strip_suffix(".fifo").is_some();
        let most = if is_fifo {
            1
        } else {
            self.mapping
                .max_concurrency
                .unwrap_or(instances)
                .min(instances)
        };
        let places = Arc::new(Semaphore::new(most.max(1)));
        let mut deliveries = JoinSet::new();
        let mut spare = VecDeque::new();
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                return;
            };
            let batch = self.gather(&mut spare).await;
            if is_fifo {
                if !self.deliver(&batch).await {
                    // What comes after a failure waits for it: it comes back with it, when the visibility timeout ends.
                    spare.clear();
                }
                continue;
            }
            let poller = self.clone();
            deliveries.spawn(async move {
                poller.deliver(&batch).await;
                drop(place);
            });
            while deliveries.try_join_next().is_some() {}
        }
    }

    /// The next batch. What did not fit any more waits in `spare` for the one after.
    async fn gather(&self, spare: &mut VecDeque<Record>) -> Gathering {
        let mut batch = Gathering::new(&self.mapping);
        loop {
            while let Some(record) = spare.pop_front() {
                if let Some(back) = batch.offer(record, Instant::now()) {
                    spare.push_front(back);
                    return batch;
                }
            }
            match batch.ask(Instant::now()) {
                None => return batch,
                Some(ask) => spare.extend(self.receive(ask).await),
            }
        }
    }

    async fn receive(&self, ask: Ask) -> Vec<Record> {
        let whole_seconds = ask.wait.as_millis().div_ceil(1000);
        let answer = self
            .sqs
            .receive_message()
            .queue_url(&self.queue_url)
            .max_number_of_messages(i32::try_from(ask.messages).unwrap_or(10))
            .wait_time_seconds(i32::try_from(whole_seconds).unwrap_or(20))
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All")
            .send()
            .await;
        match answer {
            Ok(answer) => answer
                .messages()
                .iter()
                .filter_map(|message| Record::of(message, &self.mapping.queue))
                .collect(),
            Err(error) => {
                self.log.line(format!(
                    "{}: cannot receive: {}",
                    self.mapping.queue,
                    error.into_service_error()
                ));
                tokio::time::sleep(PAUSE).await;
                Vec::new()
            }
        }
    }

    /// Invokes, then deletes what is done with; says whether that is everything. What failed comes back by itself, when its visibility
    /// timeout ends.
    async fn deliver(&self, batch: &Gathering) -> bool {
        let started = Instant::now();
        let records = batch.records();
        let outcome = self
            .invoker
            .invoke(&self.mapping.function, batch.event())
            .await;
        let ids: Vec<_> = records.iter().map(|record| record.id.as_str()).collect();
        let verdict = judge(&outcome, &ids, self.mapping.partial_answers);
        let (stay, why) = match verdict {
            Verdict::AllDone => (Vec::new(), String::new()),
            Verdict::Return(stay) => (stay, String::new()),
            Verdict::AllFailed(why) => ((0..records.len()).collect(), format!(": {why}")),
        };
        let done = records
            .iter()
            .enumerate()
            .filter(|(place, _)| !stay.contains(place))
            .map(|(_, record)| record);
        let done: Vec<_> = done.collect();
        self.delete(&done).await;
        let (queue, function) = (&self.mapping.queue, &self.mapping.function);
        let (count, failed, ms) = (records.len(), stay.len(), started.elapsed().as_millis());
        self.log.line(format!(
            "{queue} -> {function}: {count} messages, {failed} failed{why} ({ms} ms)"
        ));
        failed == 0
    }

    async fn delete(&self, done: &[&Record]) {
        for chunk in done.chunks(10) {
            let entry = |(place, record): (usize, &&Record)| {
                let entry = DeleteMessageBatchRequestEntry::builder().id(place.to_string());
                entry.receipt_handle(&record.receipt).build().ok()
            };
            let entries = chunk.iter().enumerate().filter_map(entry).collect();
            let request = self
                .sqs
                .delete_message_batch()
                .queue_url(&self.queue_url)
                .set_entries(Some(entries));
            let problem = match request.send().await {
                Ok(answer) if answer.failed().is_empty() => continue,
                Ok(answer) => format!("{} messages", answer.failed().len()),
                Err(error) => error.into_service_error().to_string(),
            };
            self.log.line(format!(
                "{}: cannot delete, so they will be delivered again: {problem}",
                self.mapping.queue
            ));
        }
    }
}
