//! `cargo local doctor`: what is missing, and what to do about it.

mod tenant;

use std::path::Path;
use std::process::{Command, ExitCode};

use shared::config::Env;

use crate::console::{Ink, paint};
use crate::failure::Failure;
use crate::stack::ports::{Ports, is_free};
use crate::stack::state::State;
use crate::stack::wheels::{Kit, Wheels, python_version};
use crate::template::Template;
use crate::workspace::{DEVELOPMENT, Workspace};

/// Below this, an installation or a build fails half-way.
const LEAST_DISK: u64 = 10 << 30;

/// What a check came to: what was found, and for a warning or a failure what to change.
enum Finding {
    Ok(String),
    Warn(String, String),
    Fail(String, String),
}

use Finding::{Fail, Ok as Fine, Warn};

pub(super) async fn run(
    workspace: &Workspace,
    port_base: Option<u16>,
) -> Result<ExitCode, Failure> {
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
    let tenant = tenant::check(&Env::from_process()).await;
    let tenant = tenant.into_iter().map(|finding| ("CXone", finding));
    let is_well = findings.into_iter().chain(tenant).fold(true, tell);
    Ok(if is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Prints a finding; says whether all is well still.
fn tell(is_well: bool, (what, finding): (&str, Finding)) -> bool {
    let (mark, text, advice, is_fine) = match finding {
        Fine(text) => (paint(Ink::Green, "ok  "), text, None, true),
        Warn(text, advice) => (paint(Ink::Yellow, "warn"), text, Some(advice), true),
        Fail(text, advice) => (paint(Ink::Red, "fail"), text, Some(advice), false),
    };
    say!("{mark}  {what:<10}  {text}");
    if let Some(advice) = advice {
        say!("                  {advice}");
    }
    is_well && is_fine
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
        Some(version) if version.contains(&wanted) => Fine(version),
        Some(version) => Warn(
            format!("{version}, but this workspace is held to {wanted}"),
            advice,
        ),
        None => Fail("no rustc".to_owned(), advice),
    }
}

fn compiler() -> Finding {
    let advice = "Debian: apt install build-essential; macOS: xcode-select --install";
    match first_line("cc", &["--version"], Path::new("/")) {
        Some(version) => Fine(version),
        None => Fail("no cc".to_owned(), advice.to_owned()),
    }
}

fn python() -> Finding {
    match python_version() {
        Ok(version) => Fine(version),
        Err(failure) => Fail(failure.to_string(), failure.advice().to_owned()),
    }
}

fn pip() -> Finding {
    let advice = "Debian: apt install python3-pip; elsewhere: python3 -m ensurepip";
    match first_line("python3", &["-m", "pip", "--version"], Path::new("/")) {
        Some(version) => Fine(
            version
                .split(" from ")
                .next()
                .unwrap_or_default()
                .to_owned(),
        ),
        None => Fail("python3 has no pip".to_owned(), advice.to_owned()),
    }
}

fn disk(root: &Path) -> Finding {
    let Ok(found) = rustix::fs::statvfs(root) else {
        return Warn("unknown".to_owned(), "check it yourself".to_owned());
    };
    let free = found.f_bavail * found.f_frsize;
    let text = format!("{} GB free", free >> 30);
    if free < LEAST_DISK {
        Warn(
            text,
            "a build and the tools want 10 GB; free some".to_owned(),
        )
    } else {
        Fine(text)
    }
}

fn tools(workspace: &Workspace) -> Finding {
    match Wheels::are_installed(workspace, Kit::Tools) {
        Ok(true) => Fine("installed under target/local".to_owned()),
        Ok(false) => Warn(
            "not installed yet".to_owned(),
            "`cargo local up` installs them".to_owned(),
        ),
        Err(failure) => Fail(failure.to_string(), failure.advice().to_owned()),
    }
}

fn template(path: &Path) -> Finding {
    match Template::load(path) {
        Ok(template) => Fine(format!(
            "{} functions, {} queues",
            template.functions.len(),
            template.queues.len()
        )),
        Err(failure) => Fail(
            format!("{failure}: {}", failure.causes().join(": ")),
            failure.advice().to_owned(),
        ),
    }
}

fn free_ports(workspace: &Workspace, ports: Ports) -> Finding {
    let own = State::load(&workspace.stack(DEVELOPMENT)).is_some_and(|state| state.ports == ports);
    let numbers = ports.named().map(|(port, _)| port.to_string()).join(", ");
    if own {
        return Fine(format!("{numbers}: held by our own stack"));
    }
    let busy: Vec<_> = ports
        .named()
        .into_iter()
        .filter(|(port, _)| !is_free(*port))
        .collect();
    if busy.is_empty() {
        return Fine(format!("{numbers} are free"));
    }
    let busy: Vec<_> = busy
        .iter()
        .map(|(port, part)| format!("{port} ({part})"))
        .collect();
    let advice = "stop who holds them, or use other ports: cargo local up --port-base 42000";
    Fail(format!("busy: {}", busy.join(", ")), advice.to_owned())
}

fn stack(workspace: &Workspace) -> Finding {
    let dir = workspace.stack(DEVELOPMENT);
    match State::load(&dir) {
        None => Fine("not running".to_owned()),
        Some(state) if state.owner.is_alive() => Fine(format!("running (pid {})", state.owner.pid)),
        Some(_) => Warn(
            "was killed".to_owned(),
            "`cargo local down` clears up; so does the next `up`".to_owned(),
        ),
    }
}
