//! Somebody who holds an API key and asks the HTTP functions: those of the running stack, or deployed ones.

use std::time::Duration;

use axum::body::Bytes;
use reqwest::redirect::Policy;
use reqwest::{Method, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::deployed::{check, read_variable};
use super::sample::ADVICE;
use super::status::running;
use crate::cli;
use crate::failure::{Failure, OrFail as _};
use crate::stack::state::Status;
use crate::workspace::Workspace;

/// A little more than API Gateway waits for a function.
const TIMEOUT: Duration = Duration::from_secs(40);
const REMOTE: &str = "check --url, and the logs of the function that answers there";

/// The routes, and a key.
pub(super) struct Api {
    http: reqwest::Client,
    base: String,
    key: SecretString,
    advice: &'static str,
}

/// What a function said.
pub(super) struct Said {
    pub(super) code: u16,
    body: Bytes,
    advice: &'static str,
}

impl Api {
    /// The functions of the running stack.
    pub(super) fn of(status: &Status) -> Result<Self, Failure> {
        let http = reqwest::Client::builder().no_proxy();
        let key = status.api_key.as_str();
        Self::build(http, &status.http_url, key, ADVICE)
    }

    /// A deployment, if one is named; else the running stack. `scope` is what the key must allow.
    pub(super) fn choose(
        workspace: &Workspace,
        flags: &cli::Api,
        scope: &str,
    ) -> Result<Self, Failure> {
        let (Some(url), Some(variable)) = (&flags.url, &flags.key_env) else {
            return Self::of(&running(workspace)?);
        };
        check(url, "give --url the address of the API: https://…")?;
        let key = read_variable(variable, &format!("an API key with the scope {scope}"))?;
        let base = url.trim_end_matches('/');
        Self::build(reqwest::Client::builder(), base, &key, REMOTE)
    }

    fn build(
        http: reqwest::ClientBuilder,
        base: &str,
        key: &str,
        advice: &'static str,
    ) -> Result<Self, Failure> {
        // A key goes nowhere but where it was meant to go.
        let http = http.redirect(Policy::none()).timeout(TIMEOUT).build();
        Ok(Self {
            http: http.or_fail("cannot make an HTTP client", advice)?,
            base: base.to_owned(),
            key: key.into(),
            advice,
        })
    }

    /// Asks `function`, which serves `path`. Whatever it says is an answer.
    pub(super) async fn ask(
        &self,
        function: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Said, Failure> {
        let request = self.http.request(method, format!("{}{path}", self.base));
        let request = request.header("x-api-key", self.key.expose_secret());
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let what = format!("{function} cannot be reached");
        let response = request.send().await.map_err(reqwest::Error::without_url);
        let response: Response = response.or_fail(&*what, self.advice)?;
        let code = response.status().as_u16();
        let body = response.bytes().await.map_err(reqwest::Error::without_url);
        Ok(Said {
            code,
            body: body.or_fail(what, self.advice)?,
            advice: self.advice,
        })
    }

    /// Asks for something with a body.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        function: &str,
        path: &str,
        body: &Value,
    ) -> Result<T, Failure> {
        let said = self.ask(function, Method::POST, path, Some(body)).await?;
        said.read(function, &[200])
    }
}

impl Said {
    /// What was wanted; any other answer is a failure.
    pub(super) fn read<T: DeserializeOwned>(
        &self,
        function: &str,
        wanted: &[u16],
    ) -> Result<T, Failure> {
        if wanted.contains(&self.code) {
            let read = serde_json::from_slice(&self.body);
            return read.or_fail(format!("{function} answered something else"), self.advice);
        }
        let what = format!("{function} answered {}{}", self.code, self.reasons());
        Err(Failure::new(what, self.what_to_do()))
    }

    /// The words of a problem, and the rules that were broken; nothing of what anybody else answers.
    fn reasons(&self) -> String {
        let problem: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let kind = problem["type"].as_str().unwrap_or_default();
        if !kind.starts_with("urn:cxone-memory:problem:") {
            return String::new();
        }
        let rules = problem["errors"].as_array().into_iter().flatten();
        let rule = |rule: &Value| {
            let word = |field: &str| rule[field].as_str().unwrap_or_default().to_owned();
            format!("{} {}", word("pointer"), word("detail"))
        };
        let detail = problem["detail"].as_str().map(str::to_owned);
        let words: Vec<_> = detail.into_iter().chain(rules.map(rule)).collect();
        let words: String = words
            .join("; ")
            .chars()
            .filter(|one| !one.is_control())
            .collect();
        format!(": {words}")
    }

    fn what_to_do(&self) -> &'static str {
        match self.code {
            400 | 413 => "correct what was asked for",
            401 => "check the key: `cargo local keys list` shows which there are, and until when",
            403 => "take a key that has the scope: cargo local keys new --help",
            _ => self.advice,
        }
    }
}
