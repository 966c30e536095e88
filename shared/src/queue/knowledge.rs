//! The message from `knowledge-refresh` to `knowledge-sync`, on the queue `knowledge`.

use serde::{Deserialize, Serialize};

use super::envelope::{Envelope, VERSION, read, write};
use crate::domain::RunId;
use crate::error::Error;

/// Somebody asked for a run, which stands in the database. The message only wakes whoever works on runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnowledgeMessage {
    version: u8,
    /// The run that waits.
    pub run: RunId,
}

impl Envelope for KnowledgeMessage {
    const WHAT: &'static str = "message about knowledge";

    fn version(&self) -> u8 {
        self.version
    }
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

    const GOLDEN: &str = include_str!("../../../events/queue.knowledge.v1.json");

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

    #[test]
    fn the_contract_is_the_golden_file() {
        let run = "019bc1b6-2c40-7a3e-9d53-0a5b8f0c1d30".parse().unwrap();
        let message = KnowledgeMessage::new(run);
        assert_eq!(KnowledgeMessage::from_text(GOLDEN).unwrap(), message);
        assert_eq!(
            message.to_text().unwrap(),
            GOLDEN.split_whitespace().collect::<String>()
        );
    }
}
