//! What search reads: who passes the filters, who lies nearest, what the found rows say. One [`Snapshot`] sees one state of everything.
//!
//! Statements are texts of this room, with numbers of segments and models in them; what a caller wrote is always a typed parameter.

mod cosines;
mod filter;
pub(super) mod graph;
mod lexical;
mod nearest;
mod part;
mod passing;
mod reading;
mod rows;
pub(super) mod signs;
mod snapshot;
mod space;
pub(super) mod way;

pub use self::cosines::Piece;
pub use self::filter::Filter;
pub use self::nearest::Near;
pub use self::reading::Reads;
pub use self::rows::{ConversationRow, KnowledgeRow};
pub use self::snapshot::Snapshot;
