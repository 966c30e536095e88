//! The body of `POST /search/knowledge`.

use serde::Serialize;

use super::options::take_text;
use super::{DateRange, Labels, MOST_BYTES, MetadataFilter, QueryDigest, QueryText, SearchOptions};
use crate::domain::Locale;
use crate::domain::body::{Object, value};
use crate::error::Error;

/// A search in articles. It serializes to what decides the ranking.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KnowledgeQuery {
    /// What is searched for.
    pub query: QueryText,
    /// The language to search in, which may fall back to others.
    pub language: Option<Locale>,
    /// The regions that articles may be for.
    pub territories: Labels,
    /// The categories that articles may stand in.
    pub categories: Labels,
    /// The statuses that articles may have.
    pub statuses: Labels,
    /// When articles were changed last.
    pub modified: DateRange,
    /// What their metadata says.
    pub metadata: MetadataFilter,
    /// How to rank and what to show.
    #[serde(flatten)]
    pub options: SearchOptions,
}

impl KnowledgeQuery {
    /// A search for this text in everything, with the usual options.
    pub fn new(query: QueryText) -> Self {
        Self {
            query,
            language: None,
            territories: Labels::default(),
            categories: Labels::default(),
            statuses: Labels::default(),
            modified: DateRange::default(),
            metadata: MetadataFilter::default(),
            options: SearchOptions::default(),
        }
    }

    /// Reads the body of a request.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        let mut object = Object::of_body(body, MOST_BYTES)?;
        let query = take_text(&mut object);
        let language = object.take("language", |one| value::parsed(one, Locale::parse));
        let mut labels = |name| object.take(name, Labels::read).unwrap_or_default();
        let (territories, categories) = (labels("territories"), labels("categories"));
        let statuses = labels("statuses");
        let modified = DateRange::take(&mut object, "modified_from", "modified_to");
        let metadata = object.take("metadata", MetadataFilter::read);
        let options = SearchOptions::take(&mut object);
        let query = query.map(|query| Self {
            query,
            language,
            territories,
            categories,
            statuses,
            modified: modified.unwrap_or_default(),
            metadata: metadata.unwrap_or_default(),
            options,
        });
        Ok(object.end(query)?)
    }

    /// What a cursor belongs to: everything but how much is shown and how.
    pub fn digest(&self) -> QueryDigest {
        QueryDigest::of(self)
    }
}
