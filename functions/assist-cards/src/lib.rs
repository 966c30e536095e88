//! Shows an agent the articles that answer what a customer says, while they speak; and most of the time nothing.
//!
//! - **Trigger**: the FIFO queue `interactions`, in batches of at most ten, an interaction's utterances in their order; a schedule for [`Task`].
//! - **Reads**: Postgres (the interaction, what was shown and dismissed, the knowledge base as it is at that moment); the client's
//!   credentials, the provider's key and the erasure key from Secrets Manager.
//! - **Writes**: Postgres (`assist_interactions`, cards among `assist_impressions`).
//! - **Calls**: CXone's assist interface; an OpenAI-compatible service, or the model on this processor.
//! - **Silence**: who speaks, when the last card came, and whether anything new was said decide before any model is asked. Of several utterances
//!   of an interaction in a batch, the newest of whoever calls for cards is answered, with what was said until then; one that is older
//!   than `ASSIST_FRESH_SECONDS`, or was said while nobody listened, is only remembered.
//! - **Guarantee**: no card comes twice. What became of an utterance is committed with its cards before these are posted. Whoever dies
//!   in between has lost the cards: they count as `unknown` a minute later. A post whose answer is lost is not sent again either. What CXone
//!   answered and did not take is tried again for some seconds, and withdrawn then: it may come when it is asked for again.
//! - **Failure**: without a model, words are searched alone, and the cards say so. An interaction that is over gets no more cards. If the database
//!   cannot be used, all utterances of the interaction are reported, and come again in their order. What no version of this code wrote is
//!   dropped, because it would hold up its interaction. Words are never logged.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `DATABASE_SECRET_ID` | one of the two | secret in the form of RDS: host, port, username, password, dbname |
//! | `DATABASE_URL` | one of the two | `postgres://…`, for local use |
//! | `DATABASE_CA_FILE` | – | PEM file with a further authority; those of RDS are built in |
//! | `CXONE_SECRET_ID` | required | secret: the client's credentials at CXone |
//! | `CXONE_PROFILE` | `v2` | what the tenant calls things, JSON or `@file`, over the built-in names |
//! | `ERASURE_KEY_SECRET_ID` | required | the key of tombstones; never change it |
//! | `ASSIST_RULES` | built in | how calm it is, JSON or `@file`; see `shared::assist::CalmRules` |
//! | `ASSIST_FRESH_SECONDS` | `20` | older utterances bring no card, nor do those that were said while nobody listened |
//! | `ASSIST_PHRASES` | `8` | key phrases that are searched for |
//! | `ASSIST_FILTER` | – | which articles may be shown: filters as `POST /search/knowledge` takes them, JSON |
//! | `SEARCH_…`, `BM25_…` | see `docs/settings.md` | how search ranks, see `shared::retrieval::Settings` |
//! | `PII_POLICY` | `tag` | what a service outside is told of words with personal data: `tag` all of them, `block` nothing; `mask`: they are taken out before anything is remembered |
//! | `EMBEDDING_…` | see `docs/settings.md` | the model, see `shared::embedding::Settings` |
//! | `LOG_LEVEL` | `info` | level of our own log lines |

mod app;
mod handler;
mod hear;
mod memory;
mod show;
mod suggest;
mod tidy;

pub use app::{App, Config};
pub use handler::{Task, handle};
