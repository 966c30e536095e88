//! The parts, one after the other: Postgres, SQS and Secrets Manager, the simulator, the functions, the sources of events.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::time::Duration;

use aws_config::SdkConfig;
use rustix::process::Signal;

use super::aws;
use super::functions::{Flags, environment, migrate, warm, watch};
use super::model;
use super::ports::{Ports, is_listening};
use super::postgres::Postgres;
use super::secrets::Secrets;
use super::service::{Service, log_path};
use super::state::{Status, Webhook};
use super::wheels::Wheels;
use super::{Plan, Stack};
use crate::console::{Step, warn};
use crate::event_sources::{EventSources, Invoker, Log};
use crate::failure::{Failure, OrFail as _};
use crate::template::Template;
use crate::workspace::Workspace;

/// The webhook's production route.
const WEBHOOK_PATH: &str = "/webhooks/data-action";

/// What the parts are made of.
pub(super) struct Materials<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) plan: &'a Plan,
    pub(super) wheels: &'a Wheels,
    pub(super) template: Template,
    pub(super) secrets: Secrets,
}

impl Stack {
    pub(super) async fn start_parts(&mut self, with: &Materials<'_>) -> Result<(), Failure> {
        let ports = with.plan.ports;
        let (database_url, way) = self.start_postgres(with).await?;
        let aws = self.start_aws(with).await?;
        self.start_simulator(with).await?;
        let flags = Flags::of(&with.template, ports, with.plan.concurrency);
        let model = model::dir(with.workspace);
        let variables = environment(&with.template, ports, &way, &model);
        let invoker = Invoker::new(http_url(ports), flags.timeout + Duration::from_secs(5))?;
        let functions = watch(
            with.workspace,
            with.plan.name,
            with.wheels,
            variables,
            &flags,
        )?;
        self.keep(functions)?;
        self.start_functions(with, &invoker).await?;
        let log = Log::create(&log_path(&self.dir, "events"));
        let log = log.or_fail(
            "cannot write events.log",
            "check the free space of the disk",
        )?;
        let (sqs, url) = (aws_sdk_sqs::Client::new(&aws), endpoint(ports));
        let places = usize::from(with.plan.concurrency);
        let sources = EventSources::start(&with.template, &sqs, &url, &invoker, places, &log);
        self.sources = Some(sources);
        self.state.status = Some(status(ports, &with.secrets, database_url));
        self.state.save(&self.dir)
    }

    /// Where the database is, and how the functions get there.
    async fn start_postgres(&mut self, with: &Materials<'_>) -> Result<(String, String), Failure> {
        let step = Step::begin("Postgres 18 with pgvector");
        let Materials {
            workspace,
            plan,
            wheels,
            ..
        } = with;
        let postgres = Postgres::prepare(workspace, plan.name, wheels, plan.ports.postgres)?;
        self.keep(postgres.start().await?)?;
        step.done("answers");
        let direct = postgres.url();
        if !plan.is_pooled {
            return Ok((direct.clone(), direct));
        }
        let step = Step::begin("PgBouncer, in transaction mode");
        let port = Ports::free()?.postgres;
        self.keep(postgres.start_pooler(port).await?)?;
        self.pooler = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        step.done("stands between");
        Ok((direct, postgres.url_at(port)))
    }

    async fn start_aws(&mut self, with: &Materials<'_>) -> Result<SdkConfig, Failure> {
        let step = Step::begin("SQS and Secrets Manager (moto)");
        let port = with.plan.ports.sqs;
        let mut command = Command::new("python3");
        command.args([
            "-s",
            "-m",
            "moto.server",
            "-H",
            "127.0.0.1",
            "-p",
            &port.to_string(),
        ]);
        command.current_dir(with.workspace.root());
        command.env("PYTHONPATH", with.wheels.dir());
        self.keep(Service::start("moto", command, &self.dir, Signal::TERM)?)?;
        self.wait_for(port).await?;
        let config = aws::config(&endpoint(with.plan.ports)).await;
        aws::create_queues(&aws_sdk_sqs::Client::new(&config), &with.template).await?;
        let manager = aws_sdk_secretsmanager::Client::new(&config);
        let documents = with.secrets.documents()?;
        for (name, document) in &documents {
            aws::put_secret(&manager, &aws::secret_id(name), document).await?;
        }
        let (queues, secrets) = (with.template.queues.len(), documents.len());
        step.done(format!("answers; {queues} queues, {secrets} secrets"));
        Ok(config)
    }

