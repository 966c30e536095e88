//! Puts the transcripts that wait into CXone, at the tenant's pace.
//!
//! - **Trigger**: a schedule (every minute) with the task `drain`; by hand `{"task": "requeue", "ids": […]}` or
//!   `{"task": "requeue", "reason": "HTTP 503"}`, which brings back what was given up.
//! - **Reads**: CXone's credentials and the erasure key from Secrets Manager; the outbox.
//! - **Writes**: CXone (conversations); Postgres (the outbox, the archive, callbacks, the audit, the pace). Callbacks are told by
//!   `snippet-ranker`'s tick.
//! - **Calls**: CXone, Secrets Manager, Postgres.
//! - **Guarantee**: each part once, whole, and in the order of its interaction. A claim is a committed lease with an epoch, and no transaction
//!   is open while CXone is asked. After a lost answer the same messages are sent again, looked up, or held as `outcome_unknown`, as the
//!   tenant's profile says. However many run at once, they share one bucket, and never post more than it gives.
//! - **Deadline**: nothing is begun that would not end; the next run goes on.
//! - **Failure**: 400 ends a transcript, and its words are kept. 401 and 403, and addresses where there is nothing, pause everything: nothing is
//!   lost, an alarm says what to change, and every five minutes one post tries whether that was done. 429 pauses for as long as CXone
//!   asks. 5xx and network failures are tried again, ever later, up to 12 times, and then it is dead: what follows in its interaction waits
//!   until it is brought back.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `DATABASE_SECRET_ID` | one of the two | secret in the form of RDS: host, port, username, password, dbname |
//! | `DATABASE_URL` | one of the two | `postgres://…`, for local use |
//! | `DATABASE_CA_FILE` | – | PEM file with a further authority; those of RDS are built in |
//! | `CXONE_SECRET_ID` | required | secret: the client's credentials |
//! | `CXONE_PROFILE` | `v2` | JSON, or `@` and a path: what the tenant calls things; see `shared::cxone::profile` |
//! | `ERASURE_KEY_SECRET_ID` | required | the key of pseudonyms in the audit, that of tombstones; never change it |
//! | `TRANSCRIPTS_PER_MINUTE` | `17` | how many posts the tenant allows a minute |
//! | `TRANSCRIPTS_BURST` | `250` | how many at once, after a long pause; if that is less than a minute allows, a run stays to wait for more |
//! | `TRANSCRIPTS_PER_HOUR` | `1020` | how many in any hour |
//! | `RETENTION_DAYS` | – | transcripts that ended longer ago are removed, and those that CXone has not taken for so long; empty keeps them, without the words of what it has |
//! | `LOG_LEVEL` | `info` | level of our own log lines |

mod app;
mod drain;
mod handler;
mod inject;
mod judge;

pub use app::{App, Config};
pub use drain::Report;
pub use handler::{Answer, Task, handle};
