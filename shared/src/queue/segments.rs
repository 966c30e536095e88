//! The message from whoever fills a segment of vectors to `vector-keeper`, on the queue `segments`.

use serde::{Deserialize, Serialize};

use crate::error::Error;

const VERSION: u8 = 1;

/// A segment of a model was closed, which stands in the database. The message only wakes whoever seals segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentsMessage {
    version: u8,
    /// The number of the model.
    pub model: i16,
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
        serde_json::to_string(self).map_err(|error| Error::Bug {
            what: "a message does not serialize",
            source: Some(Box::new(error)),
        })
    }

    /// Reads a message back. What cannot be read is invalid for good.
    pub fn from_text(text: &str) -> Result<Self, Error> {
        let unreadable = |_| Error::invalid("", "is no message about segments");
        let message: Self = serde_json::from_str(text).map_err(unreadable)?;
        if message.version != VERSION {
            let detail = format!("is not {VERSION}, the version that this code reads");
            return Err(Error::invalid("/version", detail));
        }
        Ok(message)
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
