//! The flags of commands that read what is stored, or change it.

use std::path::PathBuf;

use clap::Args;

use super::places::{Account, Api, Webhook};

/// Flags of `search`.
#[derive(Debug, Args)]
pub struct Search {
    /// What to look for
    pub question: String,
    /// Search in conversations instead of articles
    #[arg(long)]
    pub conversations: bool,
    /// Say how each score came about
    #[arg(long)]
    pub explain: bool,
    /// The language to search in, as a BCP 47 tag; it falls back to others
    #[arg(long, value_name = "TAG")]
    pub language: Option<String>,
    /// So many results at most
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=50))]
    pub limit: u8,
    /// Print the answer as JSON
    #[arg(long)]
    pub json: bool,
    /// Which search
    #[command(flatten)]
    pub api: Api,
}

/// Flags of `map`.
#[derive(Debug, Args)]
pub struct Map {
    /// A payload as CXone posts it (JSON)
    #[arg(long = "try", value_name = "FILE")]
    pub payload: PathBuf,
    /// A schema map to try, instead of that of `SCHEMA_MAP`
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// Print what comes out as JSON
    #[arg(long)]
    pub json: bool,
}

/// Flags of `send`.
#[derive(Debug, Args)]
pub struct Send {
    /// A payload as CXone posts it (JSON); - reads standard input
    pub payload: PathBuf,
    /// How it is signed: a name, or JSON, as in `WEBHOOK_SCHEMES`
    #[arg(long, value_name = "SCHEME", default_value = "standard-webhooks")]
    pub scheme: String,
    /// Print the receipt as JSON
    #[arg(long)]
    pub json: bool,
    /// Which webhook
    #[command(flatten)]
    pub webhook: Webhook,
}

/// Flags of `erase`.
#[derive(Debug, Args)]
pub struct Erase {
    /// The conversation, as CXone names it
    pub conversation: String,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Print the receipt as JSON
    #[arg(long)]
    pub json: bool,
    /// Where
    #[command(flatten)]
    pub account: Account,
}

/// Flags of `reembed`.
#[derive(Debug, Args)]
pub struct Reembed {
    /// When it is finished, let queries use this model, one of the configured
    #[arg(long, value_name = "MODEL")]
    pub switch: Option<String>,
    /// Print what was done as JSON
    #[arg(long)]
    pub json: bool,
    /// Where
    #[command(flatten)]
    pub account: Account,
}

/// Flags of `replay`. Everything is replayed only if that is said.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).multiple(true))]
pub struct Replay {
    /// The events of this conversation
    #[arg(long, value_name = "ID", group = "which")]
    pub conversation: Option<String>,
    /// Events that happened then or later, by CXone's clock (2026-01-15T10:30:00Z)
    #[arg(long, value_name = "TIME", group = "which")]
    pub from: Option<jiff::Timestamp>,
    /// Events that happened before
    #[arg(long, value_name = "TIME", group = "which")]
    pub to: Option<jiff::Timestamp>,
    /// Every event
    #[arg(long, group = "which", conflicts_with_all = ["conversation", "from", "to"])]
    pub all: bool,
    /// Print what was done as JSON
    #[arg(long)]
    pub json: bool,
    /// Where
    #[command(flatten)]
    pub account: Account,
}

/// Flags of `sync`.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag that is said or not"
)]
pub struct Sync {
    /// Only say what a run would change: everything is looked at, and nothing is written
    #[arg(long, conflicts_with_all = ["url", "accept_removals"])]
    pub dry_run: bool,
    /// Read everything, and make every article anew
    #[arg(long)]
    pub full: bool,
    /// What a run held back may go
    #[arg(long, requires = "full")]
    pub accept_removals: bool,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// Where a run is asked for
    #[command(flatten)]
    pub api: Api,
    /// Where a dry run is
    #[command(flatten)]
    pub account: Account,
}
