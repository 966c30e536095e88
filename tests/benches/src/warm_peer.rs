//! A peer in Python, warm, which does its work as often as it is told to.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::bench::Outcome;
use crate::peer;

/// A process that waits for turns.
pub(crate) struct WarmPeer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl WarmPeer {
    /// Starts one of our scripts with the file of what it works on.
    pub(crate) fn start(script: &str, body: &Path) -> Outcome<Self> {
        let python = peer::python()?;
        let packages = peer::packages(&python)?;
        let mut child = Command::new(python.path)
            .arg(peer::handlers().join(script))
            .arg(body)
            .env_clear()
            .env("PYTHONPATH", packages)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (input, output) = pipes.ok_or("the peer has no pipes")?;
        Ok(Self {
            child,
            input,
            output: BufReader::new(output),
        })
    }

    /// How long the work takes so many times, by its own clock.
    pub(crate) fn time(&mut self, way: &str, count: u32) -> Outcome<Duration> {
        let answer = self.ask(&format!("{way} {count}"))?;
        Ok(Duration::from_nanos(answer.trim().parse()?))
    }

    /// What comes of the work.
    pub(crate) fn answer<T: DeserializeOwned>(&mut self) -> Outcome<T> {
        Ok(serde_json::from_str(&self.ask("")?)?)
    }

    fn ask(&mut self, what: &str) -> Outcome<String> {
        writeln!(self.input, "{what}")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        if line.is_empty() {
            return Err("the peer ended too early; it says why above".into());
        }
        Ok(line)
    }
}

impl Drop for WarmPeer {
    fn drop(&mut self) {
        // It ends by itself once nobody asks any more, unless something went wrong.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
