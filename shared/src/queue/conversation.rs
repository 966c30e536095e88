//! The message from `data-action-webhook` to `conversation-embedder`, on the queue `conversations`.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::envelope::{Envelope, VERSION, read, write};
use crate::domain::{ConversationId, DataActionEvent, EventKey, EventName, ReceiptId};
use crate::error::Error;

/// What SQS takes: body and attributes together.
pub const MAX_MESSAGE_BYTES: usize = 1_048_576;
/// Reserved for the attributes of a message.
const ATTRIBUTE_BYTES: usize = 1_024;
/// A body whose base64 is longer than this is compressed first.
const COMPRESS_OVER: usize = 256 * 1_024;
/// A stored body that inflates to more than this was not written by us.
const MOST_INFLATED: u64 = 16 * 1_024 * 1_024;

/// A verified, validated event on its way. The raw body goes as base64, because SQS refuses or alters some characters.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationMessage {
    version: u8,
    /// What the caller was given.
    pub receipt_id: ReceiptId,
    /// The key under which this has its effect once.
    pub event_key: EventKey,
    /// Which conversation.
    pub conversation_id: ConversationId,
    /// What happened.
    pub event: EventName,
    /// When, by CXone's clock.
    pub timestamp: Timestamp,
    /// When we received it.
    pub received_at: Timestamp,
    encoding: Encoding,
    body: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Encoding {
    #[serde(rename = "base64")]
    Base64,
    #[serde(rename = "gzip+base64")]
    GzipBase64,
}

impl std::fmt::Debug for ConversationMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "ConversationMessage({}, {:?})",
            self.receipt_id, self.event_key
        )
    }
}

impl Envelope for ConversationMessage {
    const WHAT: &'static str = "conversation message";

    fn version(&self) -> u8 {
        self.version
    }
}

impl ConversationMessage {
    /// Packs an event and its raw body.
    pub fn pack(
        event: DataActionEvent,
        body: &[u8],
        received_at: Timestamp,
    ) -> Result<Self, Error> {
        let (encoding, body) = encode(body)?;
        Ok(Self {
            version: VERSION,
            receipt_id: ReceiptId::generate(),
            event_key: event.key,
            conversation_id: event.conversation_id,
            event: event.event,
            timestamp: event.timestamp,
            received_at,
            encoding,
            body,
        })
    }

    /// The text for SQS, if it fits.
    pub fn to_text(&self) -> Result<String, Error> {
        let text = write(self)?;
        if text.len() > MAX_MESSAGE_BYTES - ATTRIBUTE_BYTES {
            return Err(Error::TooLarge {
                compressed: true,
                limit: MAX_MESSAGE_BYTES - ATTRIBUTE_BYTES,
            });
        }
        Ok(text)
    }

    /// Reads a message back. What cannot be read is invalid for good.
    pub fn from_text(text: &str) -> Result<Self, Error> {
        read(text)
    }

    /// The raw body as it was signed.
    pub fn body(&self) -> Result<Vec<u8>, Error> {
        let bytes = STANDARD
            .decode(&self.body)
            .map_err(|_| Error::invalid("/body", "is not base64"))?;
        match self.encoding {
            Encoding::Base64 => Ok(bytes),
            Encoding::GzipBase64 => inflate(&bytes),
        }
    }
}

fn encode(body: &[u8]) -> Result<(Encoding, String), Error> {
    if body.len().div_ceil(3) * 4 <= COMPRESS_OVER {
        return Ok((Encoding::Base64, STANDARD.encode(body)));
    }
    let bug = |error| Error::Bug {
        what: "compression in memory failed",
        source: Some(Box::new(error)),
    };
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).map_err(bug)?;
    Ok((
        Encoding::GzipBase64,
        STANDARD.encode(encoder.finish().map_err(bug)?),
    ))
}

