//! Sends one line until it was answered, and says what the answer means.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use jiff::Timestamp;
use shared::retry::Backoff;

use super::progress::{Outcome, Reason, Refusal};
use crate::commands::sender::{Answer, Sender};
use crate::failure::Failure;

const BACKOFF: Backoff = Backoff {
    first: Duration::from_millis(250),
    most: Duration::from_secs(30),
};
/// A line that fails for longer ends the run; the next run begins with it.
const PATIENCE: Duration = Duration::from_mins(15);
/// No webhook has a reason to ask for a longer pause.
const LONGEST_PAUSE: Duration = Duration::from_mins(2);
/// More reasons, or longer ones, serve nobody.
const MOST_REASONS: usize = 20;
const LONGEST_REASON: usize = 200;

/// Who takes lines, and what its answers say.
#[derive(Debug)]
pub(in crate::commands) struct Taker {
    pub(super) name: &'static str,
    /// What the lines that were sent are called together.
    pub(super) title: &'static str,
    /// The field of an answer that proves that the line was kept.
    receipt: &'static str,
    /// What to check if it does not know the key.
    key_advice: &'static str,
    /// What to check if something else answers.
    route_advice: &'static str,
}

/// Past conversations go there.
pub(in crate::commands) const WEBHOOK: Taker = Taker {
    name: "the webhook",
    title: "Import",
    receipt: "receipt_id",
    key_advice: "check that the key is the webhook's key for standard-webhooks, and this machine's clock",
    route_advice: "check --url: it should be the webhook's own route and end with /webhooks/data-action",
};

/// Transcripts go there.
pub(super) const INTAKE: Taker = Taker {
    name: "the intake",
    title: "Injection",
    receipt: "id",
    key_advice: "check that the API key is one of those that `cargo local keys list` shows, and not expired",
    route_advice: "check that the key has the scope transcripts:write, and --url: it should end with /transcripts",
};

/// Sends lines.
pub(super) struct Delivery {
    sender: Sender,
    taker: &'static Taker,
    trouble: Trouble,
}

/// What is in the way now.
#[derive(Default)]
pub(super) struct Trouble {
    waiting: AtomicU64,
    repeats: AtomicU64,
    why: Mutex<String>,
}

/// What an answer means for its line.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::commands) enum Verdict {
    Accepted,
    Refused(Vec<Reason>),
    Again(Option<Duration>),
    /// The fault is not the line's; every other line would meet it too.
    Stop(&'static str),
}

impl Delivery {
    pub(super) fn new(sender: Sender, taker: &'static Taker) -> Self {
        Self {
            sender,
            taker,
            trouble: Trouble::default(),
        }
    }

    pub(super) fn taker(&self) -> &'static Taker {
        self.taker
    }

    pub(super) fn trouble(&self) -> &Trouble {
        &self.trouble
    }

    /// Sends the line until it is accepted or refused.
    pub(super) async fn deliver(&self, line: u64, body: Bytes) -> Result<Outcome, Failure> {
        let since = Instant::now();
        let mut failures = 0;
        let outcome = loop {
            // Signed anew each time: a signature is good for five minutes only.
            let headers = self.sender.sign(&body, Timestamp::now())?;
            let answer = self.sender.send(body.clone(), &headers).await;
            let (verdict, status, why) = self.taker.read(&answer);
            let pause = match verdict {
                Verdict::Accepted => break Outcome::Accepted,
                Verdict::Refused(reasons) => {
                    break Outcome::Refused(Refusal {
                        line,
                        status,
                        reasons,
                    });
                }
                Verdict::Stop(advice) => return Err(stop(line, &why, advice)),
                Verdict::Again(pause) => pause.unwrap_or_default(),
            };
            if since.elapsed() > PATIENCE {
                let advice = "see what is wrong there, then run the same command again";
                return Err(stop(line, &why, advice));
            }
            self.trouble.begin(failures, why);
            tokio::time::sleep(pause.min(LONGEST_PAUSE)).await;
            BACKOFF.sleep(failures).await;
            failures += 1;
        };
        self.trouble.end(failures);
        Ok(outcome)
    }
}

impl Trouble {
    /// What to say of it; `None` while all is well.
    pub(super) fn words(&self) -> Option<String> {
        let waiting = self.waiting.load(Ordering::Relaxed);
        let why = self.why.lock().unwrap_or_else(PoisonError::into_inner);
        (waiting > 0).then(|| format!("{waiting} wait for another try: {why}"))
    }

    /// How often a line was sent again.
    pub(super) fn repeats(&self) -> u64 {
        self.repeats.load(Ordering::Relaxed)
    }

    fn begin(&self, failures: u32, why: String) {
        if failures == 0 {
            self.waiting.fetch_add(1, Ordering::Relaxed);
        }
        self.repeats.fetch_add(1, Ordering::Relaxed);
        *self.why.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }

