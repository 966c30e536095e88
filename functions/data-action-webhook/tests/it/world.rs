//! A webhook with its queue and its keys.

use std::time::Duration;

use aws_double::{AwsDouble, Options};
use data_action_webhook::{App, Config, handle};
use serde_json::{Value, json};
use shared::auth::Keyring;
use shared::aws;
use shared::config::Env;
use shared::domain::ReceiptId;
use shared::http::Response;
use shared::queue::ConversationMessage;
use shared::testing;
pub(crate) use shared::testing::{json_of, pointers};

pub(crate) const PATH: &str = "/webhooks/data-action";
pub(crate) const SECRET_ID: &str = "webhook-keys";
pub(crate) const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(crate) const BEARER: &str = "local-fixture-token-0123456789";
const SCHEMES: &str = r#"["standard-webhooks", "bearer"]"#;

pub(crate) struct World {
    pub(crate) double: AwsDouble,
    pub(crate) sdk: aws::SdkConfig,
    pub(crate) app: App,
}

pub(crate) fn secret(keys: &[&str]) -> String {
    json!({ "standard-webhooks": keys, "bearer": [BEARER] }).to_string()
}

pub(crate) fn keyring(key: &str) -> Keyring {
    testing::keyring(SCHEMES, &secret(&[key])).unwrap()
}

impl World {
    pub(crate) async fn start() -> Self {
        let double = AwsDouble::start(Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let created = aws::queue_client(&sdk)
            .create_queue()
            .queue_name("conversations")
            .send()
            .await
            .unwrap();
        testing::create_secrets(&sdk, &[(SECRET_ID, &secret(&[KEY]))]).await;
        let env = Env::from_pairs([
            ("CONVERSATIONS_QUEUE_URL", created.queue_url().unwrap()),
            ("WEBHOOK_KEYS_SECRET_ID", SECRET_ID),
            ("WEBHOOK_SCHEMES", SCHEMES),
        ]);
        let app = App::new(Config::from_env(&env).unwrap(), &sdk);
        Self { double, sdk, app }
    }

    pub(crate) async fn put_keys(&self, keys: &[&str]) {
        self.put_secret(&secret(keys)).await;
    }

    pub(crate) async fn put_secret(&self, text: &str) {
        let put = aws::secrets_client(&self.sdk).put_secret_value();
        put.secret_id(SECRET_ID)
            .secret_string(text)
            .send()
            .await
            .unwrap();
    }

    pub(crate) async fn send(&self, event: Value) -> Response {
        let event = testing::invocation(event, Duration::from_secs(10));
        handle(&self.app, event).await.unwrap()
    }

    /// Posts a body with the bearer key.
    pub(crate) async fn post(&self, body: &str) -> Response {
        self.send(testing::http_event(PATH, &bearer(), body)).await
    }

    /// Everything on the queue, read as the embedder reads it.
    pub(crate) fn queued(&self) -> Vec<ConversationMessage> {
        let messages = self.double.messages("conversations");
        messages
            .iter()
            .map(|message| ConversationMessage::from_text(&message.body).unwrap())
            .collect()
    }

    /// The correlation id that the next message on the queue carries.
    pub(crate) async fn queued_correlation_id(&self) -> String {
        let queue = aws::queue_client(&self.sdk);
        let url = queue
            .get_queue_url()
            .queue_name("conversations")
            .send()
            .await
            .unwrap();
        let receive = queue.receive_message().queue_url(url.queue_url().unwrap());
        let received = receive.message_attribute_names("All").send().await.unwrap();
        let attributes = received.messages()[0].message_attributes().unwrap();
        attributes["correlation_id"]
            .string_value()
            .unwrap()
            .to_owned()
    }

    pub(crate) fn receipts(&self) -> Vec<ReceiptId> {
        self.queued()
            .iter()
            .map(|message| message.receipt_id)
            .collect()
    }
}

pub(crate) fn bearer() -> Vec<(String, String)> {
    vec![("authorization".to_owned(), format!("Bearer {BEARER}"))]
}
