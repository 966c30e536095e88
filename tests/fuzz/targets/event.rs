//! Any body of a webhook and any message of the queue.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::domain::DataActionEvent;
use shared::queue::ConversationMessage;

fuzz_target!(|bytes: &[u8]| {
    let _ = DataActionEvent::parse(bytes);
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(message) = ConversationMessage::from_text(text)
    {
        let _ = message.body();
    }
});
