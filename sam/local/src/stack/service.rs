//! A part that runs as a process of its own, in its own process group, with its own log.

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;

use super::process::{Identity, MARK, end, marked, wait_for_end};
use crate::failure::{Failure, OrFail as _};

/// A running part.
pub struct Service {
    identity: Identity,
    mark: String,
    child: Child,
    stop: Signal,
    log: PathBuf,
}

impl Service {
    /// Starts it. `stack` is the stack's directory; `stop` is the signal that ends it in good order.
    pub fn start(
        name: &str,
        mut command: Command,
        stack: &Path,
        stop: Signal,
    ) -> Result<Self, Failure> {
        let log = log_path(stack, name);
        let advice = "check that target/local is writable and the disk is not full";
        let file = File::create(&log).or_fail(format!("cannot write {}", log.display()), advice)?;
        let errors = file.try_clone().or_fail("cannot write the log", advice)?;
        let mark = format!("{}#{name}", stack.display());
        command
            .env(MARK, &mark)
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(errors)
            .process_group(0);
        let program = command.get_program().to_owned();
        let child = command.spawn().or_fail(
            format!("cannot start {name} ({})", Path::new(&program).display()),
            "`cargo local doctor` says what is missing",
        )?;
        let pid = i32::try_from(child.id()).unwrap_or_default();
        let identity = Identity::of(name, pid).unwrap_or(Identity {
            name: name.to_owned(),
            pid,
            started: String::new(),
        });
        Ok(Self {
            identity,
            mark,
            child,
            stop,
            log,
        })
    }

    /// Which process it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Fails when it has ended by itself.
    pub fn check(&mut self) -> Result<(), Failure> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(self.failure(&format!("has ended by itself ({status})"))),
            Err(error) => Err(self.failure(&format!("cannot be watched: {error}"))),
        }
    }

    /// What went wrong with it, with the end of its log.
    pub fn failure(&self, what: &str) -> Failure {
        let log = std::fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<_> = log.lines().collect();
        let end = lines[lines.len().saturating_sub(12)..].join("\n    ");
        let advice = format!("read {}, mend the cause, start again", self.log.display());
        Failure::new(
            format!(
                "{} {what}; its log ends with:\n    {end}",
                self.identity.name
            ),
            advice,
        )
    }

    /// Stops it in good order, then by force; also what it started, whatever group that is in.
    pub async fn stop(mut self, patience: Duration) {
        self.identity.signal(self.stop);
        let own = [self.identity.clone()];
        let until = tokio::time::Instant::now() + patience;
        while matches!(self.child.try_wait(), Ok(None)) && tokio::time::Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        self.identity.signal_group(Signal::KILL);
        wait_for_end(&own, Duration::from_secs(2)).await;
        let _ = self.child.try_wait();
        end(&marked(&self.mark), Duration::from_secs(3)).await;
    }
}

/// Where a part writes its log.
pub fn log_path(stack: &Path, name: &str) -> PathBuf {
    stack.join("logs").join(format!("{name}.log"))
}
