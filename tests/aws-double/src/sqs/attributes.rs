//! The attributes of a queue: defaults, ranges, names.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::error::ApiError;

/// The most that a message, or a batch of them, may weigh.
pub(crate) const MAXIMUM_SIZE: usize = 1_048_576;

const NUMBERS: [(&str, RangeInclusive<u32>, u32); 5] = [
    ("DelaySeconds", 0..=900, 0),
    ("MaximumMessageSize", 1_024..=1_048_576, 1_048_576),
    ("MessageRetentionPeriod", 60..=1_209_600, 345_600),
    ("ReceiveMessageWaitTimeSeconds", 0..=20, 0),
    ("VisibilityTimeout", 0..=43_200, 30),
];

/// Attributes that are remembered and given back, but change nothing here.
const REMEMBERED: [&str; 7] = [
    "DeduplicationScope",
    "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "Policy",
    "RedriveAllowPolicy",
    "SqsManagedSseEnabled",
];

/// Where messages go that were received too often.
#[derive(Clone, Debug)]
pub(crate) struct Redrive {
    pub(crate) target_arn: String,
    pub(crate) max_receive_count: u32,
}

/// A queue's attributes as far as they can be set.
pub(crate) struct Settings {
    numbers: BTreeMap<&'static str, u32>,
    remembered: BTreeMap<String, String>,
    pub(crate) fifo: bool,
    pub(crate) content_based_deduplication: bool,
    pub(crate) redrive: Option<Redrive>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedriveText {
    dead_letter_target_arn: String,
    max_receive_count: serde_json::Value,
}

impl Default for Settings {
    fn default() -> Self {
        let numbers = NUMBERS.map(|(name, _, default)| (name, default));
        Self {
            numbers: numbers.into(),
            remembered: BTreeMap::from([("SqsManagedSseEnabled".to_owned(), "true".to_owned())]),
            fifo: false,
            content_based_deduplication: false,
            redrive: None,
        }
    }
}

impl Settings {
    /// Takes over one attribute.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), ApiError> {
        if let Some((name, range, _)) = NUMBERS.iter().find(|number| number.0 == name) {
            let number = value.parse().ok().filter(|number| range.contains(number));
            self.numbers
                .insert(name, number.ok_or_else(|| bad_value(name))?);
            return Ok(());
        }
        match name {
            "FifoQueue" => self.fifo = parse_bool(name, value)?,
            "ContentBasedDeduplication" => {
                self.content_based_deduplication = parse_bool(name, value)?;
            }
            "RedrivePolicy" => self.redrive = parse_redrive(value)?,
            _ if REMEMBERED.contains(&name) => {
                self.remembered.insert(name.to_owned(), value.to_owned());
            }
            _ => return Err(unknown(name)),
        }
        Ok(())
    }

    /// Everything that can be set, as text.
    pub(crate) fn describe(&self) -> BTreeMap<String, String> {
        let mut described = self.remembered.clone();
        for (name, number) in &self.numbers {
            described.insert((*name).to_owned(), number.to_string());
        }
        if self.fifo {
            let content_based = self.content_based_deduplication.to_string();
            described.insert("FifoQueue".to_owned(), "true".to_owned());
            described.insert("ContentBasedDeduplication".to_owned(), content_based);
        }
        if let Some(redrive) = &self.redrive {
            let policy = json!({
                "deadLetterTargetArn": redrive.target_arn,
                "maxReceiveCount": redrive.max_receive_count,
            });
            described.insert("RedrivePolicy".to_owned(), policy.to_string());
        }
        described
    }

    pub(crate) fn delay(&self) -> Duration {
        self.seconds("DelaySeconds")
    }

    pub(crate) fn visibility_timeout(&self) -> Duration {
        self.seconds("VisibilityTimeout")
    }

    pub(crate) fn receive_wait(&self) -> Duration {
        self.seconds("ReceiveMessageWaitTimeSeconds")
    }

    pub(crate) fn maximum_size(&self) -> usize {
        let size = self.numbers.get("MaximumMessageSize");
        size.map_or(MAXIMUM_SIZE, |size| *size as usize)
    }

    fn seconds(&self, name: &str) -> Duration {
        let seconds = self.numbers.get(name).copied().unwrap_or(0);
        Duration::from_secs(u64::from(seconds))
    }
}

/// The refusal of a name that no queue attribute has.
pub(crate) fn unknown(name: &str) -> ApiError {
    ApiError::sqs("InvalidAttributeName", format!("Unknown Attribute {name}."))
}

fn bad_value(name: &str) -> ApiError {
    let message = format!("Invalid value for the parameter {name}.");
    ApiError::sqs("InvalidAttributeValue", message)
}

fn parse_bool(name: &str, value: &str) -> Result<bool, ApiError> {
    value
        .to_ascii_lowercase()
        .parse()
        .map_err(|_| bad_value(name))
}

/// An empty policy takes the redrive away. The count is often written as text.
fn parse_redrive(value: &str) -> Result<Option<Redrive>, ApiError> {
    if value.is_empty() || value.trim() == "{}" {
        return Ok(None);
    }
    let text: RedriveText = serde_json::from_str(value).map_err(|_| bad_value("RedrivePolicy"))?;
    let count = text.max_receive_count;
    let count = count.as_u64().or_else(|| count.as_str()?.parse().ok());
    let count = count.filter(|count| (1..=1_000).contains(count));
    let count = count.and_then(|count| u32::try_from(count).ok());
    Ok(Some(Redrive {
        target_arn: text.dead_letter_target_arn,
        max_receive_count: count.ok_or_else(|| bad_value("RedrivePolicy"))?,
    }))
}
