//! Makes conversations searchable: maps their payload to text, tags it, embeds it in batches, and stores it.
//!
//! - **Trigger**: the queue `conversations`, in batches; a schedule for retention; by hand the tasks of [`Task`].
//! - **Reads**: the provider's key and the key of tombstones from Secrets Manager.
//! - **Writes**: Postgres (events, texts, vectors, words, claims, tombstones, what the audit says of erasures); what can never be stored goes to the
//!   dead-letter queue; a word to `vector-keeper` that a segment of vectors is full.
//! - **Calls**: an OpenAI-compatible service, or the model on this processor; Secrets Manager; SQS.
//! - **Guarantee**: an event has its effect once, however often it comes: its key is unique in the transaction that stores it,
//!   and is looked up, and claimed, before the model is asked. What is not stored is reported to the queue, message by message.
//! - **Deadline**: half a second before it the answer is out; what was claimed and not done is given up before that, so that
//!   the next try need not wait.
//! - **Retention**: `expire` removes also what assist-listener, assist-cards, snippet-ranker and transcript-injector keep, by the periods
//!   by which they do: they may be switched off. Events go when the day that received them is over, in UTC.
//! - **Words**: they are stored with the texts, in the same transaction; small blocks of them are folded after a batch, and those of
//!   what went are dropped by `expire`.
//! - **Segments**: a batch that fills the fresh segment of vectors lets the next one take its place after it is stored, and makes another.
//!   Whatever goes wrong with that, writers go on in the full one, and the next batch tries again.
//! - **Models**: the first decides, and a second one is filled beside it; which of them search reads, the database says. What
//!   fails under the first or under that one is tried again; what fails under another is left to the task `reembed`.
//! - **Long events**: what lacks the fewest vectors is asked for first. An event that takes more than half of a run by itself is stored with
//!   the vectors that it has by then, and marked; words find the rest, and `reembed` goes on with it, run by run, until it has all.
//! - **Failure**: an unreadable message is parked in the dead-letter queue at once. A text that the provider refuses is stored
//!   for lexical search, and marked. Everything else is tried again by the queue, and after five times lies in the dead-letter
//!   queue. Nothing of a payload is logged.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `DATABASE_SECRET_ID` | one of the two | secret in the form of RDS: host, port, username, password, dbname |
//! | `DATABASE_URL` | one of the two | `postgres://…`, for local use |
//! | `DATABASE_CA_FILE` | – | PEM file with a further authority; those of RDS are built in |
//! | `CONVERSATIONS_DEAD_LETTER_QUEUE_URL` | required | where messages go that can never be stored |
//! | `SEGMENTS_QUEUE_URL` | required | where `vector-keeper` is told that a segment is full |
//! | `SEGMENT_VALUES` | `3840000` | the numbers of all vectors of a fresh segment: 10,000 vectors of 384, 2,500 of 1,536 |
//! | `ERASURE_KEY_SECRET_ID` | required | secret: the key of tombstones, at least 32 bytes, never changed |
//! | `SCHEMA_MAP` | built in | JSON, or `@` and the path of a file with it; see `shared::text::schema_map` |
//! | `INTENTS` | built in | JSON, or `@` and a path: categories, examples, keywords; see `shared::text::intent` |
//! | `PII_POLICY` | `tag` | `tag`, `mask` or `block` |
//! | `CHUNK_TOKENS` | `400` | tokens of a piece, at most the model's limit |
//! | `CHUNK_OVERLAP_TOKENS` | `40` | tokens that a piece repeats of the one before, at most a quarter of the piece |
//! | `RETENTION_DAYS` | – | events that were received before that are removed, by whole days (UTC), callbacks that were given up or wait, orders, impressions, clicks and transcripts that ended or wait, 1 to 36500; without it none is |
//! | `EMBEDDING_…` | see `docs/settings.md` | the model, see `shared::embedding::Settings` |
//! | `LOG_LEVEL` | `info` | level of our own log lines |

mod active;
mod app;
mod arrive;
mod ask;
mod embed;
mod erase;
mod handler;
mod intents;
mod isolate;
mod others;
mod page;
mod prepare;
mod reembed;
mod render;
mod replay;
mod retain;
mod segments;
mod store;
mod switch;
mod time;
mod vectors;
mod words;
mod work;

pub use app::{App, Config};
pub use handler::{Task, handle};
