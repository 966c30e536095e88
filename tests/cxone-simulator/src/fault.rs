//! What can go wrong, when it does, and the plan in force.

mod bomb;
mod draw;
mod plan;
mod spoil;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use draw::draw;
pub(crate) use draw::mix;
pub(crate) use plan::Faults;
pub use plan::{FaultPlan, FaultPlanError, FaultRule, Hit};
pub(crate) use spoil::spoil;

/// One way to misbehave. Those that stand in for the answer leave the work undone, unless [`FaultRule::execute`] says otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// An error answer instead of the work.
    Status {
        /// The HTTP status, 200 to 599.
        status: u16,
        /// `Retry-After`, seconds or an HTTP date, sent as it is.
        #[serde(default)]
        retry_after: Option<String>,
        /// The error code in the body, for example `insufficient_quota`; by default one that fits the status.
        #[serde(default)]
        code: Option<String>,
        /// A string is the whole body as it is, other JSON is sent as JSON; by default the service's own error shape.
        #[serde(default)]
        body: Option<Value>,
    },
    /// The work is done, the answer comes late.
    Slow {
        /// How late, in milliseconds.
        ms: u64,
    },
    /// The work is done, the body of the answer comes byte by byte.
    Drip {
        /// The time between two bytes, in milliseconds.
        #[serde(default = "one_second")]
        every_ms: u64,
    },
    /// The work is done, the connection closes in the middle of the body.
    Cut,
    /// The work is done, the connection closes without an answer.
    ExecutedThenLost,
    /// The work is not done and the connection closes without an answer: to the client, the same as the one before.
    Lost,
    /// A small gzip body that is large when unpacked.
    GzipBomb {
        /// The unpacked size; rounded up to whole mebibytes.
        #[serde(default = "bomb_bytes")]
        bytes: usize,
    },
    /// A body of valid JSON, most of it white space.
    Huge {
        /// Its size.
        #[serde(default = "huge_bytes")]
        bytes: usize,
    },
    /// Status 200 and a web page.
    NotJson,
    /// Embeddings of another dimension than the model's; by default one less.
    WrongDimension {
        /// The dimension of every vector.
        #[serde(default)]
        dimension: Option<usize>,
    },
    /// The first vector starts with NaN (`null` in the float encoding, as JSON knows no NaN).
    NanVector,
    /// The first vector is all zeros.
    ZeroVector,
    /// One vector fewer than inputs: the last is missing.
    MissingVector,
    /// The vectors come in reverse order; their indexes are right.
    ReorderedVectors,
    /// The first document of a bulk request is not taken, whatever the answer as a whole says; the others are.
    RefusedItem {
        /// The status of that document.
        status: u16,
        /// The word of its error.
        error: String,
    },
    /// A page of the knowledge base lists its first article again, as its last.
    RepeatedArticle,
}

const fn one_second() -> u64 {
    1_000
}

const fn bomb_bytes() -> usize {
    256 << 20
}

const fn huge_bytes() -> usize {
    64 << 20
}

impl Fault {
    /// An error answer without `Retry-After`, in the service's own shape.
    pub fn status(status: u16) -> Self {
        Self::Status {
            status,
            retry_after: None,
            code: None,
            body: None,
        }
    }

    /// The `kind` of its JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::Slow { .. } => "slow",
            Self::Drip { .. } => "drip",
            Self::Cut => "cut",
            Self::ExecutedThenLost => "executed_then_lost",
            Self::Lost => "lost",
            Self::GzipBomb { .. } => "gzip_bomb",
            Self::Huge { .. } => "huge",
            Self::NotJson => "not_json",
            Self::WrongDimension { .. } => "wrong_dimension",
            Self::NanVector => "nan_vector",
            Self::ZeroVector => "zero_vector",
            Self::MissingVector => "missing_vector",
            Self::ReorderedVectors => "reordered_vectors",
            Self::RefusedItem { .. } => "refused_item",
            Self::RepeatedArticle => "repeated_article",
        }
    }

    /// Whether the work is done when the rule does not say.
    pub(crate) fn executes(&self) -> bool {
        !matches!(
            self,
            Self::Status { .. }
                | Self::Lost
                | Self::GzipBomb { .. }
                | Self::Huge { .. }
                | Self::NotJson
        )
    }
}
