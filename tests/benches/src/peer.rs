//! The peers' Python: which interpreter, which pinned packages, installed once under `target/bench/wheels`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use crate::bench::Outcome;
use crate::stage;

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
