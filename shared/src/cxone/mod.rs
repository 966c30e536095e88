//! wip
pub mod profile;
