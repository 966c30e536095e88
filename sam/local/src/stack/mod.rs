//! The parts of a stack, started in order and stopped in order.

pub mod aws;
pub mod functions;
pub mod made;
pub mod model;
mod parts;
pub mod ports;
pub mod postgres;
pub mod process;
pub mod secrets;
pub mod service;
pub mod state;
pub mod wheels;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use crate::event_sources::EventSources;
use crate::failure::{Failure, OrFail as _};
use crate::template::Template;
use crate::workspace::Workspace;
use parts::Materials;
use ports::Ports;
use process::{Identity, marked};
use secrets::Secrets;
use service::Service;
use state::{Lock, State, Status};
use wheels::Wheels;

/// What to start.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The stack's name.
    pub name: &'static str,
    /// Where its parts listen.
    pub ports: Ports,
    /// Instances of one function, at most.
    pub concurrency: u16,
    /// Articles that the simulated CXone begins with.
    pub articles: u32,
    /// Whether PgBouncer stands between the functions and Postgres.
    pub is_pooled: bool,
}

/// A stack that this process runs.
pub struct Stack {
    dir: PathBuf,
    services: Vec<Service>,
    sources: Option<EventSources>,
    pooler: Option<SocketAddr>,
    state: State,
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
    /// Starts every part under the lock that the caller holds for as long as the stack lives. The binaries must be built. What was started is stopped again when a later part fails.
    pub async fn start(
        workspace: &Workspace,
        plan: &Plan,
        wheels: &Wheels,
    ) -> Result<Self, Failure> {
        let dir = workspace.stack(plan.name);
        let state = State::begin(&dir, plan.ports)?;
        let mut stack = Self {
            dir,
            services: Vec::new(),
            sources: None,
            pooler: None,
            state,
        };
        match stack.start_all(workspace, plan, wheels).await {
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

    /// Where the pooler listens, if there is one.
    pub fn pooler(&self) -> Option<SocketAddr> {
        self.pooler
    }

    /// Stops everything, last first, and waits until it is gone.
    pub async fn stop(mut self) {
        self.sources = None;
        while let Some(service) = self.services.pop() {
            service.stop(Duration::from_secs(15)).await;
        }
        State::remove(&self.dir);
    }

    async fn start_all(
        &mut self,
        workspace: &Workspace,
        plan: &Plan,
        wheels: &Wheels,
    ) -> Result<(), Failure> {
        plan.ports.check()?;
        let materials = Materials {
            workspace,
            plan,
            wheels,
            template: Template::load(&workspace.template())?,
            secrets: Secrets::load_or_make(workspace, plan.name, Timestamp::now())?,
        };
        self.start_parts(&materials).await
    }

    fn keep(&mut self, service: Service) -> Result<(), Failure> {
        self.state.processes.push(service.identity().clone());
        self.services.push(service);
        self.state.save(&self.dir)
    }
}
