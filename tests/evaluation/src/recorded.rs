//! The recorded calls of this repository.

use std::path::Path;

use crate::Outcome;
use crate::calls::{Call, Half, read_call};

/// All of them of one half, in order.
pub fn calls(half: Half) -> Outcome<Vec<Call>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/calls");
    let files = std::fs::read_dir(folder)?;
    let paths: Result<Vec<_>, _> = files.map(|file| file.map(|file| file.path())).collect();
    let mut paths = paths?;
    paths.retain(|path| path.extension().is_some_and(|own| own == "json"));
    paths.sort();
    let mut calls = Vec::new();
    for path in paths {
        let call = read_call(&std::fs::read_to_string(&path)?)?;
        if call.half == half {
            calls.push(call);
        }
    }
    Ok(calls)
}
