//! Making, finding, describing and deleting queues.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::error::ApiError;
use crate::http::Caller;
use crate::sqs::attributes::{Settings, unknown};
use crate::sqs::message::now_ms;
use crate::sqs::queue::Queue;
use crate::sqs::{ACCOUNT, Sqs};

type Texts = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Create {
    queue_name: String,
    #[serde(default)]
    attributes: Texts,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Named {
    queue_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Listing {
    #[serde(default)]
    queue_name_prefix: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Wanted {
    queue_url: String,
    #[serde(default)]
    attribute_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Wished {
    queue_url: String,
    attributes: Texts,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Addressed {
    queue_url: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Url {
    queue_url: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Urls {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    queue_urls: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Described {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: Texts,
}

/// Making a queue twice is no error, unless with other attributes.
pub(crate) fn create(sqs: &mut Sqs, request: Create, caller: &Caller) -> Result<Url, ApiError> {
    let Create {
        queue_name: name,
        attributes,
    } = request;
    let settings = settings_of(sqs, &name, &attributes)?;
    if let Some(queue) = sqs.queues.get(&name) {
        let (has, wants) = (queue.settings.describe(), settings.describe());
        if attributes.keys().any(|key| has.get(key) != wants.get(key)) {
            let message = "A queue already exists with the same name and a different value.";
            return Err(ApiError::sqs("QueueNameExists", message));
        }
    } else {
        sqs.created += 1;
        let arn = format!("arn:aws:sqs:{}:{ACCOUNT}:{name}", caller.region);
        let queue = Queue::new(sqs.created, arn, settings);
        sqs.queues.insert(name.clone(), queue);
    }
    Ok(url_of(&name, caller))
}

fn settings_of(sqs: &Sqs, name: &str, attributes: &Texts) -> Result<Settings, ApiError> {
    let mut settings = Settings::default();
    for (attribute, value) in attributes {
        settings.set(attribute, value)?;
    }
    check_redrive(sqs, &settings)?;
    let fifo_stem = name.strip_suffix(".fifo");
    let stem = fifo_stem.unwrap_or(name);
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if stem.is_empty() || name.len() > 80 || !stem.chars().all(allowed) {
        return Err(ApiError::invalid(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        ));
    }
    if settings.fifo != fifo_stem.is_some() {
        return Err(ApiError::invalid(
            "The name of a FIFO queue, and of no other, ends in .fifo",
        ));
    }
    Ok(settings)
}

fn check_redrive(sqs: &Sqs, settings: &Settings) -> Result<(), ApiError> {
    let Some(redrive) = &settings.redrive else {
        return Ok(());
    };
    let mut queues = sqs.queues.values();
    match queues.find(|queue| queue.arn == redrive.target_arn) {
        Some(queue) if queue.settings.fifo == settings.fifo => Ok(()),
        _ => Err(ApiError::invalid(
            "Value for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist, or is of the other type.",
        )),
    }
}

pub(crate) fn url(sqs: &mut Sqs, request: &Named, caller: &Caller) -> Result<Url, ApiError> {
    sqs.queue(&request.queue_name)?;
    Ok(url_of(&request.queue_name, caller))
}

fn url_of(name: &str, caller: &Caller) -> Url {
    Url {
        queue_url: format!("{}/{ACCOUNT}/{name}", caller.base_url),
    }
}

pub(crate) fn list(sqs: &Sqs, request: &Listing, caller: &Caller) -> Urls {
    let names = sqs.queues.keys();
    let names = names.filter(|name| name.starts_with(&request.queue_name_prefix));
    Urls {
        queue_urls: names.map(|name| url_of(name, caller).queue_url).collect(),
    }
}

pub(crate) fn attributes(sqs: &mut Sqs, request: &Wanted) -> Result<Described, ApiError> {
    let queue = sqs.queue(&request.queue_url)?;
    queue.advance(Instant::now());
    let described = describe(queue);
    let wanted = &request.attribute_names;
    if let Some(name) = wanted.iter().find(|name| !is_attribute(name, &described)) {
        return Err(unknown(name));
    }
    let all = wanted.iter().any(|name| name == "All");
    Ok(Described {
        attributes: described
            .into_iter()
            .filter(|(name, _)| all || wanted.contains(name))
            .collect(),
    })
}

/// Asking for an attribute that this queue doesn't have is no error; one that no queue has is.
fn is_attribute(name: &str, described: &Texts) -> bool {
    name == "All"
        || described.contains_key(name)
        || Settings::default().set(name, "").is_ok()
        || ["FifoQueue", "ContentBasedDeduplication", "RedrivePolicy"].contains(&name)
}

fn describe(queue: &Queue) -> Texts {
    let (ready, delayed, in_flight) = queue.census();
    let mut described = queue.settings.describe();
    described.extend(
        [
            ("ApproximateNumberOfMessages", ready.to_string()),
            ("ApproximateNumberOfMessagesDelayed", delayed.to_string()),
            (
                "ApproximateNumberOfMessagesNotVisible",
                in_flight.to_string(),
            ),
            ("CreatedTimestamp", (queue.created_ms / 1_000).to_string()),
            (
                "LastModifiedTimestamp",
                (queue.modified_ms / 1_000).to_string(),
            ),
            ("QueueArn", queue.arn.clone()),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    described
}

/// Sets all attributes or none.
pub(crate) fn set_attributes(sqs: &mut Sqs, request: &Wished) -> Result<(), ApiError> {
    let current = sqs.queue(&request.queue_url)?.settings.describe();
    let mut settings = Settings::default();
    for (name, value) in current.iter().chain(&request.attributes) {
        settings.set(name, value)?;
    }
    check_redrive(sqs, &settings)?;
    let queue = sqs.queue(&request.queue_url)?;
    queue.settings = settings;
    queue.modified_ms = now_ms();
    queue.changed.notify_waiters();
    Ok(())
}

pub(crate) fn purge(sqs: &mut Sqs, request: &Addressed) -> Result<(), ApiError> {
    sqs.queue(&request.queue_url)?.purge();
    Ok(())
}

pub(crate) fn delete(sqs: &mut Sqs, request: &Addressed) -> Result<(), ApiError> {
    let queue = sqs.queue(&request.queue_url)?;
    // Receivers that wait find the queue gone.
    queue.changed.notify_waiters();
    let name = queue.arn.rsplit(':').next().map(str::to_owned);
    name.and_then(|name| sqs.queues.remove(&name));
    Ok(())
}
