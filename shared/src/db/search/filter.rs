//! What a question asks of the rows beside its words, as conditions with parameters.

use jiff::Timestamp;
use serde_json::json;
use tokio_postgres::types::{ToSql, Type};

use super::space::Space;
use crate::domain::Locale;
use crate::domain::query::{
    ConversationQuery, KnowledgeQuery, Labels, LanguageChain, MetadataFilter,
};
use crate::search::words::Doc;

/// The statements of this room keep `$1` and `$2` for themselves.
const OWN: usize = 2;

/// A parameter with its type.
pub(super) type Value<'a> = (&'a (dyn ToSql + Sync), Type);

/// Which chunks of a space may be found.
pub struct Filter {
    pub(super) space: Space,
    conditions: String,
    values: Vec<(Box<dyn ToSql + Send + Sync>, Type)>,
    /// Whether its conditions name the tables of chunks.
    pub(super) names_rows: bool,
    /// Conversations may be found that happened since then,
    pub(super) from: Option<Timestamp>,
    /// and until then.
    pub(super) to: Option<Timestamp>,
}

impl Filter {
    /// The filter of a search in articles. Of the languages of an article, the best that it has is found.
    pub fn of_knowledge(query: &KnowledgeQuery, languages: Option<&LanguageChain>) -> Self {
        let mut filter = Self::open(Space::Knowledge);
        if let Some(chain) = languages {
            filter.add_languages(chain);
        }
        filter.add_labels("d.metadata", "territory", &query.territories);
        filter.add_labels("d.metadata", "category", &query.categories);
        filter.add_labels("d.metadata", "status", &query.statuses);
        let modified = |sign| {
            format!(
                "EXISTS (SELECT FROM knowledge_articles a WHERE a.id = d.article_id AND a.modified_at {sign} {{}})"
            )
        };
        if let Some(from) = query.modified.from() {
            filter.add(&modified(">="), from, Type::TIMESTAMPTZ);
        }
        if let Some(to) = query.modified.to() {
            filter.add(&modified("<="), to, Type::TIMESTAMPTZ);
        }
        filter.add_metadata("d.metadata", &query.metadata);
        filter
    }

    /// The filter of a search in conversations, of which each has one language.
    pub fn of_conversations(query: &ConversationQuery, language: Option<&Locale>) -> Self {
        let mut filter = Self::open(Space::Conversations);
        (filter.from, filter.to) = (query.occurred.from(), query.occurred.to());
        let metadata = "e.semantic_metadata";
        if let Some(language) = language {
            filter.add_document(metadata, &json!({ "language": language }));
        }
        filter.add_labels(metadata, "intent_category", &query.intents);
        filter.add_labels(metadata, "source", &query.sources);
        if let Some(contains_pii) = query.contains_pii {
            filter.add_document(metadata, &json!({ "contains_pii": contains_pii }));
        }
        if let Some(from) = filter.from {
            filter.add("e.occurred_at >= {}", from, Type::TIMESTAMPTZ);
        }
        if let Some(to) = filter.to {
            filter.add("e.occurred_at <= {}", to, Type::TIMESTAMPTZ);
        }
        if let Some(id) = &query.conversation_id {
            // The table of events has the index; as an array, because nobody keeps statistics of names.
            let events = "e.event_id = ANY(ARRAY(SELECT id FROM conversation_events WHERE conversation_id = {}))";
            filter.add(events, id.as_str().to_owned(), Type::TEXT);
        }
        filter.add_metadata(metadata, &query.metadata);
        filter
    }

    /// The filter that lets these pieces of articles through. It looks at vectors alone.
    pub(super) fn of_pieces(docs: &[Doc]) -> Self {
        let mut filter = Self::open(Space::Knowledge);
        let docs: Vec<i64> = docs.iter().map(|doc| doc.0).collect();
        filter.add("v.doc = ANY({})", docs, Type::INT8_ARRAY);
        filter.names_rows = false;
        filter
    }

    /// Whether it lets everything through.
    pub fn is_open(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Whether it asks for conversations of a time.
    pub(super) fn has_span(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// What is added to a condition, beginning with `AND`.
    pub(super) fn condition(&self) -> &str {
        &self.conditions
    }

    /// The parameters of a statement, of which the first two are the statement's own.
    pub(super) fn values<'a>(&'a self, own: [Value<'a>; OWN]) -> Vec<Value<'a>> {
        let mine = self.values.iter();
        let mine = mine.map(|(value, kind)| (&**value as &(dyn ToSql + Sync), kind.clone()));
        own.into_iter().chain(mine).collect()
    }

    fn open(space: Space) -> Self {
        Self {
            space,
            conditions: String::new(),
            values: Vec::new(),
            names_rows: false,
            from: None,
            to: None,
        }
    }

    /// Adds a condition, in which `{}` is the parameter's place.
    fn add(&mut self, condition: &str, value: impl ToSql + Send + Sync + 'static, kind: Type) {
        self.values.push((Box::new(value), kind));
        self.names_rows = true;
        let place = format!("${}", self.values.len() + OWN);
        self.conditions.push_str(" AND ");
        self.conditions.push_str(&condition.replace("{}", &place));
    }

    fn add_labels(&mut self, column: &str, key: &str, labels: &Labels) {
        if labels.is_empty() {
            return;
        }
        let document = |label| json!({ key: label }).to_string();
        let documents: Vec<String> = labels.as_strs().into_iter().map(document).collect();
        let contains = format!("{column} @> ANY({{}}::text[]::jsonb[])");
        self.add(&contains, documents, Type::TEXT_ARRAY);
    }

    fn add_metadata(&mut self, column: &str, metadata: &MetadataFilter) {
        if !metadata.is_empty() {
            let contains = format!("{column} @> {{}}::text::jsonb");
            self.add(&contains, metadata.to_json(), Type::TEXT);
        }
    }

    fn add_document(&mut self, column: &str, document: &serde_json::Value) {
        let contains = format!("{column} @> {{}}::text::jsonb");
        self.add(&contains, document.to_string(), Type::TEXT);
    }

    /// A document passes if its language is a step of the chain, and no earlier step has another document of the article.
    fn add_languages(&mut self, chain: &LanguageChain) {
        let steps: Vec<String> = chain.steps().iter().map(Locale::to_string).collect();
        let (this, other) = (step("d.locale", steps.len()), step("o.locale", steps.len()));
        let best = format!(
            "{this} IS NOT NULL AND NOT EXISTS (
                SELECT FROM knowledge_documents o WHERE o.article_id = d.article_id AND {other} < {this})"
        );
        self.add(&best, steps, Type::TEXT_ARRAY);
    }
}

/// Which step of a chain of so many takes the language in `column`: the first that it begins with, part by part.
fn step(column: &str, count: usize) -> String {
    let step = |step| {
        format!(
            "WHEN {column} = {{}}[{step}] OR starts_with({column}, {{}}[{step}] || '-') THEN {step}"
        )
    };
    let steps: Vec<_> = (1..=count).map(step).collect();
    format!("CASE {} END", steps.join(" "))
}
