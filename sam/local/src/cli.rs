//! The commands and their flags.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// The whole product on one machine, with real parts: Postgres with pgvector, SQS and Secrets Manager (moto), the Lambda runtime
/// (cargo-lambda). Only CXone and the embedding provider are simulated.
#[derive(Debug, Parser)]
#[command(name = "cargo local", bin_name = "cargo local", version)]
#[command(
    after_help = "Needs Rust, Python 3 with pip, and a C compiler; `cargo local doctor` says whether they are there.

Exit codes: 0 done, 1 failed (the message says what to do), 2 wrong arguments."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start everything, print the URLs and a curl line that works, then show the functions' logs; Ctrl-C stops all
    #[command(after_help = "Examples:\n  cargo local up\n  cargo local up --port-base 42000")]
    Up(Up),
    /// Stop what `up` started, also after a crash
    Down,
    /// Stop, and wipe the data, the keys and the logs (the installed tools stay)
    Reset,
    /// Say what is running and where
    #[command(
        after_help = "Examples:\n  cargo local status\n  cargo local status --json | python3 -m json.tool"
    )]
    Status {
        /// Print what a script needs to drive the stack, as JSON
        #[arg(long)]
        json: bool,
    },
    /// Run every test of the workspace against a stack of its own; may run while `up` runs
    #[command(after_help = "Examples:
  cargo local test
  cargo local test --full
  cargo local test -- --test event_sources
  cargo local test -- -- --nocapture redrive")]
    Test(Test),
    /// Check prerequisites, ports, configuration and state, and a tenant of CXone if one is named; say what to change
    #[command(
        after_help = "A tenant is named by CXONE_PROFILE and CXONE_CREDENTIALS, each JSON, or @ and a path. Nothing is changed there.

Example:
  CXONE_PROFILE=@tenant.json CXONE_CREDENTIALS=@credentials.json cargo local doctor"
    )]
    Doctor {
        /// The port base that `up` would be given
        #[arg(long, value_name = "N")]
        port_base: Option<u16>,
    },
    /// Show the main job on sample data: webhooks in, tagged and embedded rows in Postgres, a forgery refused, knowledge synced
    Demo(Up),
    /// Say what a run of the knowledge sync did: changed, skipped, in conflict, broken
    #[command(
        after_help = "Examples:\n  cargo local knowledge\n  cargo local knowledge --json | python3 -m json.tool"
    )]
    Knowledge {
        /// The run, as a refresh named it; without it, the latest one
        run: Option<String>,
        /// Print the whole report, as JSON
        #[arg(long)]
        json: bool,
    },
    /// List the segments of conversations' vectors: state, rows, age, graph, and how far a build is
    #[command(
        after_help = "Examples:\n  cargo local segments\n  cargo local segments --json | python3 -m json.tool"
    )]
    Segments {
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Follow the chains of the audit from end to end: was an entry changed, removed or swapped, or a chain cut or made anew?
    #[command(
        after_help = "Exit code 1 also if something is wrong; each chain says what is the first thing wrong with it.

Examples:
  cargo local verify-audit
  cargo local verify-audit --json | python3 -m json.tool
  DATABASE_SECRET_ID=… cargo local verify-audit --aws --secret-id cxone-memory/audit-anchors

With --aws the database is the one that DATABASE_SECRET_ID or DATABASE_URL names, as for the functions."
    )]
    VerifyAudit(VerifyAudit),
    /// API keys of the HTTP functions: make, take away, list
    #[command(subcommand)]
    Keys(Keys),
    /// Send past conversations to the webhook, one payload per line; a run that was stopped goes on where it was
    #[command(after_help = "Examples:
  cargo local import conversations.ndjson
  zcat conversations.ndjson.gz | cargo local import -
  WEBHOOK_KEY=… cargo local import conversations.ndjson --url https://…/webhooks/data-action --key-env WEBHOOK_KEY
  cargo local import conversations.ndjson --url https://…/webhooks/data-action --aws --secret-id cxone-memory/webhook-keys