    fn end(&self, failures: u32) {
        if failures > 0 {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

fn stop(line: u64, why: &str, advice: &str) -> Failure {
    Failure::new(format!("stopped at line {line}: {why}"), advice)
}

impl Taker {
    /// What an answer means, its status, and what to say of it.
    pub(in crate::commands) fn read(
        &self,
        answer: &reqwest::Result<Answer>,
    ) -> (Verdict, Option<u16>, String) {
        let name = self.name;
        match answer {
            Ok(answer) => {
                let why = format!("{name} answered {}", answer.code);
                (self.judge(answer), Some(answer.code), why)
            }
            Err(error) => {
                let why = if error.is_connect() {
                    format!("{name} cannot be reached")
                } else if error.is_timeout() {
                    format!("{name} does not answer")
                } else {
                    format!("the connection to {name} broke")
                };
                (Verdict::Again(None), None, why)
            }
        }
    }

    /// Only an answer with a receipt proves that the line was kept; a 2xx of something else would lose it.
    fn judge(&self, answer: &Answer) -> Verdict {
        match answer.code {
            202 if answer.body[self.receipt].is_string() => Verdict::Accepted,
            401 => Verdict::Stop(self.key_advice),
            408 | 425 | 429 | 500.. => Verdict::Again(answer.retry_after),
            200..=399 | 403..=405 => Verdict::Stop(self.route_advice),
            _ => Verdict::Refused(reasons(answer)),
        }
    }
}

/// The broken rules out of the taker's own answer. Whatever else answers might repeat what it was sent, so it is not read.
fn reasons(answer: &Answer) -> Vec<Reason> {
    let kind = answer.body["type"].as_str().unwrap_or_default();
    if !kind.starts_with("urn:cxone-memory:problem:") {
        return Vec::new();
    }
    let text = |value: &serde_json::Value| -> String {
        let letters = value.as_str().unwrap_or_default().chars();
        let letters = letters.filter(|letter| !letter.is_control());
        letters.take(LONGEST_REASON).collect()
    };
    let errors = answer.body["errors"].as_array();
    if let Some(errors) = errors {
        let errors = errors.iter().take(MOST_REASONS);
        errors
            .map(|error| Reason::new(text(&error["pointer"]), text(&error["detail"])))
            .collect()
    } else {
        vec![Reason::new("", text(&answer.body["detail"]))]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn answer(code: u16, body: Value) -> Answer {
        Answer {
            code,
            retry_after: Some(Duration::from_secs(3)),
            body,
        }
    }

    #[test]
    fn an_answer_is_accepted_refused_tried_again_or_the_end() {
        let receipt = json!({"receipt_id": "r", "event_key": "k"});
        assert_eq!(
            WEBHOOK.judge(&answer(202, receipt.clone())),
            Verdict::Accepted
        );
        for code in [408, 425, 429, 500, 502, 503, 504, 599] {
            let again = Verdict::Again(Some(Duration::from_secs(3)));
            assert_eq!(
                WEBHOOK.judge(&answer(code, receipt.clone())),
                again,
                "{code}"
            );
        }
        for code in [400, 402, 409, 410, 413, 415, 422, 431] {
            let verdict = WEBHOOK.judge(&answer(code, Value::Null));
            assert_eq!(verdict, Verdict::Refused(vec![]), "{code}");
        }
        for code in [200, 201, 204, 301, 307, 308, 401, 403, 404, 405] {
            let verdict = WEBHOOK.judge(&answer(code, receipt.clone()));
            assert!(matches!(verdict, Verdict::Stop(_)), "{code}: {verdict:?}");
        }
        let id = json!({"id": "0190f000-0000-7000-8000-000000000000", "parts": 1});
        assert_eq!(INTAKE.judge(&answer(202, id.clone())), Verdict::Accepted);
        let receipts = [
            WEBHOOK.judge(&answer(202, id)),
            INTAKE.judge(&answer(202, receipt)),
        ];
        assert!(
            receipts.iter().all(|one| matches!(one, Verdict::Stop(_))),
            "of the other one"
        );
        let no_receipt = WEBHOOK.judge(&answer(202, json!("thanks")));
        assert!(matches!(no_receipt, Verdict::Stop(_)));
    }

    #[test]
    fn only_the_webhooks_own_words_are_read() {
        let problem = |kind: &str| {
            json!({"type": kind, "detail": "larger than 5 bytes",
                "errors": [{"pointer": "/event", "detail": "is\u{1b}[31m required", "value": "canary"}]})
        };
        let own = reasons(&answer(400, problem("urn:cxone-memory:problem:invalid")));
        assert_eq!(own, [Reason::new("/event", "is[31m required")]);
        assert_eq!(reasons(&answer(400, problem("about:blank"))), []);
        let mut large = problem("urn:cxone-memory:problem:too_large");
        large["errors"] = Value::Null;
        let own = reasons(&answer(413, large));
        assert_eq!(own, [Reason::new("", "larger than 5 bytes")]);
    }
}
