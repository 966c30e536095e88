//! The flags of commands.

use std::path::PathBuf;

use clap::Args;

use super::places::{Account, Webhook};

/// Flags of `up` and `demo`.
#[derive(Debug, Clone, Args)]
pub struct Up {
    /// Use the ports N (functions), N+1 (simulator), N+2 (Postgres), N+3 (SQS) instead of 9000, 9100, 15432, 5001
    #[arg(long, value_name = "N")]
    pub port_base: Option<u16>,
    /// Instances per function, at most
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub concurrency: u16,
}

/// Flags of `play`.
#[derive(Debug, Args)]
pub struct Play {
    /// The call, as those in tests/data/calls are written
    pub file: PathBuf,
    /// How many times faster than it was spoken
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = speed)]
    pub speed: f64,
}

fn speed(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    let is_fit = (0.1..=100.0).contains(&number);
    is_fit
        .then_some(number)
        .ok_or_else(|| "must be 0.1 to 100".to_owned())
}

/// Flags of `test`.
#[derive(Debug, Args)]
pub struct Test {
    /// Full-size proofs, which take minutes each, instead of the CI size
    #[arg(long)]
    pub full: bool,
    /// PgBouncer, in transaction mode, stands between the code under test and Postgres
    #[arg(long)]
    pub pooler: bool,
    /// A skipped test is a failure
    #[arg(long)]
    pub no_skips: bool,
    /// Arguments for `cargo test`
    #[arg(last = true)]
    pub args: Vec<String>,
    /// What the tests are told besides
    #[arg(skip)]
    pub settings: Vec<(&'static str, String)>,
}

/// Flags of `chaos`.
#[derive(Debug, Args)]
pub struct Chaos {
    /// Which blows fall, and when; without it, one by chance
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How long it storms
    #[arg(long, value_name = "M", default_value_t = 2.0, value_parser = minutes)]
    pub minutes: f64,
}

fn minutes(text: &str) -> Result<f64, String> {
    let minutes: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    let is_fit = (0.1..=1_440.0).contains(&minutes);
    is_fit
        .then_some(minutes)
        .ok_or_else(|| "must be 0.1 to 1440".to_owned())
}

/// Flags of `doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// The port base that `up` would be given
    #[arg(long, value_name = "N", conflicts_with = "aws")]
    pub port_base: Option<u16>,
    /// The profile of AWS, instead of that of your environment
    #[arg(long, value_name = "NAME", requires = "aws")]
    pub profile: Option<String>,
    /// The region of AWS, instead of that of your environment
    #[arg(long, value_name = "NAME", requires = "aws")]
    pub region: Option<String>,
    /// Print what was found as JSON
    #[arg(long)]
    pub json: bool,
    /// Where
    #[command(flatten)]
    pub account: Account,
}

/// Flags of `console`.
#[derive(Debug, Args)]
pub struct Console {
    /// Minutes for which the link lives
    #[arg(long, value_name = "N", default_value_t = 15, value_parser = clap::value_parser!(u8).range(1..=60))]
    pub minutes: u8,
    /// The address of a deployed console, instead of that of the running local stack
    #[arg(long, requires = "aws")]
    pub url: Option<String>,
    /// Where the key of links is kept
    #[command(flatten)]
    pub place: Place,
}

/// Flags of `verify-audit`.
#[derive(Debug, Args)]
pub struct VerifyAudit {
    /// Print what was found as JSON
    #[arg(long)]
    pub json: bool,
    /// Nobody is to keep anchors there: that there is none, or only an old one, is told and is no failure
    #[arg(long)]
    pub unanchored: bool,
    /// Where the anchors are kept
    #[command(flatten)]
    pub place: Place,
}

/// Flags of `eval`.
#[derive(Debug, Args)]
pub struct Eval {
    /// The articles, one per line (JSONL)
    #[arg(long, value_name = "FILE")]
    pub corpus: PathBuf,
    /// The queries with what was judged relevant, one per line (JSONL)
    #[arg(long, value_name = "FILE")]
    pub queries: PathBuf,
    /// Print the result as JSON; everything else goes to standard error
    #[arg(long)]
    pub json: bool,
}

/// Flags of `import`.
#[derive(Debug, Args)]
pub struct Import {
    /// Payloads as CXone posts them, one per line (NDJSON); - reads standard input, which cannot be resumed
    pub file: std::path::PathBuf,
    /// Which webhook
    #[command(flatten)]
    pub webhook: Webhook,
    /// Lines on their way at the same time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub parallel: u8,
    /// Forget how far an earlier run came, and begin with the first line; what is sent again has no effect
    #[arg(long)]
    pub restart: bool,
}

/// Flags of `inject`.
#[derive(Debug, Args)]
pub struct Inject {
    /// Transcripts as POST /transcripts takes them, one per line (NDJSON); - reads standard input, which cannot be resumed
    pub file: std::path::PathBuf,
    /// The route of a deployed intake, instead of the running local stack
    #[arg(long, requires = "key_env")]
    pub url: Option<String>,
    /// Name of the environment variable that holds an API key with the scope transcripts:write
    #[arg(long, value_name = "NAME", requires = "url")]
    pub key_env: Option<String>,
    /// Forget how far an earlier run came, and begin with the first line; what is sent again has no effect
    #[arg(long)]
    pub restart: bool,
}

/// Flags of `bench`.
#[derive(Debug, Args)]
pub struct Bench {
    /// The benches to run; all of them when none is named
    pub names: Vec<String>,
    /// How thorough they are
    #[command(flatten)]
    pub way: BenchWay,
}

/// One of the ways to run benches, or none: as long as is usual.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct BenchWay {
    /// Shorter, and BENCHMARKS.md stays as it is
    #[arg(long)]
    pub quick: bool,
    /// Longer, about half an hour; only `segments` knows the difference
    #[arg(long)]
    pub medium: bool,
    /// For the last digit: hours
    #[arg(long)]
    pub full: bool,
}

impl Bench {
    /// As they understand it themselves.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let BenchWay {
            quick,
            medium,
            full,
        } = self.way;
        let ways = [("--quick", quick), ("--medium", medium), ("--full", full)];
        let way = ways.iter().find(|(_, is_asked)| *is_asked);
        let way = way.map(|(word, _)| (*word).to_owned());
        self.names.iter().cloned().chain(way).collect()
    }
}

/// Which Secrets Manager, and which secret in it.
#[derive(Debug, Args)]
pub struct Place {
    /// Use the AWS account of your environment (profile, region) instead of the running local stack; needs --secret-id
    #[arg(long, requires = "secret_id")]
    pub aws: bool,
    /// Name or ARN of the secret
    #[arg(long, value_name = "ID")]
    pub secret_id: Option<String>,
}
