//! Every benchmark beside its peer: `cargo local bench [NAME...] [--quick | --medium | --full]`.
//!
//! A bench is one file here and one line in [`BENCHES`]. It measures our code and a real package that does the same job, in
//! interleaved rounds of one run, and next to both the physical limit: the same bytes without the work. It prints a table and
//! writes its section of BENCHMARKS.md. A missed goal is printed as missed; only a wrong answer makes the run fail.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a bench speaks to the person who runs it"
)]

mod assist;
mod bare_function;
mod bench;
mod cold_start;
mod conversations;
mod document;
mod figure;
mod knowledge;
mod load;
mod machine;
mod minilm;
mod overload;
mod peer;
mod peers;
mod prepared;
mod process;
mod provider;
mod ranking;
mod report;
mod requests;
mod scratch;
mod search;
mod segments;
mod signature_timing;
mod stage;
mod transcripts;
mod warm_peer;
mod webhook_latency;

use std::process::ExitCode;

use clap::Parser;

use crate::bench::{Bench, Outcome, Size};
use crate::machine::Machine;

const BENCHES: &[Bench] = &[
    Bench::new("cold-start", |size| Box::pin(cold_start::run(size))),
    Bench::new("minilm", |size| Box::pin(async move { minilm::run(size) })),
    Bench::new("webhook-latency", |size| {
        Box::pin(webhook_latency::run(size))
    }),
    Bench::new("signature-timing", |size| {
        Box::pin(async move { signature_timing::run(size) })
    }),
    Bench::new("overload", |size| Box::pin(overload::run(size))),
    Bench::new("conversations", |size| Box::pin(conversations::run(size))),
    Bench::new("knowledge", |size| Box::pin(knowledge::run(size))),
    Bench::new("search", |size| Box::pin(search::run(size))),
    Bench::new("segments", |size| Box::pin(segments::run(size))),
    Bench::new("ranking", |size| Box::pin(ranking::run(size))),
    Bench::new("assist", |size| Box::pin(assist::run(size))),
    Bench::new("transcripts", |size| Box::pin(transcripts::run(size))),
];

/// Measures our code beside its peers, and writes the figures into BENCHMARKS.md.
#[derive(Parser)]
#[command(name = "cargo local bench")]
#[expect(clippy::struct_excessive_bools, reason = "flags, as they are typed")]
struct Arguments {
    /// The benches to run; all of them when none is named.
    names: Vec<String>,
    /// For the last digit: longer.
    #[arg(long, conflicts_with = "quick")]
    full: bool,
    /// Longer than by default, about half an hour: only `segments` knows the difference.
    #[arg(long, conflicts_with_all = ["quick", "full"])]
    medium: bool,
    /// For CI: shorter, and BENCHMARKS.md stays as it is.
    #[arg(long)]
    quick: bool,
    /// Prints the names.
    #[arg(long)]
    list: bool,
}

impl Arguments {
    fn size(&self) -> Size {
        match (self.quick, self.medium, self.full) {
            (true, ..) => Size::Quick,
            (_, true, _) => Size::Medium,
            (.., true) => Size::Full,
            _ => Size::Default,
        }
    }

    fn benches(&self) -> Outcome<Vec<&'static Bench>> {
        if self.names.is_empty() {
            return Ok(BENCHES.iter().collect());
        }
        let find = |name: &String| {
            let bench = BENCHES.iter().find(|bench| bench.name == name);
            bench.ok_or_else(|| format!("there is no bench {name}; --list names them").into())
        };
        self.names.iter().map(find).collect()
    }
}

fn main() -> ExitCode {
    let outcome = match std::env::args().nth(1).as_deref() {
        Some(bare_function::ARGUMENT) => bare_function::run(),
        Some(minilm::ours::ARGUMENT) => minilm::ours::run(),
        Some(signature_timing::counted::ARGUMENT) => signature_timing::counted::run(),
        _ => run(&Arguments::parse()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Outcome<()> {
    let benches = arguments.benches()?;
    if arguments.list {
        for bench in benches {
            println!("{}", bench.name);
        }
        return Ok(());
    }
    let size = arguments.size();
    let machine = Machine::read()?;
    let runtime = tokio::runtime::Runtime::new()?;
    for bench in benches {
        eprintln!("{} ...", bench.name);
        let run = machine::run_facts(bench.name, size);
        let report = runtime.block_on((bench.run)(size))?;
        println!("\n{}\n\n{report}", bench.name);
        if size != Size::Quick {
            document::write(&machine, bench.name, &run, &report)?;
        }
    }
    Ok(())
}
