//! The report of a run, as the API gives it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A run, all pages of its report in one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::commands) struct Report {
    pub(in crate::commands) run_id: String,
    pub(in crate::commands) kind: String,
    pub(in crate::commands) state: String,
    pub(in crate::commands) accept_removals: bool,
    pub(in crate::commands) requested_at: String,
    pub(in crate::commands) started_at: Option<String>,
    pub(in crate::commands) finished_at: Option<String>,
    pub(in crate::commands) counts: BTreeMap<String, u64>,
    pub(in crate::commands) error: Option<String>,
    pub(in crate::commands) changes: Vec<Line>,
    pub(in crate::commands) conflicts: Vec<Conflict>,
    pub(in crate::commands) broken_links: BrokenLinks,
    #[serde(skip_serializing)]
    pub(in crate::commands) next: Option<String>,
}

/// What happened to an article.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::commands) struct Line {
    pub(in crate::commands) article: Option<String>,
    pub(in crate::commands) change: String,
    pub(in crate::commands) detail: Option<Value>,
    #[serde(default)]
    pub(in crate::commands) at: Option<String>,
}

/// Two sides that contradict each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::commands) struct Conflict {
    pub(in crate::commands) article: String,
    pub(in crate::commands) kind: String,
    pub(in crate::commands) policy: String,
    pub(in crate::commands) local: Value,
    pub(in crate::commands) remote: Value,
    pub(in crate::commands) run: String,
    pub(in crate::commands) found_at: String,
}

/// Links that lead nowhere: how many, and the first of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::commands) struct BrokenLinks {
    pub(in crate::commands) count: u64,
    pub(in crate::commands) links: Vec<BrokenLink>,
}

/// A link that leads nowhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::commands) struct BrokenLink {
    pub(in crate::commands) url: String,
    pub(in crate::commands) status: Option<u16>,
    pub(in crate::commands) why: Option<String>,
    pub(in crate::commands) articles: Vec<String>,
}

impl Report {
    /// Whether nothing more will happen.
    pub(in crate::commands) fn is_over(&self) -> bool {
        matches!(self.state.as_str(), "done" | "held" | "failed")
    }

    /// Adds the next page.
    pub(super) fn add(&mut self, page: Self) {
        self.changes.extend(page.changes);
        self.conflicts.extend(page.conflicts);
        self.next = page.next;
    }
}
