//! CXone, an OpenAI-compatible embedding provider and an Elasticsearch, played on 127.0.0.1 for tests and local development.
//!
//! - **Capabilities**: one file each, one `router()` each, merged in `capability.rs`.
//! - **Faults**: every request outside `/_control` may meet the [`Fault`] of a [`FaultRule`]; a plan replays from its seed.
//! - **Records**: every request outside `/_control` is kept as a [`Recorded`], with secrets masked, whether or not its answer
//!   ever reached the client.
//! - **Knowledge base**: [`Knowledge`] holds the articles and changes them, also between two pages; [`corpus`] writes them.
//! - **Ranking**: [`Ranking`] locks sessions and holds every order that was taken.
//! - **Stream**: [`Stream`] lets people speak, and betrays who listens.
//! - **Assist**: [`Assist`] holds what agents see, and ends interactions.
//! - **Transcripts**: [`Transcripts`] holds the conversations that were made of them.
//! - **Elasticsearch**: [`Elasticsearch`] looks at what was written to it.
//! - **Control**: what `/_control` does over HTTP, [`Simulator`] does in Rust.
//!
//! Nothing here belongs in production: secrets are made up, and comparisons are not constant-time.

mod assist;
mod capability;
mod control;
pub mod corpus;
mod discovery;
mod elasticsearch;
mod embeddings;
mod fault;
mod form;
mod http_date;
mod intercept;
mod journal;
mod json_only;
mod knowledge;
mod ranking;
mod redact;
mod settings;
mod simulator;
mod stream;
mod token;
mod token_routes;
mod transcripts;
mod wire;
mod world;

pub use assist::{Assist, Card};
pub use elasticsearch::Elasticsearch;
pub use fault::{Fault, FaultPlan, FaultPlanError, FaultRule, Hit, draw};
pub use journal::Recorded;
pub use knowledge::{
    Article, Drift, Knowledge, KnowledgeEdit, KnowledgeSettings, KnowledgeUpdate, Locale,
    NoSuchArticle, Revision, Status,
};
pub use ranking::{Order, Ranking, RankingSettings, RankingUpdate};
pub use settings::{ALL_SCOPES, AccessKey, Client, Settings, SettingsUpdate};
pub use simulator::Simulator;
pub use stream::{Stream, StreamTrouble};
pub use transcripts::{ChatPace, Conversation, TranscriptSettings, TranscriptUpdate, Transcripts};
