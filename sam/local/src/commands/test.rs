//! `cargo local test`: every test of the workspace, against a stack of its own.

use std::path::Path;
use std::process::{ExitCode, Stdio};

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use super::Interrupt;
use super::tally::Tally;
use crate::cli::Test;
use crate::console::{Ink, paint};
use crate::failure::{Failure, OrFail as _};
use crate::stack::ports::Ports;
use crate::stack::process::Group;
use crate::stack::wheels::{Kit, Wheels};
use crate::stack::{Plan, Stack, claim, clear_leftovers, functions, model, postgres};
use crate::workspace::{TEST, Workspace};

/// What a run came to.
struct Outcome {
    tally: Tally,
    is_success: bool,
}

pub(super) async fn run(workspace: &Workspace, flags: &Test) -> Result<ExitCode, Failure> {
    let mut interrupt = Interrupt::listen()?;
    let dir = workspace.stack(TEST);
    let busy = || Failure::new("another `cargo local test` is running", "wait for it");
    let _lock = claim(workspace, TEST)?.ok_or_else(busy)?;
    clear_leftovers(&dir).await;
    postgres::forget(workspace, TEST)?;
    let (stack, clients) = tokio::select! {
        started = start(workspace, flags) => started?,
        () = interrupt.wait() => {
            clear_leftovers(&dir).await;
            return Err(interrupted());
        }
    };
    let skips = dir.join("skipped.txt");
    let outcome = match cargo_test(workspace, flags, &stack, &clients, &skips) {
        Ok(command) => tokio::select! {
            outcome = stream(command) => outcome,
            () = interrupt.wait() => Err(interrupted()),
        },
        Err(failure) => Err(failure),
    };
    stack.stop().await;
    let _ = postgres::forget(workspace, TEST);
    Ok(conclude(outcome?, &skips, flags.no_skips))
}

fn interrupted() -> Failure {
    let what = "interrupted; the stack of the tests is stopped";
    Failure::new(what, "run it again when you like")
}

/// The stack, and what only tests use.
async fn start(workspace: &Workspace, flags: &Test) -> Result<(Stack, Wheels), Failure> {
    let tools = Wheels::install(workspace, Kit::Tools).await?;
    let clients = Wheels::install(workspace, Kit::Tests).await?;
    model::prepare(workspace).await?;
    build(workspace, flags).await?;
    let plan = Plan {
        name: TEST,
        ports: Ports::free()?,
        concurrency: 4,
        articles: 12,
        is_pooled: flags.pooler,
    };
    let stack = Stack::start(workspace, &plan, &tools).await?;
    Ok((stack, clients))
}

/// Builds binaries and tests first, so that cargo shows its progress, and the functions start at once.
async fn build(workspace: &Workspace, flags: &Test) -> Result<(), Failure> {
    let mut command = workspace.cargo();
    command
        .args(["test", "--workspace", "--no-run"])
        .args(own_args(&flags.args));
    let advice = "mend what the compiler says";
    let mut command = Command::from(command);
    let status = command
        .kill_on_drop(true)
        .status()
        .await
        .or_fail("cannot run cargo", advice)?;
    if !status.success() {
        return Err(Failure::new("the tests do not build", advice));
    }
    functions::build(workspace).await
}

/// The arguments for cargo itself, without those for the tests.
fn own_args(args: &[String]) -> impl Iterator<Item = &String> {
    args.iter().take_while(|arg| *arg != "--")
}

/// The tests, told where everything is.
fn cargo_test(
    workspace: &Workspace,
    flags: &Test,
    stack: &Stack,
    clients: &Wheels,
    skips: &Path,
) -> Result<std::process::Command, Failure> {
    let advice = "check that target/ is writable";
    let status = stack
        .status()
        .ok_or_else(|| Failure::new("the stack has no status", "report this"))?;
    let status_file = skips.with_file_name("status.json");
    let text = serde_json::to_vec_pretty(status).or_fail("cannot write the status", advice)?;
    std::fs::write(&status_file, text).or_fail("cannot write the status", advice)?;
    std::fs::write(skips, "").or_fail("cannot write the list of skipped tests", advice)?;
    let mut command = workspace.cargo();
    command.args(["test", "--workspace", "--no-fail-fast"]);
    command.args(&flags.args);
    command.env("MOTO_ENDPOINT", &status.sqs_endpoint);
    command.env("DATABASE_URL", &status.database_url);
    let pooler = stack.pooler().map(|address| address.to_string());
    command.envs(pooler.map(|address| ("DATABASE_POOLER", address)));
    command.env("SIMULATOR_URL", &status.simulator_url);
    command.env("STACK_STATUS", &status_file);
    command.env("PYTHON_WHEELS", clients.dir());
    command.env("LOCAL_MODEL_DIR", model::dir(workspace));
    command.env("SKIP_LOG", skips);
    // Most tests wait most of the time: for Postgres, for a process, for a clock.
    if std::env::var_os("RUST_TEST_THREADS").is_none() {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        command.env("RUST_TEST_THREADS", (2 * threads).to_string());
    }
    command.env("PROOF_SIZE", if flags.full { "full" } else { "ci" });
    command.envs(flags.settings.iter().map(|(name, value)| (name, value)));
    Ok(command)
}

/// Shows the output line by line, and sums it up.
async fn stream(command: std::process::Command) -> Result<Outcome, Failure> {
    let what = "cannot run cargo test";
    let mut command = Command::from(command);
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn();
    let mut child = child.or_fail(what, "`cargo local doctor` says what is missing")?;
    let group = Group::of(child.id());
    let mut tally = Tally::default();
    if let Some(output) = child.stdout.take() {
        let mut lines = BufReader::new(output).split(b'\n');
        while let Ok(Some(line)) = lines.next_segment().await {
            let line = String::from_utf8_lossy(&line);
            tally.add_line(&line);
            say!("{line}");
        }
    }
    let status = child.wait().await.or_fail(what, "run it again")?;
    group.release();
    Ok(Outcome {
        tally,
        is_success: status.success(),
    })
}

fn conclude(mut outcome: Outcome, skips: &Path, no_skips: bool) -> ExitCode {
    let skipped = std::fs::read_to_string(skips).unwrap_or_default();
    let (direct, skipped): (Vec<_>, Vec<_>) = skipped
        .lines()
        .filter(|line| !line.trim().is_empty())
        .partition(|line| line.starts_with("direct: "));
    for line in direct {
        let line = line.trim_start_matches("direct: ");
        say!("{} not through the pooler: {line}", paint(Ink::Yellow, "!"));
    }
    outcome.tally.skipped += skipped.len() as u64;
    // A test that skips itself also counts as passed for cargo.
    outcome.tally.passed = outcome.tally.passed.saturating_sub(skipped.len() as u64);
    for line in &skipped {
        let line = line.trim_start_matches("skipped: ");
        say!("{} skipped: {line}", paint(Ink::Yellow, "!"));
    }
    let skips_count = outcome.tally.skipped > 0 && no_skips;
    if skips_count {
        say!("Skipped tests count as failures here (--no-skips).");
    }
    say!("{}", outcome.tally);
    if outcome.is_success && !skips_count {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
