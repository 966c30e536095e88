//! The webhook, from where its callers are. What is posted is no conversation, so that nothing is stored: who may not send is told 401,
//! and who may is told 400.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::Value;
use shared::auth::scheme::Scheme;

use super::super::finding::{Finding, fail, fine, warn};
use super::Deployment;
use super::refusals;
use super::secrets::{Texts, schemes};
use crate::commands::sender::{Keys, Sender};

/// The schemes where nothing else is said.
pub(super) const USUAL: &str = r#"["standard-webhooks"]"#;
/// What is posted: it has nothing that a conversation must have.
const PROBE: &str = r#"{"probe": "cargo local doctor"}"#;
const PATIENCE: Duration = Duration::from_secs(20);
/// A signature is refused whose time differs by more.
const REFUSED: SignedDuration = SignedDuration::from_mins(5);
/// A clock that is so wrong will be refused some day.
const DOUBTFUL: SignedDuration = SignedDuration::from_secs(30);

/// Asks as nobody, and as somebody who holds each key.
pub(super) async fn check(deployment: &Deployment, secrets: &Texts) -> Vec<Finding> {
    let Some(url) = deployment.stack.outputs.get("WebhookUrl") else {
        return Vec::new();
    };
    let http = Client::builder().redirect(Policy::none()).timeout(PATIENCE);
    let Ok(http) = http.build() else {
        return Vec::new();
    };
    let health = http.get(format!("{url}/health")).send().await;
    let health = match health {
        Ok(health) => health,
        Err(error) => {
            let what = format!("{url} cannot be reached: {}", error.without_url());
            let next =
                "check the way there (name, proxy, firewall), and that the stack's API is there";
            return vec![
                fail(what, next).meaning("from here nothing can be sent; CXone may fare the same"),
            ];
        }
    };
    let mut found = vec![clock(&health, Timestamp::now())];
    found.push(is_ready(health).await);
    found.extend(refusals::check(deployment, url).await); // Before we are refused ourselves.
    found.push(stranger(&http, url).await);
    found.extend(holders(deployment, url, secrets).await);
    found
}

/// How our clock goes by that of AWS, which is right.
fn clock(health: &Response, now: Timestamp) -> Finding {
    let date = health
        .headers()
        .get("date")
        .and_then(|date| date.to_str().ok());
    let date = date.and_then(|date| DateTimeParser::new().parse_timestamp(date).ok());
    let Some(date) = date else {
        return fine("the webhook does not say what time it is");
    };
    judge_clock(now.duration_since(date))
}

fn judge_clock(ahead: SignedDuration) -> Finding {
    let seconds = ahead.as_secs();
    let way = if seconds < 0 { "behind" } else { "ahead of" };
    let what = format!(
        "this machine's clock is {} s {way} the webhook's",
        seconds.abs()
    );
    let next = "let this machine set its clock by the network (NTP)";
    if ahead.abs() > REFUSED {
        return fail(what, next).meaning(
            "what is signed here is refused: cargo local send, import, and every call to AWS",
        );
    }
    if ahead.abs() > DOUBTFUL {
        return warn(what, next).meaning("what is signed here is refused once it is five minutes");
    }
    fine(what)
}

/// Whether the next conversation would be taken.
async fn is_ready(health: Response) -> Finding {
    let code = health.status().as_u16();
    let said = health.bytes().await.unwrap_or_default();
    let said: Value = serde_json::from_slice(&said).unwrap_or_default();
    if code == 200 {
        return fine("it has its keys and its queue");
    }
    let down = ["keys", "queue"];
    let down: Vec<_> = down
        .into_iter()
        .filter(|part| said[*part] == "unavailable")
        .collect();
    let what = match &down[..] {
        [] => format!("its health is answered {code}"),
        parts => format!("it does not reach its {}", parts.join(" and ")),
    };
    fail(
        what,
        "see the secrets, the queues and the functions above; docs/runbooks.md#the-api-answers-5xx",
    )
    .meaning("conversations are answered 503, and CXone repeats them for a while only")
}

