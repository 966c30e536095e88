//! The body of a transcript, said in JSON Schema. It is read by hand, so that all flaws are told at once; a test holds the two equal. Rules
//! between messages are beyond a schema.
#![expect(dead_code, reason = "the fields are read by the derive alone")]

use jiff::Timestamp;
use utoipa::ToSchema;

use super::Intake;
use crate::domain::openapi::bodies;
use crate::domain::{CallbackUrl, InteractionId, PartyId};

/// A transcript that is to be injected. A field that is null counts as left out.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Transcript)]
struct TranscriptBody {
    interaction_id: InteractionId,
    agent_id: PartyId,
    customer_id: PartyId,
    /// In the order of their times; with `repair` in any order. More than 500 only with `split`.
    #[schema(min_items = 1, max_items = 10_000)]
    messages: Vec<MessageBody>,
    /// Who is told once it was injected, for each part.
    archive_callback_url: Option<CallbackUrl>,
    /// Whether messages are sorted by time, given ids, freed of exact duplicates, and moved behind each other by a millisecond. What was
    /// done is told.
    repair: Option<bool>,
    /// Whether it is sent in numbered parts, if it has more than 500 messages or 1,048,576 bytes.
    split: Option<bool>,
}

/// A message, from one side to the other.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TranscriptMessage)]
struct MessageBody {
    /// Each id once; without, `msg_` and the message's index, from 0.
    #[schema(min_length = 1, max_length = 255)]
    id: Option<String>,
    from: PartyBody,
    to: PartyBody,
    #[schema(min_length = 1, pattern = r"^[^\u0000]*$")]
    text: String,
    /// When, with an offset. It is sent in UTC.
    timestamp: Timestamp,
    /// Without, `text`.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_./+-]+$")]
    r#type: Option<String>,
    /// Without, `plain`.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_./+-]+$")]
    format: Option<String>,
}

/// The agent or the customer of the transcript.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TranscriptParty)]
struct PartyBody {
    id: PartyId,
    /// `agent` or `customer`.
    #[schema(pattern = "^(agent|customer)$")]
    r#type: String,
}

bodies!(Intake: TranscriptBody;);

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use utoipa::PartialSchema;

    use super::*;

    fn of<T: PartialSchema>() -> Value {
        serde_json::to_value(T::schema()).unwrap()
    }

    /// What the parser says of an object that has these fields, each of a type that nothing has.
    fn told(schema: &Value, wrap: impl Fn(Value) -> Value) -> Vec<String> {
        let properties = schema["properties"].as_object().unwrap();
        let wrong: Value = properties.keys().map(|name| (name, json!([[]]))).collect();
        let error = Intake::parse(wrap(wrong).to_string().as_bytes()).unwrap_err();
        let details = error.violations().iter().map(|one| one.detail.clone());
        details.collect()
    }

    #[test]
    fn the_parser_knows_every_field_and_asks_for_those_that_are_required() {
        let whole = |message: Value| json!({ "interaction_id": "i", "agent_id": "a", "customer_id": "c", "messages": [message] });
        let in_party = |party: Value| {
            whole(
                json!({ "from": party, "to": { "id": "c", "type": "customer" }, "text": "x", "timestamp": "2024-06-15T09:00:00Z" }),
            )
        };
        let same = |body: Value| body;
        let cases: [(Value, &dyn Fn(Value) -> Value); 3] = [
            (of::<TranscriptBody>(), &same),
            (of::<MessageBody>(), &whole),
            (of::<PartyBody>(), &in_party),
        ];
        for (schema, wrap) in cases {
            assert_eq!(schema["additionalProperties"], json!(false));
            let told = told(&schema, wrap);
            assert_eq!(told.len(), schema["properties"].as_object().unwrap().len());
            assert!(
                !told
                    .iter()
                    .any(|detail| detail == "is no field of this object")
            );
            let error = Intake::parse(wrap(json!({})).to_string().as_bytes()).unwrap_err();
            let missing = error
                .violations()
                .iter()
                .map(|one| one.pointer.rsplit('/').next().unwrap());
            let mut missing: Vec<_> = missing.collect();
            let mut required: Vec<_> = schema["required"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(Value::as_str)
                .collect();
            missing.sort_unstable();
            required.sort_unstable();
            assert_eq!(missing, required);
        }
    }
}
