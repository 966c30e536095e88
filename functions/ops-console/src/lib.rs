//! One page that says what happened: for people who run it, and for supervisors.
//!
//! - **Trigger**: `GET /console`; a schedule (every minute) with the task `roll_up`.
//! - **Reads**: the API keys and the key of links from Secrets Manager, kept for `KEYS_TTL_SECONDS`; what was counted ahead of time, and by
//!   indexes what waits now; how full the queues are; every ten minutes the vectors of recent conversations.
//! - **Writes**: the tables `console_…`, numbers only; `conversation_map`, two numbers for each of the last conversations.
//! - **Calls**: Secrets Manager, Postgres, SQS.
//! - **Guarantee**: the page costs the same however much is stored, and names nobody. What is counted is counted once: a step counts whole
//!   minutes and hours anew, and leaves out what may still be committed; one that died is done again.
//! - **Failure**: 401 and 403 for a caller without a live key of the scope `ops:read` and without a link that is signed and not an hour old;
//!   503 with `Retry-After` while the database or the keys cannot be reached. A queue that cannot be asked is missing in the pictures, and
//!   a map that cannot be drawn leaves the one before. A browser is told a failure as a page, everybody else as problem+json.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `DATABASE_SECRET_ID` | one of the two | secret in the form of RDS: host, port, username, password, dbname |
//! | `DATABASE_URL` | one of the two | `postgres://…`, for local use |
//! | `DATABASE_CA_FILE` | – | PEM file with a further authority; those of RDS are built in |
//! | `API_KEYS_SECRET_ID` | required | secret: the API keys; the scope is `ops:read` |
//! | `CONSOLE_LINK_KEY_SECRET_ID` | required | secret: the key that signs links, 32 bytes or more |
//! | `KEYS_TTL_SECONDS` | `300` | how long keys are kept before they are read again |
//! | `CONVERSATIONS_QUEUE_URL`, `SEGMENTS_QUEUE_URL`, `KNOWLEDGE_QUEUE_URL`, `INTERACTIONS_QUEUE_URL` | – | the queues that are shown |
//! | `EMBEDDING_PRICES` | built in | JSON: dollars for a million tokens, by model |
//! | `LOG_LEVEL` | `info` | level of our own log lines |

mod app;
mod chart;
mod draw;
mod facts;
mod handler;
#[cfg(feature = "openapi")]
mod openapi;
mod page;
mod prices;
mod refusal;
mod roll_up;
mod sections;
mod show;
mod words;

pub use app::{App, Config};
pub use handler::{Answer, PATH, handle};
#[cfg(feature = "openapi")]
pub use openapi::Document;
