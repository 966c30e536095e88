//! The bodies of rankings and clicks, said in JSON Schema. They are read by hand, so that all flaws are told at once; a test holds the
//! two equal. That an id stands in a request once is beyond a schema.
#![expect(dead_code, reason = "the fields are read by the derive alone")]

use jiff::Timestamp;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{Action, Boost, Click, Metadata, Normalization, RankPosition, RankingRequest, Snippet};
use crate::domain::openapi::bodies;
use crate::domain::{CallbackUrl, Score, SessionId, SnippetId};

/// Snippets that are to be ordered for a session. A field that is null counts as left out.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RankingRequest)]
struct RankingBody {
    /// The session of the path, said once more.
    session_id: Option<SessionId>,
    /// How many snippets are shown at most; without, 10.
    #[schema(minimum = 1, maximum = 50)]
    max_result_window: Option<u16>,
    /// Each id once. Of those that fit equally well the earlier stays in front.
    #[schema(min_items = 1, max_items = 500)]
    snippets: Vec<Snippet>,
    callback_url: Option<CallbackUrl>,
    normalization: Option<Normalization>,
    /// The version that the session must have; another one is 409.
    #[schema(minimum = 0)]
    expected_version: Option<i64>,
}

/// A snippet, and how well it fits.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Snippet)]
struct SnippetBody {
    snippet_id: SnippetId,
    relevance_score: Score,
    boost_factor: Option<Boost>,
    metadata: Option<Metadata>,
}

/// What an agent did with a snippet that was shown.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Click)]
struct ClickBody {
    snippet_id: SnippetId,
    rank_position: RankPosition,
    action: Action,
    /// When; without, now.
    at: Option<Timestamp>,
}

bodies!(
    RankingRequest: RankingBody;
    Snippet: SnippetBody;
    Click: ClickBody;
);

impl PartialSchema for Metadata {
    fn schema() -> RefOr<Schema> {
        let text = || {
            let text = ObjectBuilder::new().schema_type(Type::String);
            text.max_length(Some(4_096)).pattern(Some(r"^[^\u0000]*$"))
        };
        let object = ObjectBuilder::new().property_names(Some(text()));
        let object = object.additional_properties(Some(RefOr::<Schema>::from(text())));
        let about = "What CXone is told beside; keys and texts together have at most 4,096 bytes.";
        object
            .max_properties(Some(50))
            .description(Some(about))
            .into()
    }
}

impl ToSchema for Metadata {}

impl PartialSchema for Boost {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Number);
        let number = number.minimum(Some(0)).maximum(Some(10));
        number
            .description(Some("A factor of the score; without, 1."))
            .into()
    }
}

impl ToSchema for Boost {}

impl PartialSchema for RankPosition {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Integer);
        let number = number.minimum(Some(1)).maximum(Some(Self::LAST.get()));
        number
            .description(Some("A place in an order, from 1, the first."))
            .into()
    }
}

impl ToSchema for RankPosition {}

#[cfg(test)]
mod tests;
