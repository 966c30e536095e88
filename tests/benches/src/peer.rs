//! The peers' Python: which interpreter, which pinned packages, installed once under `target/bench/wheels`; and how a peer is run.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, io};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::ChildStdout;

use crate::bench::Outcome;
use crate::{process, stage};

const REQUIREMENTS: &str = include_str!("../requirements.txt");

/// The interpreter itself, not a wrapper on the search path, which would cost the peer its own milliseconds.
pub(crate) struct Python {
    pub(crate) path: PathBuf,
    pub(crate) version: String,
}

/// The interpreter that `python3` means.
pub(crate) fn python() -> Outcome<Python> {
    let script = "import sys, platform; print(sys.executable); print(platform.python_version())";
    let output = Command::new("python3").args(["-c", script]).output();
    let output = output.map_err(|error| format!("the peers need python3: {error}"))?;
    let text = String::from_utf8(output.stdout)?;
    let (path, version) = text.trim().split_once('\n').ok_or("python3 says nothing")?;
    Ok(Python {
        path: path.into(),
        version: version.to_owned(),
    })
}

/// The version at which a package is pinned.
pub(crate) fn pinned(package: &str) -> Outcome<String> {
    let mut lines = REQUIREMENTS.lines();
    let found = lines.find_map(|line| line.strip_prefix(package)?.strip_prefix("=="));
    let version = found.and_then(|rest| rest.split(' ').next());
    Ok(version
        .ok_or_else(|| format!("{package} is not pinned"))?
        .to_owned())
}

/// The folder with our handlers for peers.
pub(crate) fn handlers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}

/// The folder with the packages, which it installs unless the same ones are there.
pub(crate) fn packages(python: &Python) -> Outcome<PathBuf> {
    let folder = stage::folder()?.join("wheels");
    let stamp = folder.join("installed.txt");
    let wanted = format!("python {}\n{REQUIREMENTS}", python.version);
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    eprintln!("installing the peers' packages under target/bench/wheels ...");
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("requirements.txt");
    let status = Command::new(&python.path)
        .args(["-m", "pip", "install", "--quiet"])
        .args(["--no-deps", "--require-hashes", "--requirement"])
        .arg(requirements)
        .arg("--target")
        .arg(&folder)
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
        .env("PIP_ROOT_USER_ACTION", "ignore")
        .status()?;
    if !status.success() {
        return Err("pip could not install the peers' packages; its output says why".into());
    }
    fs::write(stamp, wanted)?;
    Ok(folder)
}

/// What a peer's work took, from the signal to the word that everything is committed.
pub(crate) struct Spent {
    pub(crate) time: Duration,
    /// Of the processor, by its process.
    pub(crate) processor: Duration,
}

/// Runs a peer that says when it is ready, waits for a signal, and says when it is done. `log` is where it says what went wrong.
pub(crate) async fn run(mut command: tokio::process::Command, log: &str) -> Outcome<Spent> {
    let failed = || format!("the peer failed; see {log}");
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn()?;
    let id = child.id().ok_or_else(failed)?;
    let output = child.stdout.take().ok_or_else(failed)?;
    let mut input = child.stdin.take().ok_or_else(failed)?;
    let mut words = BufReader::new(output).lines();
    expect(&mut words, "ready").await.ok_or_else(failed)?;
    let (started, before) = (Instant::now(), process::processor_time(id)?);
    input.write_all(b"go\n").await?;
    expect(&mut words, "done").await.ok_or_else(failed)?;
    let time = started.elapsed();
    // Until it is waited for, the kernel still tells, even if it has ended.
    let processor = process::processor_time(id)?.saturating_sub(before);
    if child.wait().await?.success() {
        Ok(Spent { time, processor })
    } else {
        Err(failed().into())
    }
}

async fn expect(words: &mut Lines<BufReader<ChildStdout>>, wanted: &str) -> Option<()> {
    let word = words.next_line().await.ok().flatten()?;
    (word == wanted).then_some(())
}
