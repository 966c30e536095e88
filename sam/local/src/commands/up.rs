//! `cargo local up`: everything, in the foreground.

use std::process::ExitCode;
use std::time::Duration;

use jiff::Timestamp;

use super::Interrupt;
use super::console;
use super::sample::conversation;
use super::status::show;
use super::tail::Tail;
use crate::cli::Up;
use crate::console::{Step, warn};
use crate::failure::Failure;
use crate::stack::ports::Ports;
use crate::stack::secrets::BEARER;
use crate::stack::service::log_path;
use crate::stack::state::{Lock, State, Status};
use crate::stack::wheels::{Kit, Wheels};
use crate::stack::{Plan, Stack, claim, clear_leftovers, functions, model};
use crate::workspace::{DEVELOPMENT, Workspace};

pub(super) async fn run(workspace: &Workspace, flags: &Up) -> Result<ExitCode, Failure> {
    let mut interrupt = Interrupt::listen()?;
    let Some((stack, _lock)) = start(workspace, flags, &mut interrupt).await? else {
        return already_running(workspace);
    };
    if let Some(status) = stack.status() {
        show(status);
        console::show(workspace, status);
        say!("\nTry it:\n\n{}\n", curl(status, Timestamp::now()));
    }
    say!("Logs follow; Ctrl-C stops everything.\n");
    follow(workspace, stack, &mut interrupt).await
}

/// Builds and starts the development stack; `None` when it runs already. An interrupt on the way stops what was started.
pub(super) async fn start(
    workspace: &Workspace,
    flags: &Up,
    interrupt: &mut Interrupt,
) -> Result<Option<(Stack, Lock)>, Failure> {
    let Some(lock) = claim(workspace, DEVELOPMENT)? else {
        return Ok(None);
    };
    let dir = workspace.stack(DEVELOPMENT);
    let leftovers = clear_leftovers(&dir).await;
    if leftovers > 0 {
        warn(format!(
            "ended {leftovers} processes of a stack that was killed"
        ));
    }
    let ports = Ports::choose(flags.port_base)?;
    ports.check()?;
    // Said now, because installing and building take long enough for somebody to want to stop it.
    State::begin(&dir, ports)?;
    let plan = Plan {
        name: DEVELOPMENT,
        ports,
        concurrency: flags.concurrency,
        // A model on this processor takes its time; more can be had from the simulator.
        articles: 24,
        is_pooled: false,
    };
    let work = async {
        let wheels = Wheels::install(workspace, Kit::Tools).await?;
        model::prepare(workspace).await?;
        functions::build(workspace).await?;
        Stack::start(workspace, &plan, &wheels).await
    };
    tokio::select! {
        stack = work => match stack {
            Ok(stack) => Ok(Some((stack, lock))),
            Err(failure) => {
                clear_leftovers(&dir).await;
                Err(failure)
            }
        },
        () = interrupt.wait() => {
            clear_leftovers(&dir).await;
            Err(Failure::new("interrupted before everything was up; what had started is stopped", "start again when you like"))
        }
    }
}

fn already_running(workspace: &Workspace) -> Result<ExitCode, Failure> {
    let Some(status) =
        State::of_running(&workspace.stack(DEVELOPMENT)).and_then(|state| state.status)
    else {
        let advice = "wait for it, or stop it with `cargo local down`";
        return Err(Failure::new(
            "another `cargo local up` is just starting or stopping",
            advice,
        ));
    };
    say!("It is already running.");
    show(&status);
    console::show(workspace, &status);
    say!("\nTry it:\n\n{}\n", curl(&status, Timestamp::now()));
    Ok(ExitCode::SUCCESS)
}

/// Shows the logs until somebody stops the stack, or a part of it ends by itself.
async fn follow(
    workspace: &Workspace,
    mut stack: Stack,
    interrupt: &mut Interrupt,
) -> Result<ExitCode, Failure> {
    let dir = workspace.stack(DEVELOPMENT);
    let mut tails = [
        Tail::from_end(log_path(&dir, "functions")),
        Tail::from_start(log_path(&dir, "events")),
    ];
    let outcome = loop {
        tokio::select! {
            () = interrupt.wait() => break Ok(ExitCode::SUCCESS),
            () = tokio::time::sleep(Duration::from_millis(300)) => {
                tails.iter_mut().for_each(Tail::show);
                if let Err(failure) = stack.check() {
                    break Err(failure);
                }
            }
        }
    };
    say!();
    let step = Step::begin("Stopping");
    stack.stop().await;
    step.done(
        "nothing is left running; the database and the keys stay, messages in queues are gone",
    );
    outcome
}

/// One line that a person can paste. The timestamp makes each a new event.
pub(super) fn curl(status: &Status, now: Timestamp) -> String {
    let body = sample(now);
    let url = &status.webhook.url;
    format!(
        "curl -sS -i {url} -H 'authorization: Bearer {BEARER}' -H 'content-type: application/json' -d '{body}'"
    )
}

/// A small conversation, as CXone Data Actions send it.
fn sample(now: Timestamp) -> serde_json::Value {
    conversation(
        now,
        "try-it",
        "The parcel has not come",
        "I will look for it at once.",
        "My parcel has not come.",
    )
}
