//! Our side as this very program: the real `MiniLm`, loaded and asked as a function would.

use std::path::Path;
use std::time::Instant;

use shared::embedding::local::MiniLm;

use crate::bench::Outcome;

/// The argument that makes this program that side; the folder of the model, the file of the texts and the number of threads follow.
pub(crate) const ARGUMENT: &str = "minilm-ours";

/// Says how long the model took to load, how long each pass takes that a line of input asks for, and at the end the vectors.
pub(crate) fn run() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(2).collect();
    let [folder, texts, threads] = arguments.as_slice() else {
        return Err(format!("{ARGUMENT} FOLDER TEXTS THREADS").into());
    };
    let texts: Vec<String> = serde_json::from_slice(&std::fs::read(texts)?)?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let threads = threads.parse()?;
    let started = Instant::now();
    let model = MiniLm::load(Path::new(folder))?.with_threads(threads);
    println!("{}", started.elapsed().as_nanos());
    let mut vectors = Vec::new();
    for line in std::io::stdin().lines() {
        line?;
        let started = Instant::now();
        vectors = model.embed(&texts)?;
        println!("{}", started.elapsed().as_nanos());
    }
    println!("{}", serde_json::to_string(&vectors)?);
    Ok(())
}
