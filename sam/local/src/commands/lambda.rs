//! Functions that are invoked by hand, with a task: those of the running stack, or those of a deployment.
//!
//! An invocation is one request, so that it is signed here: another of AWS's clients is a large crate for one call.

use std::time::{Duration, SystemTime};

use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use axum::body::Bytes;
use serde_json::Value;

use super::place::Place;
use super::sample::ADVICE;
use crate::cli;
use crate::failure::{Failure, OrFail as _};
use crate::workspace::Workspace;

/// A little more than any function may take.
const TIMEOUT: Duration = Duration::from_secs(15 * 60 + 10);
const ACCOUNT: &str =
    "check the profile, the region, --stack, and your right lambda:InvokeFunction";

/// Who invokes.
pub(super) struct Lambda {
    http: reqwest::Client,
    base: String,
    /// What the names of functions begin with, and who signs; nothing on this machine.
    account: Option<Account>,
}

struct Account {
    stack: String,
    region: String,
    credentials: SharedCredentialsProvider,
}

impl Lambda {
    /// Those of the account, if that was asked for; else those of the running stack.
    pub(super) async fn open(workspace: &Workspace, flags: &cli::Account) -> Result<Self, Failure> {
        let place = Place::choose(workspace, flags.aws)?;
        let http = reqwest::Client::builder().timeout(TIMEOUT);
        let (http, base, account) = match &place {
            Place::Local(status) => (http.no_proxy(), status.http_url.clone(), None),
            Place::Account => {
                let sdk = place.sdk().await;
                let lacks =
                    |what: &str| Failure::new(format!("AWS is not set up: no {what}"), ACCOUNT);
                let region = sdk.region().ok_or_else(|| lacks("region"))?.to_string();
                let public = || format!("https://lambda.{region}.amazonaws.com");
                let base = sdk.endpoint_url().map_or_else(public, str::to_owned);
                let account = Account {
                    stack: flags.stack.clone(),
                    credentials: sdk
                        .credentials_provider()
                        .ok_or_else(|| lacks("credentials"))?,
                    region,
                };
                (http, base, Some(account))
            }
        };
        Ok(Self {
            http: http.build().or_fail("cannot make an HTTP client", ADVICE)?,
            base,
            account,
        })
    }

    /// Invokes and waits for the answer.
    pub(super) async fn invoke(&self, function: &str, task: &Value) -> Result<Value, Failure> {
        let name = match &self.account {
            Some(account) => format!("{}-{function}", account.stack),
            None => function.to_owned(),
        };
        let url = format!("{}/2015-03-31/functions/{name}/invocations", self.base);
        let body = task.to_string();
        let mut request = self.http.post(&url);
        if let Some(account) = &self.account {
            for (header, value) in account.sign(&url, &body).await? {
                request = request.header(header, value);
            }
        }
        let what = format!("{name} cannot be invoked");
        let request = request
            .header("content-type", "application/json")
            .body(body);
        let answer = request.send().await.map_err(reqwest::Error::without_url);
        let answer = answer.or_fail(&*what, self.advice())?;
        let failed = answer.headers().contains_key("x-amz-function-error");
        let code = answer.status().as_u16();
        let body = answer.bytes().await.map_err(reqwest::Error::without_url);
        let body = body.or_fail(what, self.advice())?;
        if code == 200 && !failed {
            let read = serde_json::from_slice(&body);
            return read.or_fail(format!("{name} answered something else"), self.advice());
        }
        Err(self.failure(&name, code, &body))
    }

    /// Whoever invokes by hand may read what the function says of its failure.
    fn failure(&self, name: &str, code: u16, body: &Bytes) -> Failure {
        let said: Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(kind) = said["errorType"].as_str() else {
            let advice = match code {
                403 => "ask for the right lambda:InvokeFunction on it",
                404 => "check --stack and the region: there is no such function",
                _ => self.advice(),
            };
            return Failure::new(format!("{name} cannot be invoked: HTTP {code}"), advice);
        };
        let words = said["errorMessage"].as_str().unwrap_or_default();
        let advice = match kind {
            "invalid" => "correct what was asked for",
            "not_found" | "conflict" => "do what it says",
            "transient" => "try again; if it stays so, read the function's log",
            _ => self.advice(),
        };
        Failure::new(format!("{name} failed ({kind}): {words}"), advice)
    }

    fn advice(&self) -> &'static str {
        match self.account {
            Some(_) => ACCOUNT,
            None => ADVICE,
        }
    }
}

impl Account {
    /// The headers that vouch for this request.
    async fn sign(&self, url: &str, body: &str) -> Result<Vec<(String, String)>, Failure> {
        let what = "the request cannot be signed";
        let credentials = self.credentials.provide_credentials().await;
        let identity = credentials
            .or_fail("there are no credentials", ACCOUNT)?
            .into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("lambda")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build();
        let parameters = parameters.or_fail(what, ACCOUNT)?.into();
        let headers = std::iter::empty();
        let body = SignableBody::Bytes(body.as_bytes());
        let request = SignableRequest::new("POST", url, headers, body).or_fail(what, ACCOUNT)?;
        let signed = sign(request, &parameters).or_fail(what, ACCOUNT)?;
        let headers = signed.output().headers();
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Ok(headers.map(owned).collect())
    }
}
