//! The body of `POST /search/conversations`.

use serde::Serialize;

use super::options::take_text;
use super::{DateRange, Labels, MOST_BYTES, MetadataFilter, QueryDigest, QueryText, SearchOptions};
use crate::domain::body::{Object, value};
use crate::domain::{ConversationId, Locale};
use crate::error::Error;

/// A search in conversations. It serializes to what decides the ranking.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConversationQuery {
    /// What is searched for.
    pub query: QueryText,
    /// The language to search in, which may fall back to others.
    pub language: Option<Locale>,
    /// What conversations may be about.
    pub intents: Labels,
    /// Whether personal data was found in them.
    pub contains_pii: Option<bool>,
    /// When they happened.
    pub occurred: DateRange,
    /// Where they may come from.
    pub sources: Labels,
    /// What their metadata says.
    pub metadata: MetadataFilter,
    /// The only conversation to search in.
    pub conversation_id: Option<ConversationId>,
    /// How to rank and what to show.
    #[serde(flatten)]
    pub options: SearchOptions,
}

impl ConversationQuery {
    /// A search for this text in everything, with the usual options.
    pub fn new(query: QueryText) -> Self {
        Self {
            query,
            language: None,
            intents: Labels::default(),
            contains_pii: None,
            occurred: DateRange::default(),
            sources: Labels::default(),
            metadata: MetadataFilter::default(),
            conversation_id: None,
            options: SearchOptions::default(),
        }
    }

    /// Reads the body of a request.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        let mut object = Object::of_body(body, MOST_BYTES)?;
        let query = take_text(&mut object);
        let language = object.take("language", |one| value::parsed(one, Locale::parse));
        let mut labels = |name| object.take(name, Labels::read).unwrap_or_default();
        let (intents, sources) = (labels("intents"), labels("sources"));
        let contains_pii = object.take("contains_pii", value::flag);
        let occurred = DateRange::take(&mut object, "from", "to");
        let metadata = object.take("metadata", MetadataFilter::read);
        let id = |one| value::parsed(one, |text| ConversationId::parse(text));
        let conversation_id = object.take("conversation_id", id);
        let options = SearchOptions::take(&mut object);
        let query = query.map(|query| Self {
            query,
            language,
            intents,
            contains_pii,
            occurred: occurred.unwrap_or_default(),
            sources,
            metadata: metadata.unwrap_or_default(),
            conversation_id,
            options,
        });
        Ok(object.end(query)?)
    }

    /// What a cursor belongs to: everything but how much is shown and how.
    pub fn digest(&self) -> QueryDigest {
        QueryDigest::of(self)
    }
}
