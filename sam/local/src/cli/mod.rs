//! The commands and their flags.

mod flags;
mod memory;
mod places;
mod tasks;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub use self::flags::{
    Bench, Chaos, Console, Doctor, Eval, Import, Inject, Place, Play, Test, Up, VerifyAudit,
};
pub use self::memory::{Erase, Map, Reembed, Replay, Search, Send, Sync};
pub use self::places::{Account, Api, Webhook};
pub use self::tasks::{Dlq, Keys};

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
    #[command(after_help = "Examples:\n  cargo local up\n  cargo local up --port-base 22000")]
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
  cargo local test --pooler -- --test conversations
  cargo local test -- --test event_sources
  cargo local test -- -- --nocapture redrive")]
    Test(Test),
    /// Let everything go wrong at once, and look into every store afterwards: was anything lost, done twice, or made up?
    #[command(
        after_help = "Functions are killed, stopped and continued, Postgres crashes, wires are cut; AWS, CXone and the provider answer late, wrong, twice
or not at all. Then it is calm, and every store is looked into. A failure prints the seed and what happened to whom.

Examples:
  cargo local chaos
  cargo local chaos --seed 7 --minutes 10"
    )]
    Chaos(Chaos),
    /// Check this machine (prerequisites, ports, state), or with --aws a deployment; say what is wrong and what to change
    #[command(
        after_help = "Nothing is changed anywhere, and no secret is printed. What is broken makes the exit code 1; what is only doubtful does not.

A tenant is tried if CXONE_PROFILE and CXONE_CREDENTIALS name one, each JSON, or @ and a path; that of a deployment as its functions
know it. A deployment also costs one invocation of schema-migrator, three requests to the webhook, of which none is stored, and one
embedding of a word.

Examples:
  cargo local doctor
  CXONE_PROFILE=@tenant.json CXONE_CREDENTIALS=@credentials.json cargo local doctor
  cargo local doctor --aws --profile prod --region eu-central-1
  cargo local doctor --aws --stack cxone-memory-test --json"
    )]
    Doctor(Doctor),
    /// Show the main jobs on sample data: conversations stored, a forgery refused, knowledge synced and found, snippets ordered, a card shown
    Demo(Up),
    /// Speak a recorded call into the running stack, and show the agent's cards as they come
    #[command(
        after_help = "The articles that the calls are about are put into the simulated CXone and synced, the first time.
Faster than it was spoken, fewer cards come: the pauses between cards are those of the clock.

Examples:
  cargo local play tests/data/calls/05-lost-phone.json
  cargo local play tests/data/calls/05-lost-phone.json --speed 4"
    )]
    Play(Play),
    /// Search as agents and other programs do, and see how each score came about
    #[command(after_help = "Examples:
  cargo local search 'reset the router'
  cargo local search 'billed twice' --conversations --explain
  API_KEY=… cargo local search 'reset the router' --url https://… --key-env API_KEY --json

The key needs the scope search:read, with --conversations the scope conversations:read.")]
    Search(Search),
    /// Say what would come out of a payload: its text, its chunks, its tags; nothing is stored and nobody is asked
    #[command(
        after_help = "The settings are those of your environment, as the functions read them: SCHEMA_MAP, INTENTS, PII_POLICY, CHUNK_TOKENS,
EMBEDDING_PROVIDER, EMBEDDING_MODEL; without them, those of the local stack.

Examples:
  cargo local map --try payload.json
  cargo local map --try payload.json --map schema-map.json --json"
    )]
    Map(Map),
    /// Sign a payload and post it to the webhook, as CXone does; prints the receipt
    #[command(after_help = "Examples:
  cargo local send payload.json
  cargo local send payload.json --scheme bearer
  WEBHOOK_KEY=… cargo local send payload.json --url https://…/webhooks/data-action --key-env WEBHOOK_KEY
  cargo local send payload.json --url https://…/webhooks/data-action --aws --secret-id ARN

The ARN is the output WebhookKeysSecretArn of the stack, the address its WebhookUrl.")]
    Send(Send),
    /// Remove a conversation everywhere and for good, and keep late copies out; prints the receipt
    #[command(after_help = "Examples:
  cargo local erase conv-8842-abc
  AWS_PROFILE=prod cargo local erase conv-8842-abc --yes --aws --json")]
    Erase(Erase),
    /// Make stored conversations into vectors of every model that lacks them, or under a new schema map, until none is left
    #[command(after_help = "Interrupted, it goes on where it was: run it again.

