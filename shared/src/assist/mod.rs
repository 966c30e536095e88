//! What a listening ear puts on an agent's screen, and above all when it does not. Pure: no I/O, no clock; time is an argument.
//!
//! - [`Window`]: what was said last, which is what is searched for;
//! - [`prominence`]: how far an article stands out among all that were found;
//! - [`is_called_for`]: whether an article answers the turn that goes on, or the one before it;
//! - [`is_number`]: what is spelled out and asks for nothing;
//! - [`CalmRules`] and [`decide`]: whether this moment is one for cards, and which;
//! - [`Calm`]: what one interaction has seen so far, as it is stored between two utterances;
//! - [`Card`]: what CXone shows.
//!
//! Whoever uses this asks [`may_speak`] and [`is_number`] first, which costs nothing, then searches for the window, and then asks
//! [`decide`] about what has [`prominence`] and [`is_called_for`]. What was posted is noted with [`Calm::note`], what an agent dismisses with [`Calm::dismiss`].

mod called_for;
mod calm;
mod card;
mod clean;
mod decide;
mod prominence;
mod rules;
mod spelled;
#[cfg(test)]
mod tests;
mod window;

pub use called_for::is_called_for;
pub use calm::Calm;
pub use card::{Candidate, Card, Content};
pub use decide::{Decision, Silence, Utterance, decide, may_speak};
pub use prominence::{DEPTH, prominence};
pub use rules::{CalmRules, Trigger};
pub use spelled::is_number;
pub use window::Window;
