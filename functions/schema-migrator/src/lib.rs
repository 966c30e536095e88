//! Brings the database schema up, one migrator at a time, and says what it did.
//!
//! - **Trigger**: a CloudFormation custom resource at every deploy; by hand with `{}`. The task `check` says how the database is, and
//!   changes nothing.
//! - **Reads, writes**: Postgres, the table `schema_migrations` and whatever the migrations make.
//! - **Calls**: Secrets Manager; for a custom resource the answer URL of CloudFormation.
//! - **Guarantee**: each migration is applied once, in order, in one transaction, however many migrators run. Nothing is ever
//!   taken back: deleting the custom resource, or rolling a stack back, leaves the schema and the data.
//! - **Failure**: an edited migration is an error that says so. A schema that is newer than this code, and begins like it, is none: steps
//!   only add, and the answer says that it stays. CloudFormation is always answered, also when the settings are wrong, because a stack
//!   waits until its timeout for an answer that does not come.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `DATABASE_SECRET_ID` | one of the two | secret in the form of RDS: host, port, username, password, dbname |
//! | `DATABASE_URL` | one of the two | `postgres://…`, for local use |
//! | `DATABASE_CA_FILE` | – | PEM file with a further authority; those of RDS are built in |
//! | `LOG_LEVEL` | `info` | level of our own log lines |

mod app;
mod check;
mod custom_resource;
mod handler;
mod migrate;

pub use app::App;
pub use handler::handle;
