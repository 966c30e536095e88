//! Somebody who holds an API key, asks for runs of the knowledge sync and follows them.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::report::Report;
use crate::commands::api::Api;
use crate::commands::sample::ADVICE;
use crate::failure::Failure;
use crate::stack::state::Status;

const FUNCTION: &str = "knowledge-refresh";
/// How often a run is looked at.
const PAUSE: Duration = Duration::from_millis(500);
/// How long hundreds of articles may take on a slow machine, with a model that runs on its processor.
const PATIENCE: Duration = Duration::from_mins(15);

/// The runs of a stack.
pub(in crate::commands) struct Runs {
    api: Api,
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
        Api::of(status).map(Self::by)
    }

    /// Those that are asked for there.
    pub(in crate::commands) fn by(api: Api) -> Self {
        Self { api }
    }

    /// Asks for a run.
    pub(in crate::commands) async fn request(&self) -> Result<Accepted, Failure> {
        self.request_with("").await
    }

    /// Asks for a run, with this after the address.
    pub(in crate::commands) async fn request_with(&self, query: &str) -> Result<Accepted, Failure> {
        let path = format!("/knowledge/refresh{query}");
        let said = self.api.ask(FUNCTION, Method::POST, &path, None).await?;
        said.read(FUNCTION, &[202])
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
        let said = self.api.ask(FUNCTION, Method::GET, path, None).await?;
        match said.code {
            404 => Err(Failure::new(
                "there is no such run",
                "leave the name out for the latest one",
            )),
            400 => Err(Failure::new(
                "this is no name of a run",
                "a run is named by a UUID",
            )),
            _ => said.read(FUNCTION, &[200]),
        }
    }
}
