//! Orders the snippets of a session at CXone, and learns from what agents do with them.
//!
//! - **Trigger**: `POST /assist/sessions/{session_id}/ranking`, `POST /assist/sessions/{session_id}/clicks`,
//!   `GET /assist/snippets/{snippet_id}/boost`, `GET /assist/metrics`; a schedule (every minute) with the task `tick`.
//! - **Reads**: the API keys, CXone's credentials, the erasure key and the keys of callbacks from Secrets Manager; boosts.
//! - **Writes**: CXone (the order of a session); Postgres (orders, impressions, clicks, boosts, callbacks, the audit); anchors of the audit
//!   in Secrets Manager.
//! - **Calls**: CXone; addresses that callers wrote, within the bounds of `shared::net_guard`; Secrets Manager, Postgres.
//! - **Guarantee**: one at a time posts for a session, and the newest order is what remains: an older one gives way (409), and whatever
//!   could not be confirmed is posted again, by whoever asks or by the next tick. A repeat under the same `Idempotency-Key` gets the same
//!   answer, and is posted once. Every order that was accepted ends with an entry of the audit, in the transaction of its end.
//! - **Deadline**: a caller waits for 25 s at most, and for 5 s while the session is locked, which then is 503: whoever waits holds an environment.
//! - **Failure**: 401 and 403 before anything else is looked at; 400 with every broken rule; 409 for an order that a newer one has
//!   overtaken, for another version than was expected, and for a key that was used for something else; 502 for what CXone does not take;
//!   503 with `Retry-After` while it is not known whether the agent sees the order.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `DATABASE_SECRET_ID` | one of the two | secret in the form of RDS: host, port, username, password, dbname |
//! | `DATABASE_URL` | one of the two | `postgres://…`, for local use |
//! | `DATABASE_CA_FILE` | – | PEM file with a further authority; those of RDS are built in |
//! | `CXONE_SECRET_ID` | required | secret: the client's credentials |
//! | `CXONE_PROFILE` | `v2` | JSON, or `@` and a path: what the tenant calls things; see `shared::cxone::profile`. Without its part of ranking, orders are answered 503, and the rest is done |
//! | `API_KEYS_SECRET_ID` | required | secret: the API keys; the scopes are `assist:write` and `assist:read` |
//! | `KEYS_TTL_SECONDS` | `300` | how long keys are kept before they are read again |
//! | `ERASURE_KEY_SECRET_ID` | required | the key of pseudonyms in the audit, that of tombstones; never change it |
//! | `CALLBACK_KEYS_SECRET_ID` | required | secret: `{"keys": ["whsec_…"]}`, by which callbacks are signed |
//! | `AUDIT_ANCHOR_SECRET_ID` | required | secret that takes the ends of the audit's chains; `{}` at first |
//! | `RANKING_LEARNING` | `shadow` | whether boosts are learned: `off`, `shadow` (shown, and without effect), `on` |
//! | `RETENTION_DAYS` | – | orders, impressions and clicks older than that are removed; empty keeps them |
//! | `LOG_LEVEL` | `info` | level of our own log lines |

mod answer;
mod app;
mod boost;
mod click;
mod drive;
mod handler;
mod learn;
mod metrics;
#[cfg(feature = "openapi")]
mod openapi;
mod post;
mod rank;
mod settle;
mod tick;

pub use app::{App, Config};
pub use handler::{Answer, handle};
#[cfg(feature = "openapi")]
pub use openapi::Document;
