//! All SQL. One connection per Lambda environment, reached so that a transaction-mode pooler may stand between: no session
//! state, no named prepared statements.

mod connect;
pub mod migrate;

pub use connect::{Database, DatabaseUrl};
