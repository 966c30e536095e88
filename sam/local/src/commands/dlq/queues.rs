//! Which queues hold what others could not get rid of.

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

/// All queues of dead letters of the account and region, by name.
pub(super) async fn list(client: &Client) -> Result<Vec<DeadLetters>, Failure> {
    let mut pages = client
        .list_queues()
        .max_results(1_000)
        .into_paginator()
        .send();
    let mut queues = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(aws_sdk_sqs::error::SdkError::into_service_error);
        for url in page.or_fail("cannot list the queues", ADVICE)?.queue_urls() {
            queues.push(read(client, url).await?);
        }
    }
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

/// The queue of dead letters with this name; that of the queue that they come from will do, and the stack before it may be left out
/// where only one stack has such a queue.
pub(super) async fn find(client: &Client, wanted: &str) -> Result<DeadLetters, Failure> {
    let queues = list(client).await?;
    let names = |queue: &DeadLetters| [queue.name.clone(), queue.source.clone()];
    let is_it = |queue: &DeadLetters| names(queue).contains(&wanted.to_owned());
    let end = format!("-{wanted}");
    let may_be = |queue: &DeadLetters| names(queue).iter().any(|name| name.ends_with(&end));
    let (mut exact, others): (Vec<_>, Vec<_>) = queues.into_iter().partition(is_it);
    let mut near: Vec<_> = others.into_iter().filter(may_be).collect();
    if let Some(it) = exact
        .pop()
        .or_else(|| (near.len() == 1).then(|| near.pop())?)
    {
        return Ok(it);
    }
    let advice = "see them: cargo local dlq ls (--aws for those of a deployment)";
    if near.is_empty() {
        let what = format!("there is no queue of dead letters {wanted}");
        return Err(Failure::new(what, advice));
    }
    let near: Vec<_> = near.iter().map(|queue| queue.name.as_str()).collect();
    let what = format!("{wanted} may be any of {}", near.join(", "));
    Err(Failure::new(what, advice))
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
