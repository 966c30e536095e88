//! Messages that lie in a queue of dead letters.

use std::collections::{HashMap, HashSet};
use std::fmt;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageAttributeValue, MessageSystemAttributeName as System};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::domain::ConversationId;

use super::queues::DeadLetters;
use crate::failure::{Failure, OrFail as _};

const ADVICE: &str = "check your rights to receive from this queue, and try again";
/// SQS gives no more at once.
const AT_ONCE: i32 = 10;
/// For how long nobody else sees what is looked at: it is given back when all was read.
const LOOKING_SECONDS: i32 = 60;
/// For how long nobody else sees what is being sent again.
const SENDING_SECONDS: i32 = 120;

/// A message as it was received.
pub(super) struct Received {
    id: String,
    handle: String,
    body: String,
    system: HashMap<System, String>,
    attributes: HashMap<String, MessageAttributeValue>,
}

/// What is told of a message. Its text stays where it is, unless it was asked for: it is what somebody said.
#[derive(Debug, Serialize)]
pub(super) struct Letter<'a> {
    id: &'a str,
    sent_at: Option<Timestamp>,
    received: i64,
    bytes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<&'a str>,
    /// The conversation or interaction that it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<ConversationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
}

/// What the messages of our queues name beside what was said.
#[derive(Deserialize)]
struct Named {
    #[serde(alias = "interaction_id")]
    conversation_id: ConversationId,
}

impl Received {
    fn number(&self, name: &System) -> Option<i64> {
        self.system.get(name)?.parse().ok()
    }

    fn sent_at(&self) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.number(&System::SentTimestamp)?).ok()
    }

    /// None of what no function could read.
    fn about(&self) -> Option<ConversationId> {
        let named: Named = serde_json::from_str(&self.body).ok()?;
        Some(named.conversation_id)
    }

    pub(super) fn told(&self, with_body: bool) -> Letter<'_> {
        let received = self.number(&System::ApproximateReceiveCount);
        let correlation_id = self.attributes.get("correlation_id");
        Letter {
            id: &self.id,
            sent_at: self.sent_at(),
            received: received.unwrap_or_default(),
            bytes: self.body.len(),
            group: self.system.get(&System::MessageGroupId).map(String::as_str),
            correlation_id: correlation_id.and_then(MessageAttributeValue::string_value),
            about: self.about(),
            body: with_body.then_some(&self.body),
        }
    }
}

impl fmt::Display for Letter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent_at = self.sent_at.map(|at| format!("{at:.0}"));
        let sent_at = sent_at.unwrap_or_default();
        write!(
            f,
            "{}  sent {sent_at}, received {} times, {} bytes",
            self.id, self.received, self.bytes
        )?;
        if let Some(id) = self.correlation_id {
            write!(f, ", correlation id {id}")?;
        }
        if let Some(name) = &self.about {
            write!(f, ", about {name}")?;
        }
        match self.body {
            Some(body) => write!(f, "\n  {body}"),
            None => Ok(()),
        }
    }
}

/// Looks at up to so many messages, and gives them back.
pub(super) async fn look(
    client: &Client,
    queue: &DeadLetters,
    most: usize,
) -> Result<Vec<Received>, Failure> {
    let mut all: Vec<Received> = Vec::new();
    let mut seen = HashSet::new();
    while all.len() < most {
        let some = receive(client, queue, most - all.len(), LOOKING_SECONDS).await?;
        let new = some.into_iter().filter(|one| seen.insert(one.id.clone()));
        let before = all.len();
        all.extend(new);
        if all.len() == before {
            break;
        }
    }
    for one in &all {
        give_back(client, queue, one).await?;
    }
    Ok(all)
}

