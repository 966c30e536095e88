//! The one common crate: authentication, validation, and everything that two functions need.
//!
//! Imports flow one way: `config`, `error` ← `domain` ← `auth`, `injection`, `ranking`, `text`, `transcript` ← `search`, `assist`, `audit`, `queue`,
//! `secrets` ← `cxone`, `db`, `embedding`, `http` ← `retrieval`, `callback` ← the functions. The pure rooms (`domain`, `auth`, `injection`,
//! `ranking`, `text`, `transcript`, `search`, `assist`, and the rules inside `audit`) know neither the network nor the clock: time is an
//! argument. Tidy tests hold both, the first by a table of all rooms.

#[cfg(feature = "text")]
pub mod assist;
#[cfg(feature = "db")]
pub mod audit;
pub mod auth;
pub mod aws;
pub mod batch;
#[cfg(feature = "callback")]
pub mod callback;
pub mod config;
#[cfg(feature = "cxone")]
pub mod cxone;
#[cfg(feature = "db")]
pub mod db;
pub mod deadline;
pub mod domain;
#[cfg(feature = "embedding")]
pub mod embedding;
pub mod error;
pub mod fail_point;
pub mod http;
pub mod injection;
pub mod json;
#[cfg(feature = "links")]
pub mod links;
#[cfg(feature = "mirror")]
pub mod mirror;
#[cfg(feature = "net-guard")]
pub mod net_guard;
#[cfg(feature = "outbound")]
pub mod outbound;
pub mod queue;
pub mod ranking;
#[cfg(all(feature = "db", feature = "embedding"))]
pub mod retrieval;
pub mod retry;
#[cfg(feature = "text")]
pub mod search;
pub mod secrets;
pub mod task;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "text")]
pub mod text;
pub mod transcript;
pub mod validation;

pub use error::{Error, Kind};
