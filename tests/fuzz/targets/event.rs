//! Any body of a webhook and any message of the four queues.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::domain::DataActionEvent;
use shared::queue::{ConversationMessage, InteractionMessage, KnowledgeMessage, SegmentsMessage};

fuzz_target!(|bytes: &[u8]| {
    let _ = DataActionEvent::parse(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(message) = ConversationMessage::from_text(text) {
        let _ = message.body();
    }
    let _ = InteractionMessage::from_text(text);
    let _ = KnowledgeMessage::from_text(text);
    let _ = SegmentsMessage::from_text(text);
});