/// Who proves nothing must be sent away.
async fn stranger(http: &Client, url: &str) -> Finding {
    let request = http.post(url).header("content-type", "application/json");
    let answer = request.body(PROBE).send().await;
    match answer.map(|answer| answer.status().as_u16()) {
        Ok(401) => fine("who does not sign is answered 401"),
        Ok(503) => fail(
            "who does not sign is answered 503",
            "see the secret of WEBHOOK_KEYS_SECRET_ID above",
        )
        .meaning("it has no keys to tell anybody apart, and refuses everybody"),
        Ok(code) => fail(
            format!("who does not sign is answered {code}, and not 401"),
            "check that WebhookUrl leads to data-action-webhook, and that nothing stands between",
        )
        .meaning("something else answers there"),
        Err(error) => fail(
            format!(
                "a request without a signature is not answered: {}",
                error.without_url()
            ),
            "check the way there, then try again",
        )
        .meaning("from here nothing can be sent"),
    }
}

/// Whoever holds a key of an active scheme must be let in.
async fn holders(deployment: &Deployment, url: &str, secrets: &Texts) -> Vec<Finding> {
    let Some(document) = secrets.get("WEBHOOK_KEYS_SECRET_ID") else {
        let what = "a signed request was not tried: the webhook's keys could not be read";
        return vec![
            warn(what, "see the secret of WEBHOOK_KEYS_SECRET_ID above")
                .meaning("nobody knows whether CXone is let in"),
        ];
    };
    let Ok(schemes) = schemes(deployment) else {
        return Vec::new(); // The secret's finding says it.
    };
    let webhook = deployment.functions.get("data-action-webhook");
    let written = webhook.and_then(|webhook| webhook.variable("WEBHOOK_SCHEMES"));
    let written: Vec<Value> = serde_json::from_str(written.unwrap_or(USUAL)).unwrap_or_default();
    let mut found = Vec::new();
    for (scheme, written) in schemes.as_slice().iter().zip(&written) {
        let written = written
            .as_str()
            .map_or_else(|| written.to_string(), str::to_owned);
        let keys = Keys::Document(document.clone());
        found.extend(holder(url, scheme, &written, &keys).await);
    }
    found
}

/// Nothing where the scheme has no key: that was said of the secret.
async fn holder(url: &str, scheme: &Scheme, written: &str, keys: &Keys) -> Option<Finding> {
    let sender = Sender::to_deployed(url, written, keys).ok()?;
    let headers = sender.sign(PROBE.as_bytes(), Timestamp::now()).ok()?;
    let answer = sender.send(PROBE, &headers).await;
    let name = scheme.name();
    Some(match answer.map(|answer| answer.code) {
        Ok(400) => fine(format!("who signs by {name} is let in; nothing was stored")),
        Ok(401) => fail(
            format!("who signs by {name} with the first key of the secret is answered 401"),
            "keys were changed just now: wait five minutes; else check WEBHOOK_SCHEMES, and the clock above",
        )
        .meaning("CXone is refused in the same way, and its conversations are lost once it stops to repeat them"),
        Ok(code) => fail(
            format!("who signs by {name} is answered {code}, where 400 was expected"),
            "read the log of data-action-webhook: docs/runbooks.md#the-api-answers-5xx",
        )
        .meaning("CXone's conversations may be answered in the same way"),
        Err(error) => fail(format!("a request signed by {name} is not answered: {}", error.without_url()), "check the way there, then try again")
            .meaning("from here nothing can be sent"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::finding::Verdict;
    use super::*;

    #[test]
    fn a_wrong_clock_is_seen() {
        for (seconds, verdict) in [
            (0, Verdict::Ok),
            (-30, Verdict::Ok),
            (31, Verdict::Warn),
            (-300, Verdict::Warn),
            (301, Verdict::Fail),
            (-3_600, Verdict::Fail),
        ] {
            let finding = judge_clock(SignedDuration::from_secs(seconds));
            assert_eq!(finding.verdict, verdict, "{finding:?}");
            assert_eq!(finding.what.contains("behind"), seconds < 0, "{finding:?}");
        }
    }
}
