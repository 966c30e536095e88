//! Queues: messages are contracts, with a version and a golden file in `events/`.

mod conversation;
mod envelope;
mod interaction;
mod knowledge;
mod segments;
mod sender;

pub use conversation::{ConversationMessage, MAX_MESSAGE_BYTES};
pub use interaction::InteractionMessage;
pub use knowledge::KnowledgeMessage;
pub use segments::SegmentsMessage;
pub use sender::{InOrder, MessageId, Sender};
