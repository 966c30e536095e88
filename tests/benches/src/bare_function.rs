//! A function that does nothing but answer, as this very program: the limit of what a Rust function can reach.

use lambda_runtime::{Error, LambdaEvent, run as serve, service_fn};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::bench::Outcome;

/// The argument that makes this program that function.
pub(crate) const ARGUMENT: &str = "bare-function";

/// How to spawn it.
pub(crate) fn command() -> std::io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(ARGUMENT);
    Ok(command)
}

/// Serves as the function.
pub(crate) fn run() -> Outcome<()> {
    let answer = async |_: LambdaEvent<Box<RawValue>>| Ok::<Value, Error>(json!({}));
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(serve(service_fn(answer)))
}
