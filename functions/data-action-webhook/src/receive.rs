//! The use case: a request becomes a durable message, or the caller learns why not.

use jiff::Timestamp;
use serde::Serialize;
use shared::auth::{Keyring, Reason, Unverified, Verified};
use shared::domain::{ConversationId, DataActionEvent, EventKey, ReceiptId};
use shared::error::Error;
use shared::http::{Headers, Request};
use shared::queue::ConversationMessage;

use crate::app::App;

/// What the caller holds as proof.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct Receipt {
    receipt_id: ReceiptId,
    event_key: EventKey,
    conversation_id: ConversationId,
}

/// Verifies, validates, enqueues, in this order; answers only after SQS has named the message.
pub(crate) async fn receive(app: &App, request: Request, now: Timestamp) -> Result<Receipt, Error> {
    if request.body.len() > app.max_body_bytes {
        return Err(Error::TooLarge {
            compressed: false,
            limit: app.max_body_bytes,
        });
    }
    let is_plain = is_plain(&request.headers);
    let unverified = Unverified::new(request.headers, request.body);
    let verified = verify(app, &unverified, now).await?;
    if !is_plain {
        return Err(Error::Unsupported(
            "send the body without a content encoding",
        ));
    }
    let event = DataActionEvent::parse(verified.body())?;
    let message = ConversationMessage::pack(event, verified.body(), now)?;
    let message_id = app
        .queue
        .send(message.to_text()?, &request.correlation_id)
        .await?;
    tracing::info!(
        conversation.id = %message.conversation_id,
        event.key = message.event_key.as_str(),
        receipt.id = %message.receipt_id,
        queue.message_id = %message_id,
        auth.scheme = verified.scheme(),
        "enqueued"
    );
    let ConversationMessage {
        receipt_id,
        event_key,
        conversation_id,
        ..
    } = message;
    Ok(Receipt {
        receipt_id,
        event_key,
        conversation_id,
    })
}

/// A key that is not known may be a new one: the request is tried once more.
async fn verify(app: &App, request: &Unverified, now: Timestamp) -> Result<Verified, Error> {
    let verify = |keys: &Keyring| request.verify(keys, now).map_err(Error::Unauthorized);
    app.keys.ask(now, verify).await.map_err(refusal)
}

/// Whoever comes by a scheme whose keys are missing may hold one of them: what is refused is lost, so they are to come back.
fn refusal(error: Error) -> Error {
    match error {
        Error::Unauthorized(Reason::NoKeys) => Error::misconfigured(
            "a webhook came by a scheme that has no usable key in the webhook key secret",
        ),
        error => error,
    }
}

/// JSON is read whatever the content type says; a compressed body is not read.
fn is_plain(headers: &Headers) -> bool {
    headers
        .get("content-encoding")
        .is_none_or(|encoding| encoding.eq_ignore_ascii_case("identity"))
}
