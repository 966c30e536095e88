//! Answers searches in articles and in conversations, and tells what is stored of a conversation.
//!
//! - **Trigger**: `POST /search/knowledge` and `POST /search/conversations` with a JSON body (see
//!   [`shared::domain::query`]); `GET /conversations/{id}`.
//! - **Reads**: the API keys from Secrets Manager, kept for `KEYS_TTL_SECONDS`; documents, chunks, vectors and words; one state of
//!   everything for each question.
//! - **Writes**: nothing.
//! - **Calls**: Secrets Manager, Postgres; an OpenAI-compatible service, or the model on this processor, for the question's vector.
//! - **Guarantee**: what was committed before the question is searched, whole. What a filter keeps out is not answered. Vectors of two
//!   models are never compared.
//! - **Failure**: 401 and 403 before anything else is looked at; 400 with every broken rule; 409 for a cursor of an earlier state; 404
//!   for a conversation of which nothing is stored; 503 with `Retry-After` while the database or the keys cannot be reached. While the
//!   model cannot be asked, or may not be by `PII_POLICY=block`, words are searched alone, and the answer says `vector_unavailable`.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `DATABASE_SECRET_ID` | one of the two | secret in the form of RDS: host, port, username, password, dbname |
//! | `DATABASE_URL` | one of the two | `postgres://…`, for local use |
//! | `DATABASE_CA_FILE` | – | PEM file with a further authority; those of RDS are built in |
//! | `API_KEYS_SECRET_ID` | required | secret: the API keys; the scope is `search:read`, of what was said `conversations:read` |
//! | `KEYS_TTL_SECONDS` | `300` | how long keys are kept before they are read again |
//! | `SEARCH_LANGUAGE` | `en` | the language that every other one falls back to |
//! | `SEARCH_FUSION` | `weighted` | how two scores become one: `weighted`, or `rrf` (only places count) |
//! | `SEARCH_VECTOR_WEIGHT` | `0.6` | what vectors count in a weighted sum; words count the rest |
//! | `BM25_K1` | `1.2` | how soon repeats of a word stop counting |
//! | `BM25_B` | `0.75` | how much long texts are held back |
//! | `PII_POLICY` | `tag` | what a service outside is told of a question with personal data: `tag` all of it, `mask` without them, `block` nothing |
//! | `EMBEDDING_…` | see `docs/settings.md` | the models, see `shared::embedding::Settings` |
//! | `LOG_LEVEL` | `info` | level of our own log lines |

mod app;
mod handler;
#[cfg(feature = "openapi")]
mod openapi;
mod search;
mod tell;

pub use app::{App, Config};
pub use handler::handle;
#[cfg(feature = "openapi")]
pub use openapi::Document;
