//! The machine and the versions behind the figures: without them, figures mean nothing.

use std::fs;
use std::process::Command;

use jiff::Timestamp;
use shared::testing;

use crate::bench::{Outcome, Size};
use crate::peer;

/// Facts about this machine: a name and a value each.
pub(crate) struct Machine(Vec<(&'static str, String)>);

impl Machine {
    /// Looks around.
    pub(crate) fn read() -> Outcome<Self> {
        let cores = std::thread::available_parallelism()?;
        let memory = field("/proc/meminfo", "MemTotal").unwrap_or_default();
        let kilobytes: u64 = memory.trim_end_matches(" kB").parse().unwrap_or_default();
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        Ok(Self(vec![
            ("cores", cores.to_string()),
            ("memory", format!("{} GiB", kilobytes.div_ceil(1_048_576))),
            ("kernel", kernel.trim().to_owned()),
            ("rustc", rustc_version()?),
            ("python", peer::python()?.version),
            ("boto3", peer::pinned("boto3")?),
            ("awslambdaric", peer::pinned("awslambdaric")?),
            ("psycopg", peer::pinned("psycopg")?),
            ("langchain-postgres", peer::pinned("langchain-postgres")?),
            ("pydantic", peer::pinned("pydantic")?),
        ]))
    }

    /// A table in Markdown.
    pub(crate) fn table(&self) -> String {
        let lines = self.0.iter();
        let lines = lines.map(|(name, value)| format!("| {name} | {value} |\n"));
        format!("| | |\n|---|---|\n{}", lines.collect::<String>())
    }
}

/// When, on which processor, how long, how busy the machine was before, and how to run it again.
pub(crate) fn run_facts(bench: &str, size: Size) -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    let day = Timestamp::now().strftime("%Y-%m-%d");
    let again = format!("cargo local bench {bench}{}", size.flag());
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_default();
    format!("`{again}`, run on {day} on {processor}, from a load average of {load}.")
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn rustc_version() -> Outcome<String> {
    let rustc = testing::setting("RUSTC").unwrap_or_else(|| "rustc".to_owned());
    let output = Command::new(rustc).arg("--version").output()?;
    let text = String::from_utf8(output.stdout)?;
    Ok(text.split(' ').nth(1).unwrap_or_default().to_owned())
}
