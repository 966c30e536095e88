//! Which queues hold what others could not get rid of.

use std::collections::HashSet;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use serde::Serialize;
use serde_json::Value;

use crate::failure::{Failure, OrFail as _};

const ADVICE: &str = "check the region, and your rights to list queues and read their attributes";

/// A queue of dead letters, and the queue that they come from.
#[derive(Debug, Serialize)]
pub(super) struct DeadLetters {
    pub(super) name: String,
    #[serde(skip)]
    pub(super) url: String,
    /// The name of the queue that works on the messages.
    pub(super) source: String,
    #[serde(skip)]
    pub(super) source_url: String,
    /// Messages that can be received.
    pub(super) waiting: u64,
    /// Messages that somebody has received just now.
    pub(super) held: u64,
}

/// A queue as it is now.
pub(in crate::commands) struct Queue {
    url: String,
    arn: String,
    /// Where its dead letters go.
    pub(in crate::commands) target: Option<String>,
    /// For how many seconds a message that somebody received is hidden.
    pub(in crate::commands) visibility: u64,
    pub(in crate::commands) waiting: u64,
    pub(in crate::commands) held: u64,
}

/// The queues that are looked at.
pub(super) struct Queues {
    pub(super) client: Client,
    /// What the names begin with.
    prefix: String,
    /// The names, where others may begin alike: an account has several stacks, and one's name may be the beginning of another's.
    names: Option<HashSet<String>>,
}

impl Queues {
    /// All that there are.
    pub(super) fn of_this_machine(client: Client) -> Self {
        let prefix = String::new();
        Self {
            client,
            prefix,
            names: None,
        }
    }

    /// Those that the template makes for a stack.
    pub(super) fn of_stack(
        client: Client,
        stack: &str,
        names: impl Iterator<Item = String>,
    ) -> Self {
        let prefix = format!("{stack}-");
        let names = names.map(|name| format!("{prefix}{name}")).collect();
        Self {
            client,
            prefix,
            names: Some(names),
        }
    }

    fn has(&self, url: &str) -> bool {
        self.names
            .as_ref()
            .is_none_or(|names| names.contains(&name(url)))
    }

    /// The queues of dead letters, by name.
    pub(super) async fn list(&self) -> Result<Vec<DeadLetters>, Failure> {
        let queues = self.read_all().await?;
        let pairs = queues.iter().filter_map(|source| {
            let target = source.target.as_ref()?;
            let dead = queues.iter().find(|queue| queue.arn == *target)?;
            Some(DeadLetters {
                name: name(&dead.url),
                url: dead.url.clone(),
                source: name(&source.url),
                source_url: source.url.clone(),
                waiting: dead.waiting,
                held: dead.held,
            })
        });
        let mut pairs: Vec<_> = pairs.collect();
        pairs.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(pairs)
    }

    async fn read_all(&self) -> Result<Vec<Queue>, Failure> {
        let request = self.client.list_queues().max_results(1_000);
        let prefix = (!self.prefix.is_empty()).then(|| self.prefix.clone());
        let request = request.set_queue_name_prefix(prefix);
        let mut pages = request.into_paginator().send();
        let mut queues = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(aws_sdk_sqs::error::SdkError::into_service_error);
            let page = page.or_fail("cannot list the queues", ADVICE)?;
            for url in page.queue_urls().iter().filter(|url| self.has(url)) {
                queues.push(read(&self.client, url).await?);
            }
        }
        Ok(queues)
    }

    /// The queue of dead letters with this name; that of the queue that they come from will do, and the stack before it may be left out.
    pub(super) async fn find(&self, wanted: &str) -> Result<DeadLetters, Failure> {
        let names = [wanted.to_owned(), format!("{}{wanted}", self.prefix)];
        let is_it =
            |queue: &DeadLetters| names.contains(&queue.name) || names.contains(&queue.source);
        let found = self.list().await?.into_iter().find(is_it);
        found.ok_or_else(|| {
            let of = match self.prefix.strip_suffix('-') {
                Some(stack) => format!(" of the stack {stack}"),
                None => String::new(),
            };
            let what = format!("there is no queue of dead letters {wanted}{of}");
            let advice =
                "see them: cargo local dlq ls (--aws --stack NAME for those of a deployment)";
            Failure::new(what, advice)
        })
    }
}

/// Looks at a queue.
pub(in crate::commands) async fn read(client: &Client, url: &str) -> Result<Queue, Failure> {
    let attributes = client
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(Name::All)
        .send()
        .await
        .map_err(aws_sdk_sqs::error::SdkError::into_service_error);
    let attributes = attributes.or_fail(format!("cannot read the queue {}", name(url)), ADVICE)?;
    let text = |name: Name| attributes.attributes()?.get(&name).map(String::as_str);
    let count = |name| {
        text(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or_default()
    };
    Ok(Queue {
        url: url.to_owned(),
        arn: text(Name::QueueArn).unwrap_or_default().to_owned(),
        target: text(Name::RedrivePolicy).and_then(target),
        visibility: count(Name::VisibilityTimeout),
        waiting: count(Name::ApproximateNumberOfMessages),
        held: count(Name::ApproximateNumberOfMessagesNotVisible),
    })
}

fn target(policy: &str) -> Option<String> {
    let policy: Value = serde_json::from_str(policy).ok()?;
    policy["deadLetterTargetArn"].as_str().map(str::to_owned)
}

/// The last part of an URL.
fn name(url: &str) -> String {
    url.rsplit('/').next().unwrap_or(url).to_owned()
}
