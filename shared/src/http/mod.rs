//! The one place where HTTP becomes Rust and errors become statuses (RFC 9457 problem+json).

mod admit;
mod answer;
mod idempotency;
#[cfg(feature = "openapi")]
pub mod openapi;
mod path;
mod query;
mod request;
mod response;

pub use crate::auth::Headers;
pub use admit::admit;
pub use answer::answer;
pub use idempotency::idempotency_key;
pub use path::path_segment;
pub use query::Query;
pub use request::{HttpEvent, Request};
pub use response::{Response, page, problem, reply};
