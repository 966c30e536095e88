//! Signed webhooks, and whether what came of them is right: the answer, and the message on the queue.

use end_to_end::Answer;
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::domain::DataActionEvent;
use shared::queue::ConversationMessage;
use shared::testing;

use crate::bench::Outcome;
use crate::stage::{QUEUE, Stage};

/// The key that signs.
pub(crate) const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PATH: &str = "/webhooks/data-action";

/// A webhook of about `size` bytes, signed now; `number` makes it unlike the others.
pub(crate) fn signed(number: usize, size: usize) -> Outcome<String> {
    let schemes = r#"["standard-webhooks"]"#;
    let keys = json!({ "standard-webhooks": [KEY] }).to_string();
    let keyring = testing::keyring(schemes, &keys)?;
    let body = testing::conversation(number, size);
    let id = format!("msg_{number}");
    let headers = testing::signed(&keyring, &id, Timestamp::now(), &body);
    Ok(testing::http_event(PATH, &headers, &body).to_string())
}

/// The receipt in an answer that must be a 202.
pub(crate) fn receipt(answer: &Answer) -> Outcome<Value> {
    let wrong = || {
        let body = String::from_utf8_lossy(&answer.body);
        format!("the answer is no 202: {body}; see target/bench/functions.log")
    };
    let response: Value = serde_json::from_slice(&answer.body)?;
    if !answer.is_ok || response["statusCode"] != 202 {
        return Err(wrong().into());
    }
    Ok(serde_json::from_str(
        response["body"].as_str().ok_or_else(wrong)?,
    )?)
}

/// That the newest message is the one that the receipt speaks of, carries the bytes that were sent, and can be read.
pub(crate) fn check_newest(
    stage: &Stage,
    receipt: &Value,
    number: usize,
    size: usize,
) -> Outcome<()> {
    let messages = stage.double.messages(QUEUE);
    let newest = messages.last().ok_or("nothing is on the queue")?;
    let message = ConversationMessage::from_text(&newest.body)?;
    let sent = testing::conversation(number, size);
    let wanted = DataActionEvent::parse(sent.as_bytes())?;
    let is_right = receipt["receipt_id"] == message.receipt_id.to_string()
        && receipt["event_key"] == wanted.key.as_str()
        && message.event_key == wanted.key
        && message.body()? == sent.as_bytes();
    if is_right {
        Ok(())
    } else {
        Err("the message on the queue is not the one that was acknowledged".into())
    }
}
