//! Keeps the knowledge base in Postgres equal to CXone's.
//!
//! - **Trigger**: a schedule (every five minutes what changed; every night everything), the queue `knowledge`, and by hand the
//!   tasks of [`Task`], of which one only tells what a run would change.
//! - **Reads**: CXone's articles; CXone's credentials and the provider's key from Secrets Manager.
//! - **Writes**: Postgres (articles, documents, chunks, vectors, words, links, conflicts, runs); a copy in Elasticsearch, if that is wanted,
//!   which never holds up anything else.
//! - **Calls**: CXone; an OpenAI-compatible service, or the model on this processor; the links of articles, within the bounds of
//!   `shared::net_guard`; Elasticsearch, if a copy is wanted; Secrets Manager.
//! - **Guarantee**: what CXone changed is here after the next run that ends well; what was not listed goes only if two complete
//!   listings agree. A reader sees an article whole, as it was or as it is. Two workers never write at the same time, and
//!   who works keeps the lease, also while nothing is written for long.
//! - **Deadline**: every page is stored with the run's progress; what is not done is gone on with by the next invocation.
//! - **Tidying**: the nightly run ends with forgetting links that no article has, and reports and conflicts that are over, after 90 days.
//! - **Failure**: what passes is tried again from the checkpoint by the next invocation, and does not move the watermark; twelve invocations
//!   in a row that store nothing, one in five minutes, end the run, because others wait for it; of an outage of CXone only a day does.
//!   What a person has to mend ends the run at once. A run that
//!   failed says why, and fails its invocation once the rest is done, whatever woke for it. An article that cannot be read stands in the report, and stops
//!   nobody.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `DATABASE_SECRET_ID` | one of the two | secret in the form of RDS: host, port, username, password, dbname |
//! | `DATABASE_URL` | one of the two | `postgres://…`, for local use |
//! | `DATABASE_CA_FILE` | – | PEM file with a further authority; those of RDS are built in |
//! | `CXONE_SECRET_ID` | required | secret: the client's credentials |
//! | `CXONE_PROFILE` | `v2` | JSON, or `@` and a path: what the tenant calls things; see `shared::cxone::profile` |
//! | `KNOWLEDGE_LOCALES` | all | languages for search, with commas; `de` stands for every German |
//! | `KNOWLEDGE_TERRITORIES` | all | territories for search, with commas |
//! | `KNOWLEDGE_LEFT_OUT` | `draft,unpublished,archived,deleted,expired` | states that are not for search |
//! | `KNOWLEDGE_CONFLICTS` | `skip` | `skip`, `take-remote` or `flag` |
//! | `KNOWLEDGE_MOST_REMOVED_PERCENT` | `20` | more is not removed unasked, but for up to 10 articles where as many stay |
//! | `KNOWLEDGE_BASE_URL` | – | what relative links of articles are relative to |
//! | `KNOWLEDGE_CHECK_LINKS` | `true` | whether the links of articles are checked; the function must reach the internet for it |
//! | `KNOWLEDGE_FORM` | `pages` | how articles are asked for: `pages`, or `conditional` (`If-Modified-Since`) |
//! | `KNOWLEDGE_PAGE` | `100` | articles that are asked for at once |
//! | `KNOWLEDGE_OVERLAP_SECONDS` | `300` | how far before the last known change a run begins |
//! | `ELASTICSEARCH_URL` | – | where documents are copied to; without it they are not |
//! | `ELASTICSEARCH_SECRET_ID` | required with it | secret: `api_key`, or `username` and `password` |
//! | `ELASTICSEARCH_INDEX` | `cxone_knowledge_index` | the index, made with its mapping if it is not there |
//! | `CHUNK_TOKENS` | `400` | tokens of a piece, at most the models' limit |
//! | `CHUNK_OVERLAP_TOKENS` | `40` | tokens that a piece repeats of the one before, at most a quarter of a piece |
//! | `EMBEDDING_…` | see `docs/settings.md` | the models, see `shared::embedding::Settings` |
//! | `LOG_LEVEL` | `info` | level of our own log lines |

mod app;
mod compare;
mod foresee;
mod handler;
mod job;
mod lease;
mod links;
mod listing;
mod mirror;
mod page;
mod progress;
mod remove;
mod render;
mod rules;
mod sync;
mod tidy;
mod vectors;
mod walk;
mod words;

pub use app::{App, Config};
pub use handler::{Task, handle};
