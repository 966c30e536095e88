//! Our side: the released function, told to sync as the schedule tells it.

use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use aws_double::{AwsDouble, Options};
use end_to_end::Function;
use serde_json::{Value, json};
use shared::testing::{self, CXONE_CLIENT};
use tokio::process::Command;

use super::tenant::{LANGUAGE, Tenant};
use crate::bench::Outcome;
use crate::process::{peak_memory, processor_time};
use crate::provider::{MODEL, Provider};
use crate::scratch::Ready;
use crate::stage;

/// What a Lambda gets at most.
const LONGEST: Duration = Duration::from_mins(15);
const LOG: &str = "target/bench/knowledge-ours.log";

/// What the function needs around it.
pub(super) struct Ours {
    double: AwsDouble,
    released: PathBuf,
    log: File,
}

/// A function with its database, after its first sync.
pub(super) struct Sync {
    function: Function,
    ready: Ready,
}

/// What the first sync took.
pub(super) struct First {
    pub(super) time: Duration,
    pub(super) processor: Duration,
    /// Texts that were embedded.
    pub(super) pieces: u64,
}

impl Ours {
    /// Builds the function.
    pub(super) async fn prepare() -> Outcome<Self> {
        let released = stage::released("knowledge-sync")?;
        let double = AwsDouble::start(Options::default())?;
        let sdk = testing::aws_at(&double.endpoint()).await;
        let secrets = [("cxone", CXONE_CLIENT), ("embedding-key", "sk-bench")];
        testing::create_secrets(&sdk, &secrets).await;
        Ok(Self {
            double,
            released,
            log: File::create(stage::folder()?.join("knowledge-ours.log"))?,
        })
    }

    /// Syncs a tenant into an empty database, connections and all.
    pub(super) async fn first_sync(
        &self,
        tenant: &Tenant,
        provider: &Provider,
    ) -> Outcome<(Sync, First)> {
        let ready = Ready::create("knowledge").await?;
        let command = self.command(tenant, provider, &ready);
        let function = Function::spawn(command, &self.log).await?;
        let mut sync = Sync { function, ready };
        let (started, before) = (Instant::now(), sync.processor_time()?);
        let run = sync.invoke().await?;
        let time = started.elapsed();
        let processor = sync.processor_time()?.saturating_sub(before);
        if run["failed"] != 0 {
            return Err(format!("articles failed; see {LOG}: {run}").into());
        }
        sync.check(tenant.articles).await?;
        let pieces = run["embedded"].as_u64().unwrap_or_default();
        Ok((
            sync,
            First {
                time,
                processor,
                pieces,
            },
        ))
    }

    fn command(&self, tenant: &Tenant, provider: &Provider, ready: &Ready) -> Command {
        let profile = testing::profile(tenant.simulator.url());
        let mut command = stage::environment(&self.released, self.double.endpoint());
        command
            .env("DATABASE_URL", &ready.scratch.url)
            .env("CXONE_SECRET_ID", "cxone")
            .env("CXONE_PROFILE", profile.to_string())
            .env("EMBEDDING_PROVIDER", "openai")
            .env("EMBEDDING_BASE_URL", &provider.url)
            .env("EMBEDDING_MODEL", MODEL)
            .env("EMBEDDING_KEY_SECRET_ID", "embedding-key")
            .env("KNOWLEDGE_LOCALES", LANGUAGE)
            .env("KNOWLEDGE_CHECK_LINKS", "false");
        command
    }
}

impl Sync {
    /// A sync that finds nothing new. It may ask CXone once, and the provider nothing.
    pub(super) async fn idle(&mut self, tenant: &Tenant, provider: &Provider) -> Outcome<Duration> {
        tenant.simulator.clear_requests();
        let embedded = provider.tally().admitted;
        let started = Instant::now();
        self.invoke().await?;
        let time = started.elapsed();
        let listings = tenant.listings();
        let asked = provider.tally().admitted - embedded;
        if (listings, asked) == (1, 0) {
            Ok(time)
        } else {
            Err(format!(
                "an idle sync listed {listings} times and asked the provider {asked} times"
            )
            .into())
        }
    }

    /// Ends it; gives the most memory that it had, in megabytes.
    pub(super) async fn end(self) -> Outcome<f64> {
        let peak = peak_memory(self.id()?)?;
        self.function.kill().await?;
        self.ready.scratch.remove().await?;
        Ok(peak)
    }

    /// One run to its end; what it says of it.
    async fn invoke(&mut self) -> Outcome<Value> {
        let event = json!({ "task": "sync" }).to_string();
        let answer = self.function.invoke_within(event, LONGEST).await;
        let answer = answer.ok_or_else(|| format!("the function did not answer; see {LOG}"))?;
        let report: Value = serde_json::from_slice(&answer.body)?;
        let run = report["runs"][0].clone();
        if answer.is_ok && run["state"] == "done" {
            Ok(run)
        } else {
            Err(format!("the sync did not end; see {LOG}: {report}").into())
        }
    }

    /// That search would find every article, by meaning too.
    async fn check(&self, articles: usize) -> Outcome<()> {
        let scratch = &self.ready.scratch;
        let found = scratch.count("knowledge_documents").await?;
        let without = "knowledge_chunks c WHERE NOT EXISTS (SELECT FROM knowledge_vectors v WHERE v.chunk_id = c.id)";
        let without = scratch.count(without).await?;
        if usize::try_from(found)? == articles && without == 0 {
            Ok(())
        } else {
            Err(format!(
                "{found} of {articles} articles are there, {without} pieces have no vector"
            )
            .into())
        }
    }

    fn processor_time(&self) -> Outcome<Duration> {
        processor_time(self.id()?)
    }

    fn id(&self) -> Outcome<u32> {
        Ok(self.function.id().ok_or("the function has ended")?)
    }
}
