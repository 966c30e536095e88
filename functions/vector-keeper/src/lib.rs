//! Seals full segments of conversations' vectors: their graphs are built in one go, or the tables of their signs, after loading, beside those
//! who write and search. Where many wait at once they become one. Sealed ones are merged into fewer and larger ones, and made anew where much of them is
//! dead.
//!
//! - **Trigger**: the queue `segments`, which says that a segment of a model was closed; a schedule every five minutes, as a safety net.
//! - **Reads**: nothing but Postgres.
//! - **Writes**: Postgres (segments with their graphs and signs, the lease).
//! - **Calls**: nobody else; Secrets Manager for the database's address.
//! - **Guarantee**: what is closed is sealed by some invocation, and found by search all the while, only slower. Nobody who writes or
//!   searches waits for it, who deletes may wait for the moment in which signs are made, and without it everything goes on. One keeper at a time works at a model, by a lease with an epoch: whoever
//!   lost it changes nothing.
//! - **Deadline**: every step is committed; what is not done is gone on with by the next invocation. A build whose caller is gone is
//!   finished by the server, and found by the next one; but one that waits for a report of somebody else for more than a minute is stopped,
//!   and the graph is made beside. A merge is begun only if earlier ones say that it will end in time; one that is too
//!   large is told (`merge_needs_s`), and an alarm tells when it stays so.
//! - **Failure**: a model that fails costs the others nothing. Its message comes again, and the schedule tries it again; a graph that was
//!   broken off is dropped and built anew. An alarm tells when the oldest closed segment waits for more than a quarter of an hour,
//!   another when one that is built has not taken the place of others for an hour (`swap_waits_s`).
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `DATABASE_SECRET_ID` | one of the two | secret in the form of RDS: host, port, username, password, dbname |
//! | `DATABASE_URL` | one of the two | `postgres://…`, for local use |
//! | `DATABASE_CA_FILE` | – | PEM file with a further authority; those of RDS are built in |
//! | `MERGE_SEGMENTS` | `8` | so many sealed segments of a tier become one of the next; at least two. From half as many on, closed ones that wait become one at once |
//! | `MAINTENANCE_MEMORY_MB` | half of `shared_buffers` | memory that building the graph of a merged segment may take (tables of signs need none); two may be built at once |
//! | `LOG_LEVEL` | `info` | level of our own log lines |

mod app;
mod handler;
mod keep;
mod merge;
mod seal;

pub use app::{App, Config};
pub use handler::{Task, handle};
