//! The parts of a stack, started in order and stopped in order.

pub mod aws;
pub mod functions;
pub mod ports;
pub mod postgres;
pub mod process;
pub mod secrets;
pub mod service;
pub mod state;
pub mod wheels;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use jiff::Timestamp;
use rustix::process::Signal;

use crate::console::{Step, warn};
use crate::event_sources::{EventSources, Invoker, Log};
use crate::failure::{Failure, OrFail as _};
use crate::template::Template;
use crate::workspace::Workspace;
use ports::Ports;
use postgres::Postgres;
use process::{Identity, marked};
use secrets::Secrets;
use service::{Service, log_path};
use state::{Lock, State, Status, Webhook};
use wheels::Wheels;

/// The webhook's production route.
const WEBHOOK_PATH: &str = "/webhooks/data-action";

/// What to start.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The stack's name.
    pub name: &'static str,
    /// Where its parts listen.
    pub ports: Ports,
    /// Instances of one function, at most.
    pub concurrency: u16,
}

/// A stack that this process runs.
pub struct Stack {
    dir: PathBuf,
    services: Vec<Service>,
    sources: Option<EventSources>,
    state: State,
    _lock: Lock,
}

/// Makes the stack's directories and takes the right to run it; `None` while another process runs it.
pub fn claim(workspace: &Workspace, name: &str) -> Result<Option<Lock>, Failure> {
    let dir = workspace.stack(name);
    let advice = "check that target/ is writable";
    std::fs::create_dir_all(dir.join("logs"))
        .or_fail(format!("cannot make {}", dir.display()), advice)?;
    Lock::take(&dir)
}

/// Ends what a stack left behind that was killed. Only call it with the lock in hand.
pub async fn clear_leftovers(dir: &Path) -> usize {
    let mut leftovers = State::load(dir)
        .map(|state| state.processes)
        .unwrap_or_default();
    leftovers.extend(marked(&format!("{}#", dir.display())));
    leftovers.retain(Identity::is_alive);
    leftovers.sort_by_key(|process| process.pid);
    leftovers.dedup_by_key(|process| process.pid);
    process::end(&leftovers, Duration::from_secs(5)).await;
    State::remove(dir);
    leftovers.len()
}

impl Stack {
    /// Starts every part. The binaries must be built. What was started is stopped again when a later part fails.
    pub async fn start(
        workspace: &Workspace,
        plan: &Plan,
        wheels: &Wheels,
        lock: Lock,
    ) -> Result<Self, Failure> {
        let dir = workspace.stack(plan.name);
        let owner = Identity::own().ok_or_else(|| {
            Failure::new("this process cannot find itself", "check that `ps` works")
        })?;
        let state = State {
            owner,
            ports: plan.ports,
            processes: Vec::new(),
            status: None,
        };
        let mut stack = Self {
            dir,
            services: Vec::new(),
            sources: None,
            state,
            _lock: lock,
        };
        match stack.start_parts(workspace, plan, wheels).await {
            Ok(()) => Ok(stack),
            Err(failure) => {
                stack.stop().await;
                Err(failure)
            }
        }
    }

    /// Fails when a part has ended by itself.
    pub fn check(&mut self) -> Result<(), Failure> {
        self.services.iter_mut().try_for_each(Service::check)
    }

    /// Where everything is.
    pub fn status(&self) -> Option<&Status> {
        self.state.status.as_ref()
    }

    /// Stops everything, last first, and waits until it is gone.
    pub async fn stop(mut self) {
        self.sources = None;
        while let Some(service) = self.services.pop() {
            service.stop(Duration::from_secs(15)).await;
        }
        State::remove(&self.dir);
    }

    fn keep(&mut self, service: Service) -> Result<(), Failure> {
        self.state.processes.push(service.identity().clone());
        self.services.push(service);
        self.state.save(&self.dir)
    }

    async fn start_parts(
        &mut self,
        workspace: &Workspace,
        plan: &Plan,
        wheels: &Wheels,
    ) -> Result<(), Failure> {
        let template = Template::load(&workspace.template())?;
        plan.ports.check()?;
        self.state.save(&self.dir)?;
        let secrets = Secrets::load_or_make(&self.dir, Timestamp::now())?;
        let database_url = self.start_postgres(workspace, plan, wheels).await?;
        let aws = self
            .start_aws(workspace, plan, wheels, &template, &secrets)
            .await?;
        self.start_simulator(workspace, plan).await?;
        let environment = functions::environment(&template, plan.ports, &database_url);
        let flags = functions::Flags::of(&template, plan.ports, plan.concurrency);
        let http_url = format!("http://127.0.0.1:{}", plan.ports.http);
        let invoker = Invoker::new(&http_url, flags.timeout + Duration::from_secs(5))?;
        self.keep(functions::watch(
            workspace,
            plan.name,
            wheels,
            environment,
            &flags,
        )?)?;
        self.wait_for(plan.ports.http).await?;
        self.start_functions(&template, &http_url, &invoker).await?;
        let log = Log::create(&log_path(&self.dir, "events"))
            .or_fail("cannot write events.log", "check the disk")?;
        let (sqs, endpoint) = (aws_sdk_sqs::Client::new(&aws), endpoint(plan.ports));
        self.sources = Some(EventSources::start(
            &template,
            &sqs,
            &endpoint,
            &invoker,
            usize::from(plan.concurrency),
            &log,
        ));
        self.state.status = Some(status(plan, &secrets, database_url));
        self.state.save(&self.dir)
    }

