//! What the tests stand on: articles with everything that filters look at, and questions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use shared::Error;
use shared::db::Database;
use shared::db::embedding_models::ModelId;
use shared::db::knowledge::ArticleChange;
use shared::db::knowledge_documents::NewDocument;
use shared::db::search::Snapshot;
use shared::domain::query::{ConversationQuery, Fusion, KnowledgeQuery};
use shared::domain::{Embedding, Locale};
use shared::retrieval::{Settings, search_conversations, search_knowledge};
use shared::search::answer::{ConversationAnswer, KnowledgeAnswer};
use shared::search::bm25::Parameters;
use shared::search::normalise::Normalisation;
use shared::text::pii::Policy;

use crate::articles::{self, Worker, article, at, chunk, id, page};

/// An article of some texts, in some languages.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) id: String,
    pub(crate) territory: &'static str,
    pub(crate) category: &'static str,
    pub(crate) status: &'static str,
    pub(crate) second: i64,
    pub(crate) level: i64,
    /// Languages, each with its pieces.
    pub(crate) documents: Vec<(&'static str, Vec<String>)>,
}

impl Sample {
    /// An article in English.
    pub(crate) fn new(id: &str, texts: &[&str]) -> Self {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        Self {
            id: id.to_owned(),
            territory: "US",
            category: "cups",
            status: "published",
            second: 0,
            level: 1,
            documents: vec![("en-US", texts)],
        }
    }

    fn change(&self, model: ModelId) -> ArticleChange {
        let documents = self.documents.iter().map(|(locale, texts)| {
            let metadata = json!({
                "source": "cxone_knowledge",
                "article_id": self.id,
                "language": locale,
                "territory": self.territory,
                "category": self.category,
                "status": self.status,
                "level": self.level,
            });
            let document = NewDocument {
                title: format!("About {}", self.id),
                metadata: articles::json(&metadata.to_string()),
                chunks: texts.iter().map(|text| chunk(model, text)).collect(),
            };
            (Locale::parse(locale).unwrap(), document)
        });
        let documents: BTreeMap<_, _> = documents.collect();
        let mut article = article(&format!("{self:?}"));
        article.modified = at(self.second);
        ArticleChange::Live {
            article,
            links: BTreeSet::new(),
            documents,
        }
    }
}

/// Stores these articles.
pub(crate) async fn store(worker: &Worker, model: ModelId, samples: &[Sample]) {
    for some in samples.chunks(200) {
        let mut next = page([]);
        let change = |one: &Sample| (id(&one.id), one.change(model));
        next.articles = some.iter().map(change).collect();
        worker.store(&next).await;
    }
}

/// How these tests rank.
pub(crate) fn settings() -> Settings {
    Settings {
        parameters: Parameters::default(),
        fusion: Fusion::Weighted,
        weights: Fusion::Weighted.usual_weights(),
        normalisation: Normalisation::default(),
        language: Locale::parse("en").unwrap(),
        policy: Policy::Tag,
    }
}

/// Asks for articles; the body is what a caller sends.
pub(crate) async fn knowledge(
    database: &Database,
    body: &Value,
    vector: Option<&Embedding>,
) -> Result<KnowledgeAnswer, Error> {
    let query = KnowledgeQuery::parse(body.to_string().as_bytes())?;
    let mut connection = database.connection().await?;
    let snapshot = Snapshot::begin(database, &mut connection).await?;
    let answer = search_knowledge(&snapshot, &settings(), &query, vector).await?;
    snapshot.end().await?;
    Ok(answer)
}

/// Asks for conversations.
pub(crate) async fn conversations(
    database: &Database,
    body: &Value,
    vector: Option<&Embedding>,
) -> Result<ConversationAnswer, Error> {
    let query = ConversationQuery::parse(body.to_string().as_bytes())?;
    let mut connection = database.connection().await?;
    let snapshot = Snapshot::begin(database, &mut connection).await?;
    let answer = search_conversations(&snapshot, &settings(), &query, vector).await?;
    snapshot.end().await?;
    Ok(answer)
}

/// The names of the articles that were found, in order.
pub(crate) fn names(answer: &KnowledgeAnswer) -> Vec<&str> {
    answer
        .results
        .iter()
        .map(|one| one.article_id.as_str())
        .collect()
}