/// Sends up to so many messages to the queue that they came from; says how many. What comes back meanwhile is not sent once more.
pub(super) async fn retry(
    client: &Client,
    queue: &DeadLetters,
    most: usize,
) -> Result<usize, Failure> {
    let begun = Timestamp::now();
    let mut sent = 0;
    while sent < most {
        let some = receive(client, queue, most - sent, SENDING_SECONDS).await?;
        let is_old = |one: &Received| one.sent_at().is_none_or(|at| at < begun);
        let (old, new): (Vec<_>, Vec<_>) = some.into_iter().partition(is_old);
        for one in &new {
            give_back(client, queue, one).await?;
        }
        for one in &old {
            send(client, queue, one).await?;
            remove(client, queue, one).await?;
        }
        if old.is_empty() {
            break;
        }
        sent += old.len();
    }
    Ok(sent)
}

async fn receive(
    client: &Client,
    queue: &DeadLetters,
    most: usize,
    seconds: i32,
) -> Result<Vec<Received>, Failure> {
    let count = i32::try_from(most).unwrap_or(AT_ONCE).min(AT_ONCE);
    let answer = client
        .receive_message()
        .queue_url(&queue.url)
        .max_number_of_messages(count)
        .visibility_timeout(seconds)
        // Else SQS asks only some of its servers, and may say that there is nothing.
        .wait_time_seconds(1)
        .message_system_attribute_names(System::All)
        .message_attribute_names("All")
        .send()
        .await
        .map_err(aws_sdk_sqs::error::SdkError::into_service_error);
    let what = format!("cannot receive from {}", queue.name);
    let messages = answer.or_fail(what, ADVICE)?.messages.unwrap_or_default();
    Ok(messages.into_iter().map(Received::from).collect())
}

impl From<Message> for Received {
    fn from(message: Message) -> Self {
        Self {
            id: message.message_id.unwrap_or_default(),
            handle: message.receipt_handle.unwrap_or_default(),
            body: message.body.unwrap_or_default(),
            system: message.attributes.unwrap_or_default(),
            attributes: message.message_attributes.unwrap_or_default(),
        }
    }
}

/// The message once more, as it is. In a queue that keeps order it stays in its group, and counts as another one: else SQS would drop it
/// as a repeat.
async fn send(client: &Client, queue: &DeadLetters, one: &Received) -> Result<(), Failure> {
    let mut request = client.send_message();
    if let Some(group) = one.system.get(&System::MessageGroupId) {
        let repeat = uuid::Uuid::new_v4().to_string();
        request = request.message_group_id(group);
        request = request.message_deduplication_id(repeat);
    }
    let answer = request
        .queue_url(&queue.source_url)
        .message_body(&one.body)
        .set_message_attributes(Some(one.attributes.clone()))
        .send()
        .await
        .map_err(aws_sdk_sqs::error::SdkError::into_service_error);
    let what = format!(
        "cannot send to {}; the message {} stays where it was",
        queue.source, one.id
    );
    answer.or_fail(what, ADVICE).map(drop)
}

async fn remove(client: &Client, queue: &DeadLetters, one: &Received) -> Result<(), Failure> {
    let request = client.delete_message().queue_url(&queue.url);
    let answer = request.receipt_handle(&one.handle).send().await;
    let answer = answer.map_err(aws_sdk_sqs::error::SdkError::into_service_error);
    let what = format!(
        "cannot remove {} from {}, though it was sent again",
        one.id, queue.name
    );
    answer
        .or_fail(what, "a repeat has its effect once; try again")
        .map(drop)
}

async fn give_back(client: &Client, queue: &DeadLetters, one: &Received) -> Result<(), Failure> {
    let request = client.change_message_visibility().queue_url(&queue.url);
    let request = request.receipt_handle(&one.handle).visibility_timeout(0);
    let answer = request.send().await;
    let answer = answer.map_err(aws_sdk_sqs::error::SdkError::into_service_error);
    let what = format!("cannot give {} back", one.id);
    answer
        .or_fail(what, "it comes back by itself within a minute")
        .map(drop)
}
