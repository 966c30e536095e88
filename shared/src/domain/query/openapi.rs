//! The bodies of questions, said in JSON Schema. They are read by hand, so that all flaws are told at once; a test holds the two equal.
#![expect(dead_code, reason = "the fields are read by the derive alone")]

use jiff::Timestamp;
use utoipa::openapi::schema::{AdditionalProperties, AnyOfBuilder, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{ConversationQuery, Fusion, KnowledgeQuery, Label, MetadataValue, QueryText, Weights};
use crate::domain::openapi::{bodies, text_schemas};
use crate::domain::{ConversationId, Locale, Score};

text_schemas!(
    QueryText: 2_000, r"^[^\u0000]*[^\s\u0000][^\u0000]*$", "What is searched for, in plain words; the space around it does not count.";
    Label: 255, r"^[^\u0000-\u001f\u007f-\u009f]*$", "A word as it stands in the metadata, letter by letter.";
);

/// Declares the body of a question: its own fields, and those that every question may have.
macro_rules! body {
    ($(#[$($about:tt)*])* $name:ident { $($own:tt)* }) => {
        #[derive(ToSchema)]
        #[serde(deny_unknown_fields)]
        $(#[$($about)*])*
        struct $name {
            query: QueryText,
            /// The language to search in; what it falls back to stands in the answer.
            language: Option<Locale>,
            $($own)*
            /// Keys of the metadata, and the values that they must have, all of them.
            #[schema(schema_with = metadata)]
            metadata: Option<MetadataValue>,
            /// How many results the answer has at most; without, 10.
            #[schema(minimum = 1, maximum = 50)]
            limit: Option<u16>,
            /// Where the answer before ended: its `next_cursor`, sent with the same question.
            cursor: Option<String>,
            weights: Option<Weights>,
            fusion: Option<Fusion>,
            /// What scores less is left out.
            min_score: Option<Score>,
            /// Whether of texts that are nearly the same only the best is shown; without, true.
            collapse: Option<bool>,
            /// Whether to say where the words stand in the text.
            highlight: Option<bool>,
            /// Whether to say how each score came about.
            explain: Option<bool>,
        }
    };
}

body!(
    /// A question about articles. A field that is null counts as left out.
    #[schema(as = KnowledgeQuery)]
    Knowledge {
        /// The regions that articles may be for.
        #[schema(min_items = 1, max_items = 50)]
        territories: Option<Vec<Label>>,
        /// The categories that articles may stand in.
        #[schema(min_items = 1, max_items = 50)]
        categories: Option<Vec<Label>>,
        /// The statuses that articles may have.
        #[schema(min_items = 1, max_items = 50)]
        statuses: Option<Vec<Label>>,
        /// Articles that were changed then or later.
        modified_from: Option<Timestamp>,
        /// Articles that were changed then or earlier; not before `modified_from`.
        modified_to: Option<Timestamp>,
    }
);

body!(
    /// A question about conversations. A field that is null counts as left out.
    #[schema(as = ConversationQuery)]
    Conversations {
        /// What conversations may be about.
        #[schema(min_items = 1, max_items = 50)]
        intents: Option<Vec<Label>>,
        /// Whether personal data was found in them.
        contains_pii: Option<bool>,
        /// Conversations that happened then or later.
        from: Option<Timestamp>,
        /// Conversations that happened then or earlier; not before `from`.
        to: Option<Timestamp>,
        /// Where they may come from.
        #[schema(min_items = 1, max_items = 50)]
        sources: Option<Vec<Label>>,
        /// The only conversation to search in.
        conversation_id: Option<ConversationId>,
    }
);

bodies!(
    KnowledgeQuery: Knowledge;
    ConversationQuery: Conversations;
);

fn metadata() -> RefOr<Schema> {
    let key = ObjectBuilder::new().schema_type(Type::String);
    let key = key.min_length(Some(1)).max_length(Some(64));
    let key = key.pattern(Some(r"^[^\u0000-\u001f\u007f-\u009f]*$"));
    let text = ObjectBuilder::new().schema_type(Type::String);
    let text = text.max_length(Some(500)).pattern(Some(r"^[^\u0000]*$"));
    let value = AnyOfBuilder::new()
        .item(text)
        .item(ObjectBuilder::new().schema_type(Type::Number))
        .item(ObjectBuilder::new().schema_type(Type::Boolean));
    let object = ObjectBuilder::new().property_names(Some(key));
    let object = object
        .additional_properties(Some(RefOr::<Schema>::from(value)))
        .max_properties(Some(20));
    let nothing = ObjectBuilder::new().schema_type(Type::Null);
    AnyOfBuilder::new().item(object).item(nothing).into()
}

impl PartialSchema for Weights {
    fn schema() -> RefOr<Schema> {
        let number = || {
            let number = ObjectBuilder::new().schema_type(Type::Number);
            number.maximum(Some(1))
        };
        let any = || number().minimum(Some(0));
        let some = || number().exclusive_minimum(Some(0));
        let pair = |vector: ObjectBuilder, lexical: ObjectBuilder| {
            let pair = ObjectBuilder::new().property("vector", vector);
            let pair = pair.property("lexical", lexical);
            pair.required("vector")
                .required("lexical")
                .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
        };
        let either = AnyOfBuilder::new()
            .item(pair(some(), any()))
            .item(pair(any(), some()));
        either
            .description(Some(
                "How much each leg counts, not both 0. Only their ratio matters.",
            ))
            .into()
    }
}

impl ToSchema for Weights {}

#[cfg(test)]
mod tests;
