//! `cargo local`: the whole product on one machine.

use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    local::run(local::cli::Cli::parse()).await
}
