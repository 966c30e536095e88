//! `cargo local chaos`: the chaos test, for as long as one likes.

use std::process::ExitCode;

use super::test;
use crate::cli::{Chaos, Test};
use crate::failure::Failure;
use crate::workspace::Workspace;

/// Seeds are short enough to be read out.
const SEEDS: u64 = 1_000_000;

pub(super) async fn run(workspace: &Workspace, flags: &Chaos) -> Result<ExitCode, Failure> {
    let seed = flags.seed.unwrap_or_else(|| rand::random_range(..SEEDS));
    let args = ["--test", "chaos", "--", "--nocapture"];
    let test = Test {
        full: false,
        pooler: false,
        no_skips: true,
        args: args.map(str::to_owned).into(),
        settings: vec![
            ("CHAOS_SEED", seed.to_string()),
            ("CHAOS_MINUTES", flags.minutes.to_string()),
        ],
    };
    test::run(workspace, &test).await
}
