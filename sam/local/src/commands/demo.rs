//! `cargo local demo`: the main job, as far as it exists, on sample data.

use std::process::ExitCode;

use aws_sdk_sqs::types::QueueAttributeName;
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::auth::Keyring;

use super::Interrupt;
use super::status::{running, show};
use super::up::start;
use crate::cli::Up;
use crate::console::{Ink, paint};
use crate::failure::{Failure, OrFail as _};
use crate::stack::aws;
use crate::stack::state::Status;
use crate::workspace::Workspace;

const ADVICE: &str =
    "read target/local/dev/logs/functions.log; `cargo local doctor` checks the prerequisites";

pub(super) async fn run(workspace: &Workspace, flags: &Up) -> Result<ExitCode, Failure> {
    if let Ok(status) = running(workspace) {
        return play(&status).await.map(|()| ExitCode::SUCCESS);
    }
    let mut interrupt = Interrupt::listen()?;
    let Some(stack) = start(workspace, flags, &mut interrupt).await? else {
        return Err(Failure::new(
            "another `cargo local` is just starting",
            "wait for it, then try again",
        ));
    };
    let played = match stack.status() {
        Some(status) => {
            show(status);
            tokio::select! {
                played = play(status) => played,
                () = interrupt.wait() => Err(Failure::new("interrupted", "run it again when you like")),
            }
        }
        None => Ok(()),
    };
    stack.stop().await;
    played.map(|()| ExitCode::SUCCESS)
}

async fn play(status: &Status) -> Result<(), Failure> {
    let now = Timestamp::now();
    let sender = Sender::new(status)?;
    let before = sender.waiting().await?;
    println!(
        "\n{}",
        paint(
            Ink::Bold,
            "1. Two conversations end, and CXone sends them, signed"
        )
    );
    for (id, body) in conversations(now) {
        let body = body.to_string();
        let (code, answer) = sender.send(&body, &sender.headers(&body, now)?).await?;
        expect(code, 202, &answer)?;
        println!(
            "   {id}: {code}, receipt {}",
            answer["receipt_id"].as_str().unwrap_or("-")
        );
    }
    let waiting = sender.waiting().await?;
    println!(
        "\n{}",
        paint(
            Ink::Bold,
            "2. They wait in the queue `conversations`, safe from every outage behind it"
        )
    );
    println!(
        "   {waiting} messages now, {} of them from this demo",
        waiting.saturating_sub(before)
    );
    println!(
        "\n{}",
        paint(
            Ink::Bold,
            "3. Somebody changes a word on the way: the signature does not fit any more"
        )
    );
    let body = conversation(
        now,
        "forged",
        "A refund",
        "I send you 10 euros.",
        "Thank you.",
    )
    .to_string();
    let headers = sender.headers(&body, now)?;
    let (code, answer) = sender
        .send(&body.replace("10 euros", "9,000 euros"), &headers)
        .await?;
    expect(code, 401, &answer)?;
    println!(
        "   {code}, and nothing was queued: {} messages\n",
        sender.waiting().await?
    );
    Ok(())
}

fn expect(code: u16, wanted: u16, answer: &Value) -> Result<(), Failure> {
    if code == wanted {
        Ok(())
    } else {
        Err(Failure::new(
            format!("the webhook answered {code} instead of {wanted}: {answer}"),
            ADVICE,
        ))
    }
}

fn conversations(now: Timestamp) -> [(&'static str, Value); 2] {
    let router = conversation(
        now,
        "router",
        "The router blinks red",
        "Please hold the reset button for ten seconds; red means that it has lost its settings.",
        "Since the storm our router only blinks red. Now it is green, thank you!",
    );
    let invoice = conversation(
        now,
        "invoice",
        "Billed twice for October",
        "You are right, the second invoice is cancelled; the money is back within three days.",
        "I was billed twice for October.",
    );
    [("router", router), ("invoice", invoice)]
}

/// A conversation as a Data Action sends it; the time makes it a new one each time.
pub(super) fn conversation(
    at: Timestamp,
    topic: &str,
    subject: &str,
    agent: &str,
    customer: &str,
) -> Value {
    json!({
        "event": "conversation.completed",
        "timestamp": format!("{at:.3}"),
        "conversationId": format!("{topic}-{}", at.as_millisecond()),
        "data": {"subject": subject, "transcript": {"agent": agent, "customer": customer}},
    })
}

/// Somebody who holds the signing key.
struct Sender {
    http: reqwest::Client,
    sqs_endpoint: String,
    url: String,
    keyring: Keyring,
}

impl Sender {
    fn new(status: &Status) -> Result<Self, Failure> {
        let schemes = r#"["standard-webhooks"]"#
            .parse()
            .map_err(|why: String| Failure::new(why, ADVICE))?;
        let secret =
            json!({"standard-webhooks": [status.webhook.standard_webhooks_secret]}).to_string();
        Ok(Self {
            http: reqwest::Client::builder()
                .no_proxy()
                .build()
                .or_fail("cannot make an HTTP client", ADVICE)?,
            sqs_endpoint: status.sqs_endpoint.clone(),
            url: status.webhook.url.clone(),
            keyring: Keyring::parse(&schemes, &secret.into())
                .or_fail("the signing secret cannot be used", ADVICE)?,
        })
    }

    fn headers(&self, body: &str, now: Timestamp) -> Result<Vec<(String, String)>, Failure> {
        let id = format!("msg_{}", uuid::Uuid::new_v4().simple());
        let headers = self
            .keyring
            .sign("standard-webhooks", &id, now, body.as_bytes());
        headers.ok_or_else(|| Failure::new("the signing key is gone", "cargo local reset"))
    }

    async fn send(
        &self,
        body: &str,
        headers: &[(String, String)],
    ) -> Result<(u16, Value), Failure> {
        let request = self
            .http
            .post(&self.url)
            .header("content-type", "application/json")
            .body(body.to_owned());
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(name, value)
        });
        let response = request
            .send()
            .await
            .or_fail("the webhook cannot be reached", ADVICE)?;
        let code = response.status().as_u16();
        Ok((code, response.json().await.unwrap_or_default()))
    }

    /// How many messages the queue holds.
    async fn waiting(&self) -> Result<u64, Failure> {
        let sqs = aws_sdk_sqs::Client::new(&aws::config(&self.sqs_endpoint).await);
        let name = QueueAttributeName::ApproximateNumberOfMessages;
        let request = sqs
            .get_queue_attributes()
            .queue_url(aws::queue_url(&self.sqs_endpoint, "conversations"));
        let answer = request.attribute_names(name.clone()).send().await;
        let answer = answer.map_err(aws_sdk_sqs::error::SdkError::into_service_error);
        let answer = answer.or_fail("the queue cannot be reached", ADVICE)?;
        let count = answer
            .attributes()
            .and_then(|attributes| attributes.get(&name))
            .and_then(|count| count.parse().ok());
        Ok(count.unwrap_or_default())
    }
}
