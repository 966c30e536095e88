//! Receives CXone Data Action webhooks: verifies, validates, enqueues. It knows no database, so it is up when Postgres is not.
//!
//! - **Trigger**: `POST /webhooks/data-action`; `GET /webhooks/data-action/health` for load balancers.
//! - **Reads**: the webhook keys from Secrets Manager, kept for `KEYS_TTL_SECONDS`.
//! - **Writes**: one message per event to the queue `conversations`.
//! - **Calls**: Secrets Manager, SQS.
//! - **Guarantee**: 202 means that SQS has named the message, so the event is durable. A repeat is enqueued again, under the same
//!   event key; its effect happens once, because the embedder's unique key says so.
//! - **Failure**: 401 before anything is parsed; 413, 415; 400 with every broken rule; 503 with `Retry-After` when SQS or the
//!   keys cannot be reached, or the scheme that the caller comes by has no usable key: it may not have been kept, and a repeat is safe.
//!   Nothing of a payload is echoed or logged.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `CONVERSATIONS_QUEUE_URL` | required | the queue's URL |
//! | `WEBHOOK_KEYS_SECRET_ID` | required | secret: scheme names, each with an array of live keys |
//! | `WEBHOOK_SCHEMES` | `["standard-webhooks"]` | the active schemes, see `shared::auth::scheme` |
//! | `WEBHOOK_MAX_BODY_BYTES` | `4194304` | larger bodies are 413 |
//! | `KEYS_TTL_SECONDS` | `300` | how long keys are kept before they are read again |
//! | `LOG_LEVEL` | `info` | level of our own log lines |

mod app;
mod handler;
mod health;
#[cfg(feature = "openapi")]
mod openapi;
mod receive;

pub use app::{App, Config};
pub use handler::handle;
#[cfg(feature = "openapi")]
pub use openapi::Document;
