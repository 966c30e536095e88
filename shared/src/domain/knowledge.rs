//! The words of the knowledge sync: the same ones in code, in configuration, in answers and in the database.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::words;

/// A run of the sync. Sorts by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunId(Uuid);

impl RunId {
    /// A new run, unlike every other.
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }

    /// The id as the database keeps it.
    pub fn as_uuid(&self) -> Uuid {
        self.0
    }
}

impl From<Uuid> for RunId {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl std::str::FromStr for RunId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| "must be a UUID")
    }
}

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

words!(
    /// What a run looks at.
    RunKind {
        /// What was changed since the watermark.
        Incremental = "incremental",
        /// Everything, compared; what is gone goes.
        Reconcile = "reconcile",
        /// As reconcile, and every article is rendered anew.
        Full = "full",
    }
);

words!(
    /// How far a run has come.
    RunState {
        /// It waits.
        Queued = "queued",
        /// A worker is at it, or the next one goes on.
        Running = "running",
        /// It is over, and all is well.
        Done = "done",
        /// It is over; more would have gone than the guard lets go.
        Held = "held",
        /// It is over, and came to nothing.
        Failed = "failed",
    }
);

words!(
    /// What an article is here.
    ArticleState {
        /// Search finds it.
        Live = "live",
        /// It exists, and is not for search.
        LeftOut = "left_out",
        /// CXone has it no more.
        Gone = "gone",
    }
);

words!(
    /// What happened to an article in a run.
    Change {
        /// It is new here.
        Added = "added",
        /// Its text changed.
        Updated = "updated",
        /// Only what stands beside its text changed.
        Metadata = "metadata",
        /// It is not for search, or no more.
        LeftOut = "left_out",
        /// It went.
        Gone = "gone",
        /// Its two sides contradict each other.
        Conflict = "conflict",
        /// It cannot be read.
        Flawed = "flawed",
        /// It failed for a reason that may pass.
        Failed = "failed",
    }
);

words!(
    /// How CXone's side of an article contradicts ours.
    ConflictKind {
        /// It was changed before ours was.
        Older = "older",
        /// It was changed when ours was, and says something else.
        SameDate = "same_date",
        /// Its version is below ours.
        VersionBack = "version_back",
    }
);

words!(
    /// Who wins a conflict.
    ConflictPolicy {
        /// Ours stays.
        Skip = "skip",
        /// CXone's side takes its place.
        TakeRemote = "take-remote",
        /// Ours stays, and says that there is a conflict.
        Flag = "flag",
    }
);

words!(
    /// What is known of a link.
    LinkState {
        /// Nothing yet.
        Unchecked = "unchecked",
        /// It leads somewhere.
        Fine = "fine",
        /// Nobody would say.
        Unknown = "unknown",
        /// It leads nowhere.
        Broken = "broken",
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_as_it_is_written() {
        for kind in RunKind::ALL {
            assert_eq!(RunKind::parse(kind.as_str()), Some(*kind));
            let json = serde_json::to_string(kind).unwrap();
            assert_eq!(json, format!("\"{}\"", kind.as_str()));
        }
        assert_eq!(RunKind::parse("sometimes"), None);
    }

    #[test]
    fn a_run_is_named_by_a_uuid() {
        let run = RunId::generate();
        assert_eq!(run.to_string().parse(), Ok(run));
        assert!("run 7".parse::<RunId>().is_err());
    }
}
