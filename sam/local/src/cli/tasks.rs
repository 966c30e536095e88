//! Commands that are several.

use clap::Subcommand;

use super::{Account, Place};

/// What can be done with dead letters.
#[derive(Debug, Subcommand)]
pub enum Dlq {
    /// List the queues of dead letters, and how many lie in each
    #[command(
        after_help = "Examples:\n  cargo local dlq ls\n  AWS_PROFILE=prod cargo local dlq ls --aws --stack cxone-memory --json"
    )]
    Ls {
        /// Print them as JSON
        #[arg(long)]
        json: bool,
        /// Where
        #[command(flatten)]
        account: Account,
    },
    /// Look at the messages of a queue; they stay where they are
    #[command(
        after_help = "For a minute at most nobody else receives what is looked at.

Examples:
  cargo local dlq show conversations
  cargo local dlq show conversations --most 1 --body"
    )]
    Show {
        /// The queue of dead letters, or the one that they come from, with its stack's name or without
        queue: String,
        /// So many at most
        #[arg(long, value_name = "N", default_value_t = 10)]
        most: usize,
        /// Also what is in them: it may be personal
        #[arg(long)]
        body: bool,
        /// Print them as JSON
        #[arg(long)]
        json: bool,
        /// Where
        #[command(flatten)]
        account: Account,
    },
    /// Give messages to their queue again, once the reason is mended; a repeat has its effect once
    #[command(
        after_help = "Examples:\n  cargo local dlq retry conversations --most 1\n  cargo local dlq retry conversations"
    )]
    Retry {
        /// The queue of dead letters, or the one that they come from, with its stack's name or without
        queue: String,
        /// So many at most
        #[arg(long, value_name = "N", default_value_t = usize::MAX, hide_default_value = true)]
        most: usize,
        /// Where
        #[command(flatten)]
        account: Account,
    },
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
