//! Queues: messages are contracts, with a version and a golden file in `events/`.

mod conversation;
mod depth;
mod envelope;
mod interaction;
mod knowledge;
mod segments;
mod sender;

pub use aws_sdk_sqs::Client;
pub use conversation::{ConversationMessage, MAX_MESSAGE_BYTES};
pub use depth::{Depth, depth};
pub use interaction::InteractionMessage;
pub use knowledge::KnowledgeMessage;
pub use segments::SegmentsMessage;
pub use sender::{InOrder, MessageId, Sender};