    async fn start_simulator(&mut self, with: &Materials<'_>) -> Result<(), Failure> {
        let step = Step::begin("CXone simulator");
        let port = with.plan.ports.simulator;
        let mut command = Command::new(with.workspace.binary("cxone-simulator"));
        command.args(["--port", &port.to_string()]);
        command.current_dir(with.workspace.root());
        self.keep(Service::start(
            "simulator",
            command,
            &self.dir,
            Signal::TERM,
        )?)?;
        self.wait_for(port).await?;
        let articles = with.plan.articles;
        let advice = "read simulator.log beside events.log";
        seed(port, articles)
            .await
            .or_fail("the simulator takes no articles", advice)?;
        step.done(format!("answers; {articles} articles"));
        Ok(())
    }

    async fn start_functions(
        &mut self,
        with: &Materials<'_>,
        invoker: &Invoker,
    ) -> Result<(), Failure> {
        let step = Step::begin("Functions (cargo lambda watch)");
        self.wait_for(with.plan.ports.http).await?;
        let migrated = migrate(invoker).await;
        let migrated = migrated
            .map_err(|why| self.last_failed(&format!("cannot migrate: schema-migrator {why}")))?;
        let mut ill = Vec::new();
        for function in &with.template.functions {
            if let Err(why) = warm(function, &http_url(with.plan.ports), invoker).await {
                ill.push(format!("{}: {why}", function.name));
            }
        }
        let count = with.template.functions.len();
        step.done(format!("{count} served; schema: {migrated}"));
        let log = log_path(&self.dir, "functions");
        for one in ill {
            warn(format!("{one}; see {}", log.display()));
        }
        Ok(())
    }

    /// Waits until the part that was started last listens, or has ended.
    async fn wait_for(&mut self, port: u16) -> Result<(), Failure> {
        for _ in 0..600 {
            self.check()?;
            if is_listening(port) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(self.last_failed("did not listen within 30 s"))
    }

    /// What went wrong with the part that was started last.
    fn last_failed(&self, what: &str) -> Failure {
        let last = self.services.last().map(|service| service.failure(what));
        last.unwrap_or_else(|| Failure::new(what, "start again"))
    }
}

/// Fills the simulated CXone with articles, always the same ones.
async fn seed(port: u16, count: u32) -> reqwest::Result<()> {
    let url = format!("http://127.0.0.1:{port}/_control/knowledge/corpus");
    let client = reqwest::Client::builder().no_proxy().build()?;
    let corpus = serde_json::json!({ "seed": 1, "count": count });
    client
        .post(url)
        .json(&corpus)
        .send()
        .await?
        .error_for_status()
        .map(drop)
}

fn endpoint(ports: Ports) -> String {
    format!("http://127.0.0.1:{}", ports.sqs)
}

fn http_url(ports: Ports) -> String {
    format!("http://127.0.0.1:{}", ports.http)
}

fn status(ports: Ports, secrets: &Secrets, database_url: String) -> Status {
    Status {
        http_url: http_url(ports),
        simulator_url: format!("http://127.0.0.1:{}", ports.simulator),
        database_url,
        sqs_endpoint: endpoint(ports),
        api_key: secrets.api_key.clone(),
        webhook: Webhook {
            url: format!("{}{WEBHOOK_PATH}", http_url(ports)),
            standard_webhooks_secret: secrets.webhook.clone(),
        },
    }
}
