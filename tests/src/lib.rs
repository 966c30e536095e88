//! What end-to-end tests and benches share: a host for one function process, speaking the Lambda runtime API; and what such processes
//! speak to.
//!
//! The local stack runs functions under cargo-lambda. This host exists beside it where a test must hold the process in its own
//! hand, to stop, kill or time it, and where an emulator's own milliseconds would stand in the figures.

pub mod canary;
pub mod gateway;
mod process;
mod runtime_api;
mod world;

pub use process::{Function, binary};
pub use runtime_api::{Answer, RuntimeApi};
pub use world::{AMPLE, World};
