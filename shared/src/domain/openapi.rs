//! The rules of identifiers, said in JSON Schema.

use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::event::Draft;
use super::{
    ArticleId, CallbackUrl, ConversationId, CorrelationId, DataActionEvent, EventKey, EventName,
    InteractionId, Locale, PartyId, Score, SessionId, SnippetId,
};

/// Something that is no blank, and nothing that is no character.
const PLAIN: &str = concat!(
    r"^[^\u0000-\u001f\u007f-\u009f\ufffe\uffff]*",
    r"[^\s\u0000-\u001f\u007f-\u009f\ufffe\uffff]",
    r"[^\u0000-\u001f\u007f-\u009f\ufffe\uffff]*$",
);

/// Gives text types the schema of a string of 1 to so many characters that match the pattern.
macro_rules! text_schemas {
    ($($name:ident: $most:literal, $pattern:expr, $description:literal;)*) => {
        $(
            impl utoipa::PartialSchema for $name {
                fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                    $crate::domain::openapi::text($most, $pattern, $description)
                }
            }

            impl utoipa::ToSchema for $name {}
        )*
    };
}
pub(crate) use text_schemas;

/// Gives what is read by hand the schema of a body that is written down for it.
macro_rules! bodies {
    ($($read:ident: $body:ident;)*) => {
        $(
            impl utoipa::PartialSchema for $read {
                fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                    <$body as utoipa::PartialSchema>::schema()
                }
            }

            impl utoipa::ToSchema for $read {
                fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
                    <$body as utoipa::ToSchema>::schemas(schemas);
                }
            }
        )*
    };
}
pub(crate) use bodies;

pub(crate) fn text(most: usize, pattern: &str, description: &str) -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String);
    let text = text.min_length(Some(1)).max_length(Some(most));
    text.pattern(Some(pattern))
        .description(Some(description))
        .into()
}

text_schemas!(
    ConversationId: 255, PLAIN, "A conversation as CXone names it.";
    ArticleId: 255, PLAIN, "A knowledge article as CXone names it.";
    InteractionId: 255, PLAIN, "An interaction as CXone or its sender names it.";
    PartyId: 255, PLAIN, "An agent or a customer as CXone or the sender names them.";
    SessionId: 255, PLAIN, "A session of Agent Assist as CXone names it.";
    SnippetId: 256, PLAIN, "A snippet of knowledge as whoever ranks it names it.";
    EventName: 128, PLAIN, "What happened, such as `conversation.completed`.";
    CorrelationId: 128, "^[A-Za-z0-9_.=:-]*$", "Follows one piece of work from the caller to the row.";
    Locale: 35, "^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$", "A BCP 47 language tag such as `en-US`.";
    EventKey: 64, "^[0-9a-f]{64}$", "The same for the same event, however often it is sent.";
);

impl PartialSchema for Score {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Number);
        let number = number.minimum(Some(0)).maximum(Some(1));
        number
            .description(Some("From 0, nothing fits, to 1, nothing fits better."))
            .into()
    }
}

impl ToSchema for Score {}

impl PartialSchema for CallbackUrl {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let text = text
            .max_length(Some(2_048))
            .format(Some(SchemaFormat::Custom("uri".to_owned())));
        text.description(Some(
            "Who is told of what was done: a public https address without credentials.",
        ))
        .into()
    }
}

impl ToSchema for CallbackUrl {}

/// The schema of one of these words.
pub(crate) fn choice(
    description: &str,
    words: impl Iterator<Item = &'static str>,
) -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String);
    text.enum_values(Some(words))
        .description(Some(description.trim()))
        .into()
}

impl PartialSchema for DataActionEvent {
    fn schema() -> RefOr<Schema> {
        Draft::schema()
    }
}

impl ToSchema for DataActionEvent {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Draft::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The longest text that a schema lets pass.
    fn longest<T: PartialSchema>() -> String {
        let schema = serde_json::to_value(T::schema()).unwrap();
        "x".repeat(usize::try_from(schema["maxLength"].as_u64().unwrap()).unwrap())
    }

    #[test]
    fn the_schema_is_as_long_as_the_rule() {
        let (conversation, article) = (longest::<ConversationId>(), longest::<ArticleId>());
        assert!(ConversationId::parse(conversation.as_str()).is_ok());
        assert!(ConversationId::parse(conversation + "x").is_err());
        assert!(ArticleId::parse(article.as_str()).is_ok());
        assert!(ArticleId::parse(article + "x").is_err());
        let (event, correlation) = (longest::<EventName>(), longest::<CorrelationId>());
        assert!(EventName::parse(event.as_str()).is_ok());
        assert!(EventName::parse(event + "x").is_err());
        assert!(CorrelationId::parse(correlation.as_str()).is_ok());
        assert!(CorrelationId::parse(correlation + "x").is_err());
    }
}
