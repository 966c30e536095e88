//! Text becomes vectors.

#[cfg(feature = "local-model")]
pub mod local;
pub mod openai;
