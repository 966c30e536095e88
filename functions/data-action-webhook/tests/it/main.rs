//! The webhook from gateway event to queue, over the real AWS SDK.

mod answers;
mod faults;
mod fuzz;
mod rotation;
mod world;