    async fn start_postgres(
        &mut self,
        workspace: &Workspace,
        plan: &Plan,
        wheels: &Wheels,
    ) -> Result<String, Failure> {
        let step = Step::begin("Postgres 18 with pgvector");
        let postgres = Postgres::prepare(workspace, plan.name, wheels, plan.ports.postgres)?;
        self.keep(postgres.start().await?)?;
        step.done("answers");
        Ok(postgres.url())
    }

    async fn start_aws(
        &mut self,
        workspace: &Workspace,
        plan: &Plan,
        wheels: &Wheels,
        template: &Template,
        secrets: &Secrets,
    ) -> Result<aws_config::SdkConfig, Failure> {
        let step = Step::begin("SQS and Secrets Manager (moto)");
        let mut command = Command::new("python3");
        command.args([
            "-s",
            "-m",
            "moto.server",
            "-H",
            "127.0.0.1",
            "-p",
            &plan.ports.sqs.to_string(),
        ]);
        command
            .current_dir(workspace.root())
            .env("PYTHONPATH", wheels.dir());
        self.keep(Service::start("moto", command, &self.dir, Signal::TERM)?)?;
        let endpoint = endpoint(plan.ports);
        self.wait_for(plan.ports.sqs).await?;
        let config = aws::config(&endpoint).await;
        aws::create_queues(&aws_sdk_sqs::Client::new(&config), template).await?;
        let manager = aws_sdk_secretsmanager::Client::new(&config);
        for (name, document) in secrets.documents()? {
            aws::put_secret(&manager, &aws::secret_id(name), &document).await?;
        }
        step.done(format!(
            "answers; {} queues, 2 secrets",
            template.queues.len()
        ));
        Ok(config)
    }

    async fn start_simulator(&mut self, workspace: &Workspace, plan: &Plan) -> Result<(), Failure> {
        let step = Step::begin("CXone simulator");
        let mut command = Command::new(workspace.binary("cxone-simulator"));
        command
            .args(["--port", &plan.ports.simulator.to_string()])
            .current_dir(workspace.root());
        self.keep(Service::start(
            "simulator",
            command,
            &self.dir,
            Signal::TERM,
        )?)?;
        self.wait_for(plan.ports.simulator).await?;
        step.done("answers");
        Ok(())
    }

    async fn start_functions(
        &mut self,
        template: &Template,
        http_url: &str,
        invoker: &Invoker,
    ) -> Result<(), Failure> {
        let step = Step::begin("Functions (cargo lambda watch)");
        let migrated = match functions::migrate(invoker).await {
            Ok(migrated) => migrated,
            Err(why) => {
                return Err(self.last_failed(&format!("cannot migrate: schema-migrator {why}")));
            }
        };
        let mut ill = Vec::new();
        for function in &template.functions {
            if let Err(why) = functions::warm(function, http_url, invoker).await {
                ill.push(format!("{}: {why}", function.name));
            }
        }
        step.done(format!(
            "{} served; schema: {migrated}",
            template.functions.len()
        ));
        for one in ill {
            warn(format!(
                "{one}; see {}",
                log_path(&self.dir, "functions").display()
            ));
        }
        Ok(())
    }

    /// Waits until the part that was started last listens, or has ended.
    async fn wait_for(&mut self, port: u16) -> Result<(), Failure> {
        for _ in 0..600 {
            self.check()?;
            if ports::is_listening(port) {
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

fn endpoint(ports: Ports) -> String {
    format!("http://127.0.0.1:{}", ports.sqs)
}

fn status(plan: &Plan, secrets: &Secrets, database_url: String) -> Status {
    let http_url = format!("http://127.0.0.1:{}", plan.ports.http);
    Status {
        simulator_url: format!("http://127.0.0.1:{}", plan.ports.simulator),
        database_url,
        sqs_endpoint: endpoint(plan.ports),
        api_key: secrets.api_key.clone(),
        webhook: Webhook {
            url: format!("{http_url}{WEBHOOK_PATH}"),
            standard_webhooks_secret: secrets.webhook.clone(),
        },
        http_url,
    }
}
