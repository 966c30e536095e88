//! What conversations and articles say, and what can be known of them from their words alone. Pure: no I/O, no clock.

pub mod article;
pub mod chunk;
pub mod html;
pub mod intent;
pub mod language;
pub mod phrases;
pub mod pii;
mod plain;
pub mod reading;
pub mod schema_map;
pub mod tags;
pub mod terms;
mod turn;

pub use turn::Turn;