fn inflate(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    let read = GzDecoder::new(bytes)
        .take(MOST_INFLATED + 1)
        .read_to_end(&mut body);
    match read {
        Err(_) => Err(Error::invalid("/body", "is not gzip")),
        Ok(_) if body.len() as u64 > MOST_INFLATED => {
            Err(Error::invalid("/body", "inflates beyond every limit"))
        }
        Ok(_) => Ok(body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EVENT: &[u8] =
        br#"{"event":"conversation.completed","timestamp":"2026-01-15T10:30:00Z","conversationId":"conv-1","data":{}}"#;

    fn pack(body: &[u8]) -> ConversationMessage {
        let event = DataActionEvent::parse(EVENT).unwrap();
        ConversationMessage::pack(event, body, "2026-01-15T10:30:01Z".parse().unwrap()).unwrap()
    }

    #[test]
    fn the_golden_message_is_read_and_written_the_same() {
        let golden = include_str!("../../../events/queue.conversations.v1.json");
        let message = ConversationMessage::from_text(golden).unwrap();
        assert_eq!(message.body().unwrap(), EVENT);
        assert_eq!(
            message.event_key,
            DataActionEvent::parse(EVENT).unwrap().key
        );
        let written: serde_json::Value = serde_json::from_str(&message.to_text().unwrap()).unwrap();
        assert_eq!(
            written,
            serde_json::from_str::<serde_json::Value>(golden).unwrap()
        );
    }

    #[test]
    fn another_version_is_refused_by_name() {
        let text = pack(b"{}")
            .to_text()
            .unwrap()
            .replacen("\"version\":1", "\"version\":2", 1);
        assert!(
            matches!(ConversationMessage::from_text(&text), Err(Error::Invalid(v)) if v[0].pointer == "/version")
        );
    }

    #[test]
    fn large_bodies_are_compressed_and_what_still_does_not_fit_is_refused() {
        let text = pack(&b"all the same words ".repeat(60_000))
            .to_text()
            .unwrap();
        assert!(text.len() < 100_000 && text.contains("gzip+base64"));
        let mut seed = 1_u64;
        let mut noise = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            seed.to_be_bytes()[0]
        };
        let noise: Vec<u8> = std::iter::repeat_with(&mut noise).take(900_000).collect();
        assert!(matches!(
            pack(&noise).to_text(),
            Err(Error::TooLarge { .. })
        ));
    }

    #[test]
    fn the_limit_of_sqs_is_exact_with_room_for_attributes() {
        let mut message = pack(b"{}");
        let overhead = message.to_text().unwrap().len() - message.body.len();
        message.body = "A".repeat(1_048_576 - 1_024 - overhead);
        assert_eq!(message.to_text().unwrap().len(), 1_047_552);
        message.body.push('A');
        let refused = message.to_text().unwrap_err();
        assert!(
            matches!(
                refused,
                Error::TooLarge {
                    compressed: true,
                    limit: 1_047_552
                }
            ),
            "{refused}"
        );
    }

    #[test]
    fn a_body_is_compressed_when_its_base64_is_over_256_kilobytes() {
        let encoding = |size: usize| pack(&vec![b'x'; size]).encoding;
        assert_eq!(encoding(196_608), Encoding::Base64);
        assert_eq!(encoding(196_609), Encoding::GzipBase64);
    }

    #[test]
    fn its_debug_form_holds_no_body() {
        let message = pack(b"canary");
        let form = format!("{message:?}");
        assert!(
            form.contains(&message.receipt_id.to_string()) && !form.contains(&message.body),
            "{form}"
        );
    }

    #[test]
    fn a_bomb_does_not_go_off() {
        let inflated = |size: usize| {
            let mut message = pack(b"{}");
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(&vec![0; size]).unwrap();
            message.encoding = Encoding::GzipBase64;
            message.body = STANDARD.encode(encoder.finish().unwrap());
            message.body()
        };
        let body = inflated(16_777_216);
        assert!(body.is_ok_and(|body| body.len() == 16_777_216));
        assert!(matches!(inflated(16_777_217), Err(Error::Invalid(_))));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_body_comes_back(word in proptest::collection::vec(any::<u8>(), 1..50), times in 0_usize..20_000) {
            let body = word.repeat(times);
            let text = pack(&body).to_text().unwrap();
            prop_assert_eq!(ConversationMessage::from_text(&text).unwrap().body().unwrap(), body);
        }
    }
}
