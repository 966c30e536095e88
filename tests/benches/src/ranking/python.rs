//! The peer, warm, which does a number of rankings when it is told to.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use shared::ranking::Ranking;

use crate::bench::Outcome;
use crate::peer;

/// A process that waits for turns.
pub(super) struct Python {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Python {
    /// Starts it with the file of the body.
    pub(super) fn start(body: &Path) -> Outcome<Self> {
        let python = peer::python()?;
        let packages = peer::packages(&python)?;
        let mut child = Command::new(python.path)
            .arg(peer::handlers().join("ranking_way.py"))
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

    /// How long so many rankings take, by its own clock.
    pub(super) fn time(&mut self, way: &str, count: u32) -> Outcome<Duration> {
        let answer = self.ask(&format!("{way} {count}"))?;
        Ok(Duration::from_nanos(answer.trim().parse()?))
    }

    /// What it would send.
    pub(super) fn payload(&mut self) -> Outcome<Ranking> {
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

impl Drop for Python {
    fn drop(&mut self) {
        // It ends by itself once nobody asks any more, unless something went wrong.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
