//! What is said while an interaction lasts: frames of the stream become utterances. Pure: time is an argument.
//!
//! - [`dialect`]: the two ways in which a socket tells of interactions, and what is sent on it.
//! - [`frame`]: the bytes of a frame, which hold a whole transcript for each channel.
//! - [`notice`]: a message of NICE's own notification socket, which holds one utterance; `contacts` gathers them.
//! - `channels`: which channel a text of a frame is of, also where channels move.
//! - `growth`: what of a transcript was not known before.
//! - `utterances`: what is new becomes sentences, or what was said before it grew quiet.

#[cfg(feature = "text")]
mod channels;
mod contacts;
pub mod dialect;
pub mod frame;
#[cfg(feature = "text")]
mod growth;
pub mod notice;
#[cfg(feature = "text")]
mod numbers;
#[cfg(feature = "text")]
mod order;
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
