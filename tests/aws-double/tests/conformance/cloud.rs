//! Clients for the double and for moto.

use std::io::Write as _;
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_config::{BehaviorVersion, Region};
use aws_double::{AwsDouble, Options};
use aws_sdk_secretsmanager::config::Credentials;
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};

/// One place that answers as AWS does.
pub(crate) struct Cloud {
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) secrets: aws_sdk_secretsmanager::Client,
}

/// Runs a check against the double, and against moto if there is one.
pub(crate) async fn everywhere(check: impl AsyncFn(&Cloud)) {
    let double = start();
    check(&Cloud::at(&double.endpoint()).await).await;
    match std::env::var_os("MOTO_ENDPOINT") {
        Some(endpoint) => check(&Cloud::at(endpoint.to_str().unwrap()).await).await,
        None => say_skipped(),
    }
}

/// Says it once, and past the capture of what tests print.
fn say_skipped() {
    static ONCE: Once = Once::new();
    let text = b"skipped: MOTO_ENDPOINT is not set\n";
    ONCE.call_once(|| std::io::stderr().write_all(text).unwrap());
}

/// Runs a check against the double alone.
pub(crate) async fn on_the_double(check: impl AsyncFn(&Cloud, &AwsDouble)) {
    let double = start();
    check(&Cloud::at(&double.endpoint()).await, &double).await;
}

fn start() -> AwsDouble {
    AwsDouble::start(Options::default()).unwrap()
}

/// A name that no other test uses on the same server.
pub(crate) fn unique(stem: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{stem}-{:x}-{count}", now.as_nanos())
}

/// The code of a failed call.
pub(crate) fn code<T: std::fmt::Debug, E: ProvideErrorMetadata + std::fmt::Debug>(
    result: Result<T, E>,
) -> String {
    let error = result.unwrap_err();
    error.code().unwrap_or_default().to_owned()
}

impl Cloud {
    pub(crate) async fn at(endpoint: &str) -> Self {
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "static"))
            .endpoint_url(endpoint)
            .load()
            .await;
        Self {
            sqs: aws_sdk_sqs::Client::new(&config),
            secrets: aws_sdk_secretsmanager::Client::new(&config),
        }
    }

    /// Makes a queue with these attributes and gives its URL.
    pub(crate) async fn queue(&self, attributes: &[(QueueAttributeName, &str)]) -> String {
        self.queue_named(&unique("queue"), attributes).await
    }

    /// Makes a FIFO queue.
    pub(crate) async fn fifo(&self, attributes: &[(QueueAttributeName, &str)]) -> String {
        let mut all = vec![(QueueAttributeName::FifoQueue, "true")];
        all.extend_from_slice(attributes);
        let name = format!("{}.fifo", unique("queue"));
        self.queue_named(&name, &all).await
    }

    pub(crate) async fn queue_named(
        &self,
        name: &str,
        attributes: &[(QueueAttributeName, &str)],
    ) -> String {
        let mut request = self.sqs.create_queue().queue_name(name);
        for (attribute, value) in attributes {
            request = request.attributes(attribute.clone(), *value);
        }
        request.send().await.unwrap().queue_url.unwrap()
    }

    pub(crate) async fn send(&self, queue: &str, body: &str) -> String {
        let request = self.sqs.send_message().queue_url(queue).message_body(body);
        request.send().await.unwrap().message_id.unwrap()
    }

    /// Receives up to ten messages, with everything that SQS tells of them.
    pub(crate) async fn receive(&self, queue: &str) -> Vec<Message> {
        self.receive_up_to(queue, 10).await
    }

    pub(crate) async fn receive_up_to(&self, queue: &str, limit: i32) -> Vec<Message> {
        let request = self
            .sqs
            .receive_message()
            .queue_url(queue)
            .max_number_of_messages(limit)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All");
        request.send().await.unwrap().messages.unwrap_or_default()
    }

    pub(crate) async fn delete(&self, queue: &str, message: &Message) {
        let request = self.sqs.delete_message().queue_url(queue);
        let request = request.receipt_handle(message.receipt_handle().unwrap());
        request.send().await.unwrap();
    }

    pub(crate) async fn attribute(&self, queue: &str, name: QueueAttributeName) -> String {
        let request = self.sqs.get_queue_attributes().queue_url(queue);
        let answer = request.attribute_names(name.clone()).send().await.unwrap();
        answer.attributes.unwrap_or_default()[&name].clone()
    }
}

/// The bodies, in the order of arrival.
pub(crate) fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().filter_map(Message::body).collect()
}

/// How often a message was received.
pub(crate) fn receive_count(message: &Message) -> &str {
    let attributes = message.attributes().unwrap();
    &attributes[&MessageSystemAttributeName::ApproximateReceiveCount]
}
