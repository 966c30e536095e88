//! Postgres with pgvector, out of a wheel, on data that survives.
//!
//! Postgres refuses to run as root. A superuser therefore runs it as `nobody`, on a copy under `/var/tmp`, because another user
//! may not be let into the checkout; everybody else runs it as themselves, out of `target/local`.

mod place;
mod pooler;

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Signal, geteuid};
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;

use super::process::{Identity, end};
use super::service::{Service, log_path};
use super::wheels::Wheels;
use crate::failure::{Failure, OrFail as _};
use crate::workspace::Workspace;

pub use place::{NOT_OURS, forget, home, make_home};

/// The user and the group `nobody`.
const NOBODY: u32 = 65534;
const USER: &str = "cxone";
const DATABASE: &str = "cxone_memory";
/// So long it may take to start, and so long to repair itself before: it looks at every file.
const START: Duration = Duration::from_secs(30);
const REPAIR: Duration = Duration::from_mins(10);
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
    settings: Vec<&'static str>,
}

impl Postgres {
    /// Puts the binaries and an initialised data directory into place.
    pub fn prepare(
        workspace: &Workspace,
        stack: &str,
        wheels: &Wheels,
        port: u16,
    ) -> Result<Self, Failure> {
        let home = make_home(workspace, stack)?;
        let as_nobody = geteuid().is_root();
        let source = if as_nobody {
            place::copy(wheels, &home)?
        } else {
            wheels.dir().to_owned()
        };
        let postgres = Self {
            bin: source.join(wheels.postgres()[0]).join("bin"),
            stack: workspace.stack(stack),
            password: place::password(&home)?,
            home,
            port,
            as_nobody,
            settings: vec![
                "listen_addresses=127.0.0.1",
                "unix_socket_directories=",
                "fsync=on",
                "max_connections=200",
                // After a crash, which tests bring about, it need not sync every file of every database of every test by itself.
                "recovery_init_sync_method=syncfs",
            ],
        };
        if !postgres.data().join("PG_VERSION").is_file() {
            postgres.initialise()?;
        }
        Ok(postgres)
    }

    /// With another setting than the server's own default.
    #[must_use]
    pub fn set(mut self, setting: &'static str) -> Self {
        self.settings.push(setting);
        self
    }

    /// Starts it and waits until it answers and the database is there.
    pub async fn start(&self) -> Result<Service, Failure> {
        self.clear_leftover().await?;
        let mut command = self.command("postgres");
        command
            .arg("-D")
            .arg(self.data())
            .args(["-p", &self.port.to_string()]);
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        let mut service = Service::start("postgres", command, &self.stack, Signal::INT)?;
        match self.wait_for(&mut service).await {
            Ok(()) => Ok(service),
            Err(failure) => {
                service.stop(Duration::from_secs(5)).await;
                Err(failure)
            }
        }
    }

    /// One that was cut off repairs itself first, and says so meanwhile.
    async fn wait_for(&self, service: &mut Service) -> Result<(), Failure> {
        let begun = Instant::now();
        let mut repaired = begun;
        while begun.elapsed() < REPAIR && repaired.elapsed() < START {
            service.check()?;
            match self.make_database().await {
                Ok(answer) => return answer,
                Err(error) if error.code() == Some(&SqlState::CANNOT_CONNECT_NOW) => {
                    repaired = Instant::now();
                }
                Err(_) => {}
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let waited = begun.elapsed().as_secs();
        Err(service.failure(&format!("did not answer within {waited} s")))
    }

    /// The database, as its owner, who may create others.
    pub fn url(&self) -> String {
        self.url_at(self.port)
    }

    /// The same through another port of this machine.
    pub(super) fn url_at(&self, port: u16) -> String {
        self.url_of(DATABASE, port)
    }

    fn url_of(&self, database: &str, port: u16) -> String {
        format!(
            "postgres://{USER}:{}@127.0.0.1:{port}/{database}",
            self.password
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
        let what = "cannot initialise the database";
        let unfinished = self.home.join("data.new");
        let _ = std::fs::remove_dir_all(&unfinished);
        let words = self.home.join("initdb-password");
        place::write_private(&words, &self.password)?;
        if self.as_nobody {
            chown(&words, Some(NOBODY), Some(NOBODY)).or_fail(what, ADVICE)?;
        }
        let mut command = self.command("initdb");
        command
            .arg("-D")
            .arg(&unfinished)
            .arg("--pwfile")
            .arg(&words);
        command.args([
            "-U",
            USER,
            "-A",
            "scram-sha-256",
            "-E",
            "UTF8",
            "--locale=C",
        ]);
        command.args(["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]);
        let output = command.output().or_fail(what, ADVICE)?;
        let _ = std::fs::remove_file(&words);
        let log = log_path(&self.stack, "initdb");
        let _ = std::fs::write(&log, [&output.stdout[..], &output.stderr[..]].concat());
        if output.status.success() {
            return std::fs::rename(&unfinished, self.data()).or_fail(what, ADVICE);
        }
        let errors = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        let advice = format!("read {}", log.display());
        Err(Failure::new(format!("{what}: {errors}"), advice))
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
        let (client, connection) =
            tokio_postgres::connect(&self.url_of("postgres", self.port), NoTls).await?;
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
