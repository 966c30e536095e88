//! Processes of functions that die and come back, as Lambda's do; and the hand that kills, stops and continues them.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use end_to_end::{Function, binary};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde_json::Value;
use tokio::process::{Child, Command};

use crate::world::World;

/// What an invocation may take. Those that work on schedule begin nothing that may not end in time, so they have more.
fn time(function: &str) -> Duration {
    match function {
        "knowledge-sync" | "vector-keeper" => Duration::from_mins(1),
        "transcript-injector" => Duration::from_secs(20),
        _ => Duration::from_secs(10),
    }
}

/// Who runs, by the name of its slot. Each is held by a descriptor, which never means another process.
#[derive(Default)]
pub(crate) struct Running(Mutex<BTreeMap<String, OwnedFd>>);

impl Running {
    fn register(&self, slot: &str, id: Option<u32>) {
        let id = Pid::from_raw(i32::try_from(id.unwrap()).unwrap()).unwrap();
        let process = pidfd_open(id, PidfdFlags::empty()).unwrap();
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.insert(slot.to_owned(), process);
    }

    pub(crate) fn slots(&self) -> Vec<String> {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.keys().cloned().collect()
    }

    /// Whether it was there to be told.
    pub(crate) fn signal(&self, slot: &str, signal: Signal) -> bool {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        running
            .get(slot)
            .is_some_and(|process| pidfd_send_signal(process, signal).is_ok())
    }
}

/// An environment of a function: whoever invokes it finds a living one.
pub(crate) struct Environment {
    world: Arc<World>,
    function: &'static str,
    slot: String,
    /// Where it works, if not in the world's database.
    database: Option<String>,
    alive: Option<Function>,
}

impl Environment {
    pub(crate) fn new(world: &Arc<World>, function: &'static str, number: usize) -> Self {
        Self {
            world: Arc::clone(world),
            function,
            slot: format!("{function} {number}"),
            database: None,
            alive: None,
        }
    }

    /// One that works in another database.
    pub(crate) fn beside(world: &Arc<World>, function: &'static str, database: &str) -> Self {
        Self {
            database: Some(database.to_owned()),
            ..Self::new(world, function, 0)
        }
    }

    pub(crate) fn slot(&self) -> &str {
        &self.slot
    }

    /// What it answers to the event; nothing if it died over it, failed, or was late: then it is gone, as in Lambda.
    pub(crate) async fn invoke(&mut self, event: &Value) -> Option<Value> {
        if self.alive.is_none() {
            let log = self.world.log(&self.slot);
            let mut command = self.world.command(self.function);
            command.envs(self.database.iter().map(|url| ("DATABASE_URL", url)));
            let function = Function::spawn(command, &log).await;
            let function = function.unwrap();
            self.world.running.register(&self.slot, function.id());
            self.alive = Some(function);
        }
        let function = self.alive.as_mut()?;
        let answer = function
            .invoke_within(event.to_string(), time(self.function))
            .await;
        let Some(answer) = answer else {
            self.world.history.tell(&self.slot, "no answer");
            self.alive = None;
            return None;
        };
        let body = serde_json::from_slice(&answer.body).unwrap();
        if answer.is_ok {
            return Some(body);
        }
        self.world
            .history
            .tell(&self.slot, format!("error: {body}"));
        None
    }
}

/// A process that works by itself, until the world comes to rest; whenever it dies, there is another.
pub(crate) async fn live(world: Arc<World>, function: &'static str, number: usize) {
    let slot = format!("{function} {number}");
    while !world.is_at_rest() {
        let mut child = spawn(&world, function, &slot);
        tokio::select! {
            _ = child.wait() => world.history.tell(&slot, "no answer"),
            () = world.rest() => {}
        }
    }
}

fn spawn(world: &World, function: &str, slot: &str) -> Child {
    let mut command: Command = world.command(function);
    let log = world.log(slot);
    let errors = log.try_clone().unwrap();
    let child = command.stdout(log).stderr(errors).kill_on_drop(true);
    let child = child.spawn().unwrap();
    world.running.register(slot, child.id());
    child
}

/// Where this build's binary of that name is.
pub(crate) fn program(function: &str) -> Command {
    let mut command = Command::new(binary(function).unwrap());
    command.env_clear();
    command
}
