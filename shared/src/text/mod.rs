//! What a conversation says, and what can be known of it from its words alone. Pure: no I/O, no clock.

pub mod chunk;
pub mod intent;
pub mod language;
pub mod pii;
mod plain;
pub mod schema_map;
mod turn;

pub use turn::Turn;
