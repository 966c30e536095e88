//! All SQL. One connection per Lambda environment, reached so that a transaction-mode pooler may stand between: no session
//! state, no named prepared statements.

mod connect;
pub mod conversation_embeddings;
pub mod conversation_events;
pub mod conversations;
pub mod embedded;
pub mod embedding_claims;
pub mod embedding_models;
pub mod erased_conversations;
pub mod intent_examples;
pub mod migrate;
mod settings;
mod transaction;
pub mod vector_segments;
mod vector_types;

pub use connect::{Database, DatabaseUrl};
pub use settings::Settings;
