//! What each command does.

mod api;
mod bench;
mod chaos;
mod console;
mod demo;
mod deployed;
mod desk;
mod dlq;
mod doctor;
mod down;
mod erase;
mod eval;
mod import;
mod keys;
mod knowledge;
mod lambda;
mod map;
mod memory;
mod model;
mod openapi;
mod orders;
mod place;
mod play;
mod questions;
mod reembed;
mod sample;
mod sandbox;
mod search;
mod segments;
mod send;
mod sender;
mod signed;
mod status;
mod sync;
mod tail;
mod tally;
mod test;
mod up;
mod verify_audit;
mod webhook;

use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

use crate::cli::{Cli, Command};
use crate::failure::{Failure, OrFail as _};
use crate::workspace::Workspace;

/// Runs the command.
pub(crate) async fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let workspace = Workspace::find()?;
    match cli.command {
        Command::Up(flags) => up::run(&workspace, &flags).await,
        Command::Down => down::down(&workspace).await,
        Command::Reset => down::reset(&workspace).await,
        Command::Status { json } => status::run(&workspace, json),
        Command::Test(flags) => test::run(&workspace, &flags).await,
        Command::Chaos(flags) => chaos::run(&workspace, &flags).await,
        Command::Doctor(flags) => doctor::run(&workspace, &flags).await,
        Command::Demo(flags) => demo::run(&workspace, &flags).await,
        Command::Play(flags) => play::run(&workspace, &flags).await,
        Command::Search(flags) => search::run(&workspace, &flags).await,
        Command::Map(flags) => map::run(&workspace, &flags).await,
        Command::Send(flags) => send::run(&workspace, &flags).await,
        Command::Erase(flags) => erase::run(&workspace, &flags).await,
        Command::Reembed(flags) => reembed::run(&workspace, &flags).await,
        Command::Replay(flags) => reembed::replay(&workspace, &flags).await,
        Command::Sync(flags) => sync::run(&workspace, &flags).await,
        Command::Knowledge { run, json } => knowledge::run(&workspace, run, json).await,
        Command::Segments { json } => segments::run(&workspace, json).await,
        Command::VerifyAudit(flags) => verify_audit::run(&workspace, flags).await,
        Command::Dlq(task) => dlq::run(&workspace, task).await,
        Command::Console(flags) => console::run(&workspace, flags).await,
        Command::Keys(keys) => keys::run(&workspace, keys).await,
        Command::Import(flags) => import::run(&workspace, &flags).await,
        Command::Inject(flags) => import::inject(&workspace, &flags).await,
        Command::Sandbox { command } => sandbox::run(&workspace, &command).await,
        Command::Model { out } => model::run(&workspace, out).await,
        Command::Eval(flags) => eval::run(&workspace, &flags).await,
        Command::Openapi => openapi::run(&workspace).await,
        Command::Bench(flags) => bench::run(&workspace, &flags).await,
    }
}

/// Prints what machines read.
fn print(what: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(what);
    let advice = "report this; it should not happen";
    say!("{}", text.or_fail("cannot write what was found", advice)?);
    Ok(())
}

/// The person, or the system, wants this to end. Made before anything is started, so that no signal is missed.
struct Interrupt {
    signals: [tokio::signal::unix::Signal; 3],
}

impl Interrupt {
    fn listen() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind).or_fail(
                "cannot listen for signals",
                "report this; it should not happen",
            )
        };
        Ok(Self {
            signals: [
                listen(SignalKind::interrupt())?,
                listen(SignalKind::terminate())?,
                listen(SignalKind::hangup())?,
            ],
        })
    }

    async fn wait(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}
