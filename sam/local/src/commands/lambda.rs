//! Functions that are invoked by hand, with a task: those of the running stack, or those of a deployment.

use std::time::Duration;

use axum::body::Bytes;
use reqwest::Method;
use serde_json::Value;

use super::place::Place;
use super::sample::ADVICE;
use super::signed::{Answer, Request, Signed};
use crate::cli;
use crate::failure::{Failure, OrFail as _};
use crate::workspace::Workspace;

/// A little more than any function may take.
const TIMEOUT: Duration = Duration::from_secs(15 * 60 + 10);
const ACCOUNT: &str =
    "check the profile, the region, --stack, and your right lambda:InvokeFunction";

/// So often what failed for now is asked for again, after this time.
const AGAIN: usize = 3;
const PAUSE: Duration = Duration::from_secs(1);

/// Why there is no answer.
enum Refusal {
    /// Another try may succeed.
    ForNow(Failure),
    ForGood(Failure),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::ForNow(failure) | Refusal::ForGood(failure) => failure,
        }
    }
}

/// Who invokes.
pub(super) enum Lambda {
    Local {
        http: reqwest::Client,
        base: String,
    },
    /// The names of functions begin with the stack's.
    Account {
        stack: String,
        aws: Signed,
    },
}

impl Lambda {
    /// Those of the account, if that was asked for; else those of the running stack.
    pub(super) async fn open(workspace: &Workspace, flags: &cli::Account) -> Result<Self, Failure> {
        let place = Place::choose(workspace, flags.aws)?;
        let Place::Local(status) = &place else {
            let aws = Signed::open(&place.sdk().await, TIMEOUT)?;
            let stack = flags.stack.clone();
            return Ok(Self::Account { stack, aws });
        };
        let http = reqwest::Client::builder().timeout(TIMEOUT).no_proxy();
        Ok(Self::Local {
            http: http.build().or_fail("cannot make an HTTP client", ADVICE)?,
            base: status.http_url.clone(),
        })
    }

    /// Invokes and waits for the answer.
    pub(super) async fn invoke(&self, function: &str, task: &Value) -> Result<Value, Failure> {
        self.attempt(function, task).await.map_err(Failure::from)
    }

    /// The same; what failed only for now is asked for again, a few times. For tasks that may be given twice.
    pub(super) async fn invoke_again(
        &self,
        function: &str,
        task: &Value,
    ) -> Result<Value, Failure> {
        for _ in 0..AGAIN {
            match self.attempt(function, task).await {
                Err(Refusal::ForNow(_)) => tokio::time::sleep(PAUSE).await,
                outcome => return outcome.map_err(Failure::from),
            }
        }
        self.invoke(function, task).await
    }

    async fn attempt(&self, function: &str, task: &Value) -> Result<Value, Refusal> {
        let name = match self {
            Self::Account { stack, .. } => format!("{stack}-{function}"),
            Self::Local { .. } => function.to_owned(),
        };
        let answer = self.ask(&name, task).await.map_err(Refusal::ForGood)?;
        if answer.code == 200 && !answer.is_functions_failure {
            let read = serde_json::from_slice(&answer.body);
            let read = read.or_fail(format!("{name} answered something else"), self.advice());
            return read.map_err(Refusal::ForGood);
        }
        Err(self.refusal(&name, answer.code, &answer.body))
    }

    async fn ask(&self, name: &str, task: &Value) -> Result<Answer, Failure> {
        let path = format!("/2015-03-31/functions/{name}/invocations");
        let (body, content_type) = (task.to_string(), "application/json");
        match self {
            Self::Account { aws, .. } => {
                let request = Request {
                    service: "lambda",
                    method: Method::POST,
                    path: &path,
                    content_type,
                    body: &body,
                };
                aws.send(request).await
            }
            Self::Local { http, base } => {
                let request = http.post(format!("{base}{path}")).body(body);
                let request = request.header("content-type", content_type);
                let answer = async { Answer::read(request.send().await?).await };
                let answer = answer.await.map_err(reqwest::Error::without_url);
                answer.or_fail(format!("{name} cannot be invoked"), ADVICE)
            }
        }
    }

    /// Whoever invokes by hand may read what the function says of its failure.
    fn refusal(&self, name: &str, code: u16, body: &Bytes) -> Refusal {
        let said: Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(kind) = said["errorType"].as_str() else {
            let advice = match code {
                403 => "ask for the right lambda:InvokeFunction on it",
                404 => "check --stack and the region: there is no such function",
                _ => self.advice(),
            };
            let what = format!("{name} cannot be invoked: HTTP {code}");
            return Refusal::ForGood(Failure::new(what, advice));
        };
        let words = said["errorMessage"].as_str().unwrap_or_default();
        let advice = match kind {
            "invalid" => "correct what was asked for",
            "not_found" | "conflict" => "do what it says",
            "transient" => "try again; if it stays so, read the function's log",
            _ => self.advice(),
        };
        let failure = Failure::new(format!("{name} failed ({kind}): {words}"), advice);
        match kind {
            "transient" => Refusal::ForNow(failure),
            _ => Refusal::ForGood(failure),
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Self::Account { .. } => ACCOUNT,
            Self::Local { .. } => ADVICE,
        }
    }
}
