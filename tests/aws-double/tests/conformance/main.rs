//! One suite, written once with the real SDK: the double answers it as moto does.
//!
//! It always runs against the double, and against moto too when `MOTO_ENDPOINT` names one. `stricter` holds what the
//! real services do and moto doesn't, asserted of the double alone; `double` holds what only the double has.

#![expect(
    clippy::unwrap_used,
    reason = "clippy.toml frees tests of it, but not the functions that tests share"
)]

mod cloud;
mod double;
mod fifo;
mod limits;
mod messages;
mod queues;
mod secrets;
mod stricter;
