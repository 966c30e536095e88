//! One function process under the runtime API, held in the test's own hand.

use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use rustix::process::Signal;
use tokio::process::{Child, Command};

use crate::{AMPLE, Answer, RuntimeApi};

/// A running function environment; dropping it kills it.
pub struct Function {
    api: RuntimeApi,
    spawned_at: Instant,
    child: Child,
}

/// Where this build's binary of that name is: beside the test that asks.
pub fn binary(name: &str) -> std::io::Result<PathBuf> {
    let test = std::env::current_exe()?;
    let profile = test
        .ancestors()
        .find(|folder| folder.ends_with("debug") || folder.ends_with("release"));
    let folder =
        profile.ok_or_else(|| std::io::Error::other("the test does not lie in a target folder"))?;
    Ok(folder.join(name))
}

impl Function {
    /// Spawns `command` as a function environment. Its output goes to `log`.
    pub async fn spawn(mut command: Command, log: &std::fs::File) -> std::io::Result<Self> {
        let api = RuntimeApi::start().await?;
        command
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .envs([
                ("AWS_LAMBDA_FUNCTION_NAME", "it"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log.try_clone()?)
            .kill_on_drop(true);
        Ok(Self {
            api,
            spawned_at: Instant::now(),
            child: command.spawn()?,
        })
    }

    /// Hands it one event.
    pub async fn invoke(&self, event: impl Into<Bytes>) -> Option<Answer> {
        self.api.invoke(event, Duration::from_secs(10)).await
    }

    /// Hands it one event with this much time; `None` if it died over it, or was late.
    pub async fn invoke_within(
        &mut self,
        event: impl Into<Bytes>,
        time: Duration,
    ) -> Option<Answer> {
        tokio::select! {
            answer = self.api.invoke(event, time) => answer,
            _ = self.child.wait() => None,
        }
    }

    /// Hands it an event over which it ends itself, at a place that is made to fail.
    ///
    /// # Panics
    ///
    /// If it answers, or ends otherwise.
    pub async fn die_over(&mut self, place: &str, event: impl Into<Bytes>) {
        let answer = self.invoke_within(event, AMPLE).await;
        assert!(answer.is_none(), "{place}: it answers");
        let end = self.ended().await.ok().and_then(|end| end.signal());
        assert_eq!(end, Some(Signal::ABORT.as_raw()), "{place}");
    }

    /// Waits until it ends by itself.
    pub async fn ended(&mut self) -> std::io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// The moment before the process was spawned.
    pub fn spawned_at(&self) -> Instant {
        self.spawned_at
    }

    /// When it first asked for an event: it had started then.
    pub fn first_asked_at(&self) -> Option<Instant> {
        self.api.first_asked_at()
    }

    /// Kills it, and waits until nothing of it is left.
    pub async fn kill(mut self) -> std::io::Result<()> {
        self.child.kill().await
    }

    /// The process, to stop and continue it.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }
}
