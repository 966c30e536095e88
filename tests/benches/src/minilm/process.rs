//! One contender in a process of its own, which says how long each pass over the texts took.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;
use std::{fs, mem};

use crate::bench::Outcome;

/// A running contender.
pub(crate) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// How long it took to load the model.
    pub(crate) load: Duration,
    /// How long each pass took.
    pub(crate) times: Vec<Duration>,
    /// The most memory that it held, known at the end.
    pub(crate) memory: String,
}

impl Process {
    /// Starts it with the file of the texts and the number of threads, and waits until the model is loaded.
    pub(crate) fn start(mut command: Command, texts: &Path, threads: usize) -> Outcome<Self> {
        command.arg(texts).arg(threads.to_string());
        command.env("RAYON_NUM_THREADS", threads.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let output = child.stdout.take().ok_or("a contender has no output")?;
        let mut process = Self {
            input: child.stdin.take(),
            output: BufReader::new(output),
            child,
            load: Duration::ZERO,
            times: Vec::new(),
            memory: String::new(),
        };
        process.load = process.time()?;
        Ok(process)
    }

    /// One pass over all texts.
    pub(crate) fn pass(&mut self) -> Outcome<Duration> {
        let input = self.input.as_mut().ok_or("the contender has ended")?;
        writeln!(input)?;
        input.flush()?;
        self.time()
    }

    /// The vectors of the last pass; ends the process.
    pub(crate) fn vectors(&mut self) -> Outcome<Vec<Vec<f64>>> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        self.memory = peak(&status.unwrap_or_default());
        drop(self.input.take());
        let vectors = serde_json::from_str(&self.line()?)?;
        self.child.wait()?;
        Ok(vectors)
    }

    fn time(&mut self) -> Outcome<Duration> {
        Ok(Duration::from_nanos(self.line()?.trim().parse()?))
    }

    fn line(&mut self) -> Outcome<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        if line.is_empty() {
            return Err("a contender ended too early; it says why above".into());
        }
        Ok(mem::take(&mut line))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended by itself, unless something went wrong.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn peak(status: &str) -> String {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.map_or_else(
        || "unknown".to_owned(),
        |size| format!("{} MB", size / 1_000),
    )
}
