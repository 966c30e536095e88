//! Starts a run of the knowledge sync, and tells how far it is and what it did.
//!
//! - **Trigger**: `POST /knowledge/refresh?full_sync=true|false&accept_removals=true|false`, without a body;
//!   `GET /knowledge/runs/{id}?after=&conflicts_after=`.
//! - **Reads**: the API keys from Secrets Manager, kept for `KEYS_TTL_SECONDS`; runs, their changes, open conflicts and broken links.
//! - **Writes**: a run that waits, into Postgres; a message that wakes `knowledge-sync`, into the queue `knowledge`.
//! - **Calls**: Secrets Manager, Postgres, SQS.
//! - **Guarantee**: 202 means that the run stands in the database. If the queue does not take the message, the run begins with the
//!   next schedule instead. Every POST asks for a run of its own; one too many finds nothing to do.
//! - **Failure**: 401 and 403 before anything else is looked at; 400 with every broken rule; 404 for a run that nobody knows; 503 with
//!   `Retry-After` while the database or the keys cannot be reached.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `DATABASE_SECRET_ID` | one of the two | secret in the form of RDS: host, port, username, password, dbname |
//! | `DATABASE_URL` | one of the two | `postgres://…`, for local use |
//! | `DATABASE_CA_FILE` | – | PEM file with a further authority; those of RDS are built in |
//! | `KNOWLEDGE_QUEUE_URL` | required | the queue's URL |
//! | `API_KEYS_SECRET_ID` | required | secret: the API keys; the scope is `knowledge:refresh` |
//! | `KEYS_TTL_SECONDS` | `300` | how long keys are kept before they are read again |
//! | `LOG_LEVEL` | `info` | level of our own log lines |

mod app;
mod follow;
mod handler;
#[cfg(feature = "openapi")]
mod openapi;
mod refresh;

pub use app::{App, Config};
pub use handler::handle;
#[cfg(feature = "openapi")]
pub use openapi::Document;
