//! The message from whoever fills a segment of vectors to `vector-keeper`, on the queue `segments`.

use serde::{Deserialize, Serialize};

use super::envelope::{Envelope, VERSION, read, write};
use crate::error::Error;

/// A segment of a model was closed, which stands in the database. The message only wakes whoever seals segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentsMessage {
    version: u8,
    /// The number of the model.
    pub model: i16,
}

impl Envelope for SegmentsMessage {
    const WHAT: &'static str = "message about segments";

    fn version(&self) -> u8 {
        self.version
    }
}

impl SegmentsMessage {
    /// A message for this model.
    pub fn new(model: i16) -> Self {
        Self {
            version: VERSION,
            model,
        }
    }

    /// The text for SQS.
    pub fn to_text(&self) -> Result<String, Error> {
        write(self)
    }

    /// Reads a message back. What cannot be read is invalid for good.
    pub fn from_text(text: &str) -> Result<Self, Error> {
        read(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOLDEN: &str = include_str!("../../../events/queue.segments.v1.json");

    #[test]
    fn what_was_written_is_read_and_nothing_else() {
        let message = SegmentsMessage::new(7);
        let text = message.to_text().unwrap();
        assert_eq!(SegmentsMessage::from_text(&text).unwrap(), message);
        let newer = text.replace("\"version\":1", "\"version\":2");
        for wrong in [
            "",
            "{}",
            "[]",
            r#"{"version":1,"model":"7"}"#,
            r#"{"version":1,"model":70000}"#,
            &newer,
        ] {
            assert!(SegmentsMessage::from_text(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_contract_is_the_golden_file() {
        assert_eq!(
            SegmentsMessage::from_text(GOLDEN).unwrap(),
            SegmentsMessage::new(1)
        );
        assert_eq!(
            SegmentsMessage::new(1).to_text().unwrap(),
            GOLDEN.split_whitespace().collect::<String>()
        );
    }
}
