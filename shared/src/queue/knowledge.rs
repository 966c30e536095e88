//! The message from `knowledge-refresh` to `knowledge-sync`, on the queue `knowledge`.

use serde::{Deserialize, Serialize};

use crate::domain::RunId;
use crate::error::Error;

const VERSION: u8 = 1;

/// Somebody asked for a run, which stands in the database. The message only wakes whoever works on runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnowledgeMessage {
    version: u8,
    /// The run that waits.
    pub run: RunId,
}

impl KnowledgeMessage {
    /// A message for this run.
    pub fn new(run: RunId) -> Self {
        Self {
            version: VERSION,
            run,
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
        let unreadable = |_| Error::invalid("", "is no message about knowledge");
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

    #[test]
    fn what_was_written_is_read_and_nothing_else() {
        let message = KnowledgeMessage::new(RunId::generate());
        let text = message.to_text().unwrap();
        assert_eq!(KnowledgeMessage::from_text(&text).unwrap(), message);
        let newer = text.replace("\"version\":1", "\"version\":2");
        for wrong in ["", "{}", "[]", r#"{"version":1,"run":"7"}"#, &newer] {
            assert!(KnowledgeMessage::from_text(wrong).is_err(), "{wrong}");
        }
    }
}
