//! This machine: what is missing to build and run everything, and what to do about it.

use std::path::Path;
use std::process::Command;

use shared::config::Env;

use super::finding::{Finding, Line, about, fail, fine, warn};
use super::tenant;
use crate::failure::Failure;
use crate::stack::ports::{Ports, is_free};
use crate::stack::state::State;
use crate::stack::wheels::{Kit, Wheels, python_version};
use crate::template::Template;
use crate::workspace::{DEVELOPMENT, Workspace};

/// Below this, an installation or a build fails half-way.
const LEAST_DISK: u64 = 10 << 30;

/// Looks at everything; also at a tenant of `CXone`, if the environment names one.
pub(super) async fn examine(
    workspace: &Workspace,
    port_base: Option<u16>,
) -> Result<Vec<Line>, Failure> {
    let ports = Ports::choose(port_base)?;
    let findings = [
        ("Rust", rust(workspace)),
        ("C compiler", compiler()),
        ("Python", python()),
        ("pip", pip()),
        ("disk", disk(workspace.root())),
        ("tools", tools(workspace)),
        ("template", template(&workspace.template())),
        ("ports", free_ports(workspace, ports)),
        ("stack", stack(workspace)),
    ];
    let lines = findings.map(|(what, finding)| about(what, vec![finding]));
    let tenant = tenant::check(&Env::from_process()).await;
    Ok([lines.concat(), about("CXone", tenant)].concat())
}

/// The first line that a program prints.
fn first_line(program: &str, args: &[&str], dir: &Path) -> Option<String> {
    let output = Command::new(program)
        .args(args)
        .current_dir(dir)
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let text = if output.stdout.is_empty() {
        output.stderr
    } else {
        output.stdout
    };
    String::from_utf8_lossy(&text)
        .lines()
        .next()
        .map(str::to_owned)
}

fn rust(workspace: &Workspace) -> Finding {
    let wanted =
        std::fs::read_to_string(workspace.root().join("rust-toolchain.toml")).unwrap_or_default();
    let wanted = wanted.split('"').nth(1).unwrap_or_default().to_owned();
    let advice = format!("install it: https://rustup.rs, then `rustup toolchain install {wanted}`");
    match first_line("rustc", &["--version"], workspace.root()) {
        Some(version) if version.contains(&wanted) => fine(version),
        Some(version) => warn(
            format!("{version}, but this workspace is held to {wanted}"),
            advice,
        ),
        None => fail("no rustc".to_owned(), advice),
    }
}

fn compiler() -> Finding {
    let advice = "Debian: apt install build-essential; macOS: xcode-select --install";
    match first_line("cc", &["--version"], Path::new("/")) {
        Some(version) => fine(version),
        None => fail("no cc".to_owned(), advice.to_owned()),
    }
}

fn python() -> Finding {
    match python_version() {
        Ok(version) => fine(version),
        Err(failure) => fail(failure.to_string(), failure.advice().to_owned()),
    }
}

fn pip() -> Finding {
    let advice = "Debian: apt install python3-pip; elsewhere: python3 -m ensurepip";
    match first_line("python3", &["-m", "pip", "--version"], Path::new("/")) {
        Some(version) => fine(
            version
                .split(" from ")
                .next()
                .unwrap_or_default()
                .to_owned(),
        ),
        None => fail("python3 has no pip".to_owned(), advice.to_owned()),
    }
}

fn disk(root: &Path) -> Finding {
    let Ok(found) = rustix::fs::statvfs(root) else {
        return warn("unknown".to_owned(), "check it yourself".to_owned());
    };
    let free = found.f_bavail * found.f_frsize;
    let text = format!("{} GB free", free >> 30);
    if free < LEAST_DISK {
        warn(
            text,
            "a build and the tools want 10 GB; free some".to_owned(),
        )
    } else {
        fine(text)
    }
}

fn tools(workspace: &Workspace) -> Finding {
    match Wheels::are_installed(workspace, Kit::Tools) {
        Ok(true) => fine("installed under target/local".to_owned()),
        Ok(false) => warn(
            "not installed yet".to_owned(),
            "`cargo local up` installs them".to_owned(),
        ),
        Err(failure) => fail(failure.to_string(), failure.advice().to_owned()),
    }
}

fn template(path: &Path) -> Finding {
    match Template::load(path) {
        Ok(template) => fine(format!(
            "{} functions, {} queues",
            template.functions.len(),
            template.queues.len()
        )),
        Err(failure) => fail(
            format!("{failure}: {}", failure.causes().join(": ")),
            failure.advice().to_owned(),
        ),
    }
}

fn free_ports(workspace: &Workspace, ports: Ports) -> Finding {
    let own = State::load(&workspace.stack(DEVELOPMENT)).is_some_and(|state| state.ports == ports);
    let numbers = ports.named().map(|(port, _)| port.to_string()).join(", ");
    if own {
        return fine(format!("{numbers}: held by our own stack"));
    }
    let busy: Vec<_> = ports
        .named()
        .into_iter()
        .filter(|(port, _)| !is_free(*port))
        .collect();
    if busy.is_empty() {
        return fine(format!("{numbers} are free"));
    }
    let busy: Vec<_> = busy
        .iter()
        .map(|(port, part)| format!("{port} ({part})"))
        .collect();
    let advice = "stop who holds them, or use other ports: cargo local up --port-base 22000";
    fail(format!("busy: {}", busy.join(", ")), advice.to_owned())
}

fn stack(workspace: &Workspace) -> Finding {
    let dir = workspace.stack(DEVELOPMENT);
    match State::load(&dir) {
        None => fine("not running".to_owned()),
        Some(state) if state.owner.is_alive() => fine(format!("running (pid {})", state.owner.pid)),
        Some(_) => warn(
            "was killed".to_owned(),
            "`cargo local down` clears up; so does the next `up`".to_owned(),
        ),
    }
}
