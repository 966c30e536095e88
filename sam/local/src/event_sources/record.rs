//! What Lambda makes of a message.

use std::collections::HashMap;

use aws_sdk_sqs::types::{Message, MessageAttributeValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// One message as the function will see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The message's id.
    pub id: String,
    /// What deletes it.
    pub receipt: String,
    /// The record's JSON.
    pub json: String,
}

impl Record {
    /// The record that Lambda makes of a message; `None` for a message that lacks what SQS always sends.
    pub fn of(message: &Message, queue: &str) -> Option<Self> {
        let (id, receipt) = (message.message_id()?, message.receipt_handle()?);
        let text = |(name, value): (&_, &String)| (attribute_name(name), json!(value));
        let attributes: Map<_, _> = message
            .attributes()
            .into_iter()
            .flatten()
            .map(text)
            .collect();
        let mut record = json!({
            "messageId": id,
            "receiptHandle": receipt,
            "body": message.body().unwrap_or_default(),
            "attributes": attributes,
            "messageAttributes": message_attributes(message.message_attributes()),
            "md5OfBody": message.md5_of_body(),
            "eventSource": "aws:sqs",
            "eventSourceARN": crate::stack::aws::queue_arn(queue),
            "awsRegion": crate::stack::aws::REGION,
        });
        if let Some(digest) = message.md5_of_message_attributes() {
            record["md5OfMessageAttributes"] = json!(digest);
        }
        Some(Self {
            id: id.to_owned(),
            receipt: receipt.to_owned(),
            json: record.to_string(),
        })
    }
}

fn attribute_name(name: &aws_sdk_sqs::types::MessageSystemAttributeName) -> String {
    name.as_str().to_owned()
}

fn message_attributes(attributes: Option<&HashMap<String, MessageAttributeValue>>) -> Value {
    let value = |value: &MessageAttributeValue| {
        let mut json =
            json!({"stringListValues": [], "binaryListValues": [], "dataType": value.data_type()});
        if let Some(text) = value.string_value() {
            json["stringValue"] = json!(text);
        }
        if let Some(bytes) = value.binary_value() {
            json["binaryValue"] = json!(STANDARD.encode(bytes));
        }
        json
    };
    let attributes = attributes.into_iter().flatten();
    attributes
        .map(|(name, given)| (name.clone(), value(given)))
        .collect::<Map<_, _>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_becomes_lambdas_record() {
        let message = Message::builder()
            .message_id("m")
            .receipt_handle("r")
            .body("hello")
            .md5_of_body("d")
            .attributes(
                aws_sdk_sqs::types::MessageSystemAttributeName::SentTimestamp,
                "1",
            )
            .message_attributes(
                "n",
                MessageAttributeValue::builder()
                    .data_type("String")
                    .string_value("v")
                    .build()
                    .unwrap(),
            )
            .build();
        let record: Value =
            serde_json::from_str(&Record::of(&message, "work").unwrap().json).unwrap();
        assert_eq!(
            record,
            json!({
                "messageId": "m", "receiptHandle": "r", "body": "hello", "md5OfBody": "d", "attributes": {"SentTimestamp": "1"},
                "messageAttributes": {"n": {"stringValue": "v", "dataType": "String", "stringListValues": [], "binaryListValues": []}},
                "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:work", "awsRegion": "us-east-1",
            })
        );
        assert_eq!(Record::of(&Message::builder().build(), "work"), None);
    }
}
