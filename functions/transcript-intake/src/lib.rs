//! Takes transcripts in that are to be injected into CXone, and tells how far they are.
//!
//! - **Trigger**: `POST /transcripts`, `GET /transcripts/{id}`, `GET /transcripts/metrics`; direct invocation with
//!   `{"lines": "…"}`, a transcript in each line.
//! - **Reads**: the API keys and the erasure key from Secrets Manager; transcripts and what became of them.
//! - **Writes**: Postgres: the parts that `transcript-injector` posts, and an entry of the audit, in one transaction.
//! - **Calls**: Secrets Manager, Postgres. CXone is not called here.
//! - **Guarantee**: 202 means that the transcript stands in the database, whole, byte for byte as CXone gets it. A repeat under the same
//!   `Idempotency-Key` gets the same answer and is one transcript. What comes without a key has its content for one, as each line has: it may
//!   be sent again, and who wants the same content twice gives each a key.
//! - **Failure**: 401 and 403 before anything else is looked at; 400 with every broken rule, which is written into the audit if it can be
//!   read of which interaction the transcript is, and else only into the log; 404 for a transcript that nobody knows; 409
//!   for a key that was used for something else, and for an interaction that was erased; 413; 503 with `Retry-After` while the database or
//!   the keys cannot be reached. A line that fails keeps no other from being taken in.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `DATABASE_SECRET_ID` | one of the two | secret in the form of RDS: host, port, username, password, dbname |
//! | `DATABASE_URL` | one of the two | `postgres://…`, for local use |
//! | `DATABASE_CA_FILE` | – | PEM file with a further authority; those of RDS are built in |
//! | `API_KEYS_SECRET_ID` | required | secret: the API keys; the scopes are `transcripts:write` and `transcripts:read` |
//! | `KEYS_TTL_SECONDS` | `300` | how long keys are kept before they are read again |
//! | `ERASURE_KEY_SECRET_ID` | required | the key of tombstones and of pseudonyms in the audit; never change it |
//! | `TRANSCRIPTS_PER_HOUR` | `1020` | how many the tenant takes in any hour, for the estimate of when one is injected |
//! | `LOG_LEVEL` | `info` | level of our own log lines |

mod app;
mod audit;
mod handler;
mod lines;
#[cfg(feature = "openapi")]
mod openapi;
mod take_in;

pub use app::{App, Config};
pub use handler::{Answer, Lines, handle};
#[cfg(feature = "openapi")]
pub use openapi::Document;
