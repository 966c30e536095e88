//! Logs as JSON lines, and metrics out of them. Lines carry identifiers and durations; never bodies, transcript text, tokens, signatures.
//!
//! Every line of a unit of work has its `correlation.id`: the caller's `x-correlation-id`, which the webhook passes on with its message,
//! so that the embedder's lines have it as well; a line about an event has its `receipt.id` besides, which its row has.

mod line;
mod metric;
mod trace;
mod unit;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use self::line::Lines;
pub use self::metric::{FUNCTION, METRICS, Metric, NAMESPACE};
pub use self::trace::{TraceHeader, current as current_trace, within as within_trace};
pub use self::unit::invocation;
use crate::config::Env;
use crate::error::Error;

/// Other people's crates may print what they send at their chatty levels, so they never get below a warning.
const OTHERS: LevelFilter = LevelFilter::WARN;

/// Starts logging. `LOG_LEVEL` (default `info`) is the level of our own crates: `shared` and `function`.
pub fn init(env: &Env, function: &'static str) {
    let mut read = env.reader();
    let level = read.or("LOG_LEVEL", LevelFilter::INFO);
    let settings = read.build(|| Some(()));
    let ours = function.replace('-', "_");
    let filter = Targets::new()
        .with_default(OTHERS.min(level))
        .with_target("shared", level)
        .with_target(ours, level);
    let function = env.function_name().unwrap_or(function).to_owned();
    // A second call in one process keeps the first subscriber; nothing is lost by it.
    let _ = tracing_subscriber::registry()
        .with(Lines {
            function,
            out: line::to_stdout,
        })
        .with(filter)
        .try_init();
    std::panic::set_hook(Box::new(log_panic));
    if let Err(error) = settings {
        tracing::error!(%error, "LOG_LEVEL is not understood; info serves");
    }
}

/// Where it happened, and not its message, which may quote the text that was being read.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    tracing::error!(place, "panicked");
}

/// Says in one line why a function cannot start, and ends the process.
pub fn cannot_start(error: &Error) -> ! {
    tracing::error!(
        error.kind = error.kind().as_str(),
        error = error.chain(),
        "cannot start"
    );
    std::process::exit(1)
}
