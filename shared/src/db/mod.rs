//! All SQL. One connection per Lambda environment, reached so that a transaction-mode pooler may stand between: no session
//! state, no named prepared statements.

mod address;
pub mod assist_clicks;
pub mod assist_impressions;
pub mod audit;
pub mod callbacks;
pub mod cards;
mod connect;
pub mod conversation_embeddings;
pub mod conversation_events;
pub mod conversations;
mod door;
pub mod embedded;
pub mod embedding_claims;
pub mod embedding_models;
pub mod erased_conversations;
mod graphs;
pub mod intent_examples;
pub mod knowledge;
pub mod knowledge_articles;
pub mod knowledge_changes;
pub mod knowledge_chunks;
pub mod knowledge_conflicts;
pub mod knowledge_documents;
pub mod knowledge_links;
pub mod knowledge_mirror;
pub mod knowledge_runs;
pub mod knowledge_seen;
pub mod knowledge_sync;
pub mod knowledge_vectors;
pub mod migrate;
pub mod ranking;
pub mod search;
mod settings;
pub mod snippet_boosts;
mod stored;
pub mod stream;
mod tls;
mod transaction;
pub mod transcripts;
pub mod vector_segments;
mod vector_types;
pub mod words;

pub use address::DatabaseUrl;
pub use connect::Database;
pub use settings::Settings;
