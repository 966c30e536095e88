//! Somebody who holds an API key, asks for runs of the knowledge sync and follows them.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::report::Report;
use crate::commands::sample::ADVICE;
use crate::failure::{Failure, OrFail as _};
use crate::stack::state::Status;

/// A little more than API Gateway waits for a function.
const TIMEOUT: Duration = Duration::from_secs(40);
/// How often a run is looked at.
const PAUSE: Duration = Duration::from_millis(500);
/// How long hundreds of articles may take on a slow machine, with a model that runs on its processor.
const PATIENCE: Duration = Duration::from_mins(15);

/// The runs of the local stack.
pub(in crate::commands) struct Runs {
    http: reqwest::Client,
    base: String,
    key: String,
}

/// What a refresh is answered with.
#[derive(Debug, Deserialize)]
pub(in crate::commands) struct Accepted {
    pub(in crate::commands) run_id: String,
    pub(in crate::commands) kind: String,
    pub(in crate::commands) status_url: String,
}

impl Runs {
    pub(in crate::commands) fn of(status: &Status) -> Result<Self, Failure> {
        let http = reqwest::Client::builder().no_proxy().timeout(TIMEOUT);
        Ok(Self {
            http: http.build().or_fail("cannot make an HTTP client", ADVICE)?,
            base: status.http_url.clone(),
            key: status.api_key.clone(),
        })
    }

    /// Asks for a run.
    pub(in crate::commands) async fn request(&self) -> Result<Accepted, Failure> {
        let url = format!("{}/knowledge/refresh", self.base);
        self.send(self.http.post(url), 202).await
    }

    /// A run's report, all pages of it.
    pub(in crate::commands) async fn read(&self, run: &str) -> Result<Report, Failure> {
        let mut report: Report = self.get(&format!("/knowledge/runs/{run}")).await?;
        while let Some(next) = report.next.take() {
            report.add(self.get(&next).await?);
        }
        Ok(report)
    }

    /// Looks at a run until it is over.
    pub(in crate::commands) async fn follow(
        &self,
        run: &str,
        mut look: impl FnMut(&Report),
    ) -> Result<(), Failure> {
        let since = Instant::now();
        loop {
            let report: Report = self.get(&format!("/knowledge/runs/{run}")).await?;
            look(&report);
            if report.is_over() {
                return Ok(());
            }
            if since.elapsed() > PATIENCE {
                let what = format!("the run {run} is still {}", report.state);
                return Err(Failure::new(what, ADVICE));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.send(self.http.get(format!("{}{path}", self.base)), 200)
            .await
    }

    /// Any other answer than the expected one is a failure.
    async fn send<T: DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
        wanted: u16,
    ) -> Result<T, Failure> {
        let what = "knowledge-refresh cannot be reached";
        let response = request.header("x-api-key", &self.key).send().await;
        let response = response.or_fail(what, ADVICE)?;
        let code = response.status().as_u16();
        let body = response.bytes().await.or_fail(what, ADVICE)?;
        if code == wanted {
            let read = serde_json::from_slice(&body);
            return read.or_fail("knowledge-refresh answered something else", ADVICE);
        }
        Err(match code {
            404 => Failure::new(
                "there is no such run",
                "leave the name out for the latest one",
            ),
            400 => Failure::new("this is no name of a run", "a run is named by a UUID"),
            _ => Failure::new(
                format!(
                    "knowledge-refresh answered {code}: {}",
                    String::from_utf8_lossy(&body)
                ),
                ADVICE,
            ),
        })
    }
}