Examples:
  cargo local reembed
  AWS_PROFILE=prod cargo local reembed --switch text-embedding-3-large --aws")]
    Reembed(Reembed),
    /// Let stored conversations go once more through map, tags, chunks and vectors, whatever is known of them
    #[command(
        after_help = "For settings that `reembed` does not see to be others: intents, the policy on personal data, the size of chunks. A new map or model
needs only `reembed`. No model is asked for a text that it knows. Whatever else waits is made too.

Examples:
  cargo local replay --conversation conv-8842-abc
  cargo local replay --from 2026-01-01T00:00:00Z --to 2026-02-01T00:00:00Z
  AWS_PROFILE=prod cargo local replay --all --aws"
    )]
    Replay(Replay),
    /// Ask for a run of the knowledge sync and wait for it, or only say what it would change
    #[command(after_help = "Examples:
  cargo local sync
  cargo local sync --dry-run
  AWS_PROFILE=prod cargo local sync --dry-run --aws --json
  API_KEY=… cargo local sync --url https://… --key-env API_KEY

The key needs the scope knowledge:refresh. Exit code 1 also if the run did not end well.")]
    Sync(Sync),
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
        after_help = "Exit code 1 also if something is wrong; each chain says what is the first thing wrong with it. With --aws also if there are
entries and nobody has anchored them for an hour, because the tick of snippet-ranker does not run.

Examples:
  cargo local verify-audit
  cargo local verify-audit --json | python3 -m json.tool
  DATABASE_SECRET_ID=… cargo local verify-audit --aws --secret-id ARN

The ARN is the output AuditAnchorsSecretArn of the stack. With --aws the database is the one that DATABASE_SECRET_ID or DATABASE_URL names, as for the functions."
    )]
    VerifyAudit(VerifyAudit),
    /// Dead letters, which no function could work on: count them, look at them, give them to their queue again
    #[command(subcommand)]
    Dlq(Dlq),
    /// Make a link that opens the console in a browser for a while, and print it
    #[command(
        after_help = "Whoever has the link sees the page; it names nobody, and the link ends by itself.

Examples:
  cargo local console
  cargo local console --minutes 60 --aws --secret-id ARN --url https://…/console

The ARN is the output ConsoleLinkKeySecretArn of the stack, the address its ConsoleUrl."
    )]
    Console(Console),
    /// API keys of the HTTP functions: make, take away, list
    #[command(subcommand)]
    Keys(Keys),
    /// Send past conversations to the webhook, one payload per line; a run that was stopped goes on where it was
    #[command(after_help = "Examples:
  cargo local import conversations.ndjson
  zcat conversations.ndjson.gz | cargo local import -
  WEBHOOK_KEY=… cargo local import conversations.ndjson --url https://…/webhooks/data-action --key-env WEBHOOK_KEY
  cargo local import conversations.ndjson --url https://…/webhooks/data-action --aws --secret-id ARN

The ARN is the output WebhookKeysSecretArn of the stack, the address its WebhookUrl. How far it came is kept in FILE.import.json, the refused lines in FILE.refused.ndjson, by number and broken rule.
Exit code 1 also if a line was refused.")]
    Import(Import),
    /// Hand in transcripts that are to be injected into CXone, one per line; a run that was stopped goes on where it was
    #[command(after_help = "Examples:
  cargo local inject transcripts.ndjson
  API_KEY=… cargo local inject transcripts.ndjson --url https://…/transcripts --key-env API_KEY

A line is known by its content: sent again, it is the same transcript. How far it came is kept in FILE.import.json, the refused lines in
FILE.refused.ndjson, by number and broken rule. Exit code 1 also if a line was refused.")]
    Inject(Inject),
    /// Run the benchmarks in release mode, each beside its peer
    #[command(
        after_help = "They are built first, which takes minutes. The headings of BENCHMARKS.md are their names.

Examples:\n  cargo local bench\n  cargo local bench conversations --quick"
    )]
    Bench(Bench),
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
