//! A queue as the template declares it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::number;
use super::resolve::Names;

/// The attributes that change how a queue behaves.
const ATTRIBUTES: [&str; 7] = [
    "ContentBasedDeduplication",
    "DelaySeconds",
    "FifoQueue",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "VisibilityTimeout",
];

/// A queue to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Its name, without the stack's.
    pub name: String,
    /// Attributes as SQS takes them.
    pub attributes: BTreeMap<String, String>,
    /// The queue for messages that failed this many times.
    pub dead_letters: Option<(String, u32)>,
}

impl Queue {
    pub(super) fn read(id: &str, resource: &Value, names: &Names) -> Result<Self, String> {
        let properties = &resource["Properties"];
        let name = names.queue(&serde_json::json!({ "Ref": id }));
        let name = name.ok_or_else(|| format!("Resources.{id} has no name"))?;
        let attribute = |key: &str| Some((key.to_owned(), names.text(&properties[key])?));
        let attributes = ATTRIBUTES.into_iter().filter_map(attribute).collect();
        let dead_letters = match &properties["RedrivePolicy"] {
            Value::Null => None,
            policy => Some(
                names
                    .queue(&policy["deadLetterTargetArn"])
                    .zip(number(&policy["maxReceiveCount"], names))
                    .ok_or_else(|| format!("Resources.{id}.RedrivePolicy needs deadLetterTargetArn: !GetAtt and maxReceiveCount"))?,
            ),
        };
        Ok(Self {
            name,
            attributes,
            dead_letters,
        })
    }
}
