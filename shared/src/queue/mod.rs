//! Queues: messages are contracts, with a version and a golden file in `events/`.

mod conversation;
mod sender;

pub use conversation::{ConversationMessage, MAX_MESSAGE_BYTES};
pub use sender::{MessageId, Sender};
