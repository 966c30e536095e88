//! What is said while an interaction lasts: frames of the stream become utterances. Pure: time is an argument.
//!
//! - [`frame`]: the bytes of a frame, which hold a whole transcript for each channel.
//! - `growth`: what of a transcript was not known before.
//! - `utterances`: what is new becomes sentences, or what was said before it grew quiet.

pub mod frame;
#[cfg(feature = "text")]
mod growth;
#[cfg(feature = "text")]
mod sentences;
#[cfg(feature = "text")]
mod utterances;
#[cfg(feature = "text")]
mod words;

#[cfg(feature = "text")]
pub use utterances::{Interaction, Utterance};

#[cfg(test)]
#[cfg(feature = "text")]
mod tests;
