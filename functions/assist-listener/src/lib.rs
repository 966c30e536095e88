//! Hears what is said in live interactions, and forwards it sentence by sentence.
//!
//! - **Trigger**: a schedule, every minute. One invocation listens for a quarter of an hour; whoever comes while it is not yet needed
//!   leaves at once, and whoever comes shortly before the end connects, stands by and takes over. Outside of Lambda the same
//!   program listens for ever, and a second one of it stands by.
//! - **Reads**: CXone's stream of interactions, or NICE's own notification socket, as the profile says (`stream.dialect`); CXone's credentials and the
//!   erasure key from Secrets Manager; how far each interaction was forwarded.
//! - **Writes**: the queue `interactions`, in order within an interaction; Postgres (the lease, and how far each interaction was
//!   forwarded).
//! - **Calls**: CXone, SQS, Postgres, Secrets Manager.
//! - **Guarantee**: one listener forwards at a time, by a lease in Postgres. What is to be sent is stored before it is sent, so
//!   whoever goes on after a kill sends just that again, under the same deduplication id. So every utterance of which a frame arrived
//!   is forwarded, and within five minutes once; after that its interaction and offset tell a copy from it.
//! - **Limits**: a frame tells all that was said, so one that is missed is made good by the next one. What was said last, in a frame
//!   that nobody received, is not known to anybody: CXone tells only of interactions that go on, and has nothing to ask about the others.
//!   The notification socket tells utterances, and whoever subscribes is taken to be told those of before; where a tenant's does not,
//!   what was said while the connection was lost is lost. An unfinished sentence is lost if the listener is killed within the second and
//!   a half for which it waits, and nothing more is said.
//! - **Texts**: what waits to be sent, and the words of an unfinished sentence, stand in Postgres until they are forwarded; beyond
//!   that, numbers, for a day after the last word.
//! - **Failure**: a connection that is lost is opened again, with growing pauses. Who hears nothing for longer than a lease makes way for one that
//!   stands by, because only those stand by who hear; an invocation leaves after a minute without hearing, and the next tick brings another. A frame that cannot be read is counted. While SQS or
//!   Postgres cannot be reached, the newest frame of each interaction is kept. What a person has to mend ends the invocation with
//!   an error; the next one tries again.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `DATABASE_SECRET_ID` | one of the two | secret in the form of RDS: host, port, username, password, dbname |
//! | `DATABASE_URL` | one of the two | `postgres://…`, for local use |
//! | `DATABASE_CA_FILE` | – | PEM file with a further authority; those of RDS are built in |
//! | `CXONE_SECRET_ID` | required | secret: the client's credentials |
//! | `CXONE_PROFILE` | `v2` | JSON, or `@` and a path: what the tenant calls things; see `shared::cxone::profile` |
//! | `ERASURE_KEY_SECRET_ID` | required | the key of tombstones; never change it |
//! | `INTERACTIONS_QUEUE_URL` | required | the FIFO queue that utterances go to |
//! | `UTTERANCE_QUIET_MS` | `1500` | how long it is quiet before a sentence without an end is forwarded |
//! | `LOG_LEVEL` | `info` | level of our own log lines |

mod app;
mod ears;
mod forward;
mod gone;
mod handler;
mod hearing;
mod listen;
mod report;
mod send;
mod settle;

pub use app::{App, Config, Rhythm};
pub use handler::{forever, handle};
pub use listen::Report;