How far it came is kept in FILE.import.json, the refused lines in FILE.refused.ndjson, by number and broken rule.
Exit code 1 also if a line was refused.")]
    Import(Import),
    /// Run the benchmarks in release mode, each beside its peer
    #[command(
        disable_help_flag = true,
        after_help = "Examples:\n  cargo local bench\n  cargo local bench conversations --quick\n  cargo local bench --help"
    )]
    Bench {
        /// Names of benchmarks, and how thorough they are
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Measure how well search finds what people mean: nDCG@10, recall@20 and MRR by vectors, by words and by both
    #[command(
        after_help = "The corpus has an article per line, {id, title, text}; the queries have {id, text, relevant: {article: grade}}.
The articles become a knowledge base in a Postgres that is made for it and removed afterwards.

Examples:
  cargo local eval --corpus tests/evaluation/data/corpus.jsonl --queries tests/evaluation/data/queries-tune.jsonl
  cargo local eval --corpus corpus.jsonl --queries queries.jsonl --json | python3 -m json.tool"
    )]
    Eval(Eval),
    /// Write the local model as ONNX, for functions that embed on their own processor
    #[command(after_help = "Example:\n  cargo local model --out sam/layers/minilm")]
    Model {
        /// A new or empty folder, instead of the one that `up` and `test` use
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
    },
    /// Write docs/openapi.json, which says what the HTTP functions promise, from their types
    Openapi,
    /// Run a function as Lambda would; `cargo lambda watch` calls this
    #[command(hide = true)]
    Sandbox {
        /// The function's binary and its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        command: Vec<String>,
    },
}

/// Flags of `up` and `demo`.
#[derive(Debug, Clone, Args)]
pub struct Up {
    /// Use the ports N (functions), N+1 (simulator), N+2 (Postgres), N+3 (SQS) instead of 9000, 9100, 54320, 5001
    #[arg(long, value_name = "N")]
    pub port_base: Option<u16>,
    /// Instances per function, at most
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub concurrency: u16,
}

/// Flags of `test`.
#[derive(Debug, Args)]
pub struct Test {
    /// Full-size proofs, which take minutes each, instead of the CI size
    #[arg(long)]
    pub full: bool,
    /// A skipped test is a failure
    #[arg(long)]
    pub no_skips: bool,
    /// Arguments for `cargo test`
    #[arg(last = true)]
    pub args: Vec<String>,
}

/// Flags of `verify-audit`.
#[derive(Debug, Args)]
pub struct VerifyAudit {
    /// Print what was found as JSON
    #[arg(long)]
    pub json: bool,
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
    /// The route of a deployed webhook, instead of the running local stack
    #[arg(long, requires = "key")]
    pub url: Option<String>,
    /// Name of the environment variable that holds the signing key (whsec_…)
    #[arg(long, value_name = "NAME", requires = "url", group = "key")]
    pub key_env: Option<String>,
    /// Read the signing key from Secrets Manager in the AWS account of your environment (profile, region)
    #[arg(long, requires_all = ["url", "secret_id"], group = "key")]
    pub aws: bool,
    /// Name or ARN of the secret that the webhook reads its keys from
    #[arg(long, value_name = "ID", requires = "aws")]
    pub secret_id: Option<String>,
    /// Lines on their way at the same time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub parallel: u8,
    /// Forget how far an earlier run came, and begin with the first line; what is sent again has no effect
    #[arg(long)]
    pub restart: bool,
}

/// What can be done with API keys.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make a key and print it, once
    #[command(
        after_help = "Example:\n  cargo local keys new --id crm --scopes search:read,assist:read --days 90"
    )]
    New {
        /// Name of the key: letters, digits, - or _
        #[arg(long)]
        id: String,
        /// What it may do, comma-separated; `all` for everything
        #[arg(long, value_delimiter = ',', required = true)]
        scopes: Vec<String>,
        /// Days until it expires
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..=3650))]
        days: i64,
        /// Where the keys are kept
        #[command(flatten)]
        place: Place,
    },
    /// Take a key away; functions that trust what they read last notice within their TTL
    Revoke {
        /// Name of the key
        id: String,
        /// Where the keys are kept
        #[command(flatten)]
        place: Place,
    },
    /// List the keys: name, scopes, expiry; never the key
    List {
        /// Where the keys are kept
        #[command(flatten)]
        place: Place,
    },
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
