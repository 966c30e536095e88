//! The table `assist_interactions`, and the cards among `assist_impressions`.
//!
//! An utterance has its effect once: what became of it and its cards are committed before a card is posted, and who finds the interaction
//! further than it was read writes nothing.

mod keep;
mod load;
mod remove;
mod settle;

pub use keep::{Kept, NewCard, Progress, keep};
pub use load::{Known, load};
pub(crate) use remove::erase;
pub use remove::{Tidied, expire, tidy};
pub use settle::{Fate, end, settle};
