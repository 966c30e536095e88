//! What these tests stand on: a model with some segments, and what search finds in them.

use std::collections::BTreeSet;

use serde_json::json;
use shared::Error;
use shared::db::Database;
use shared::db::conversations::erase;
use shared::db::erased_conversations::Tombstone;
use shared::db::search::{Filter, Reads, Snapshot};
use shared::domain::ReceiptId;
use shared::domain::query::ConversationQuery;
use shared::search::words::Doc;

use crate::calls::{Numbers, Stage, erasure_key, id, vector};

/// Every passage, by the leg of vectors.
pub(crate) fn everything() -> Filter {
    let query = json!({ "query": "nothing" }).to_string();
    Filter::of_conversations(&ConversationQuery::parse(query.as_bytes()).unwrap(), None)
}

/// The numbers of all chunks that a look at everything finds in this state, one by one as by their rows.
pub(crate) async fn found(snapshot: &Snapshot<'_>) -> (Vec<Doc>, BTreeSet<String>) {
    let (_, space) = snapshot.active().unwrap();
    let (filter, question) = (everything(), vector(1, space.dimensions));
    let near = snapshot.nearest(&filter, Some(&[]), &question, 100_000);
    let near = near.await.unwrap();
    let docs: Vec<_> = near.iter().map(|near| near.doc).collect();
    // Whoever goes the ways that there are finds some of them, and as many as are wanted.
    let some = snapshot.nearest(&filter, None, &question, 5).await.unwrap();
    let strange = some.iter().find(|near| !docs.contains(&near.doc));
    assert_eq!((some.len(), strange), (docs.len().min(5), None));
    // Of so few large ones all signs that there are lead to a row.
    if space.dimensions == LARGE && docs.len() <= 56 {
        assert_eq!(some, near[..some.len()]);
    }
    let rows = snapshot.conversation_rows(&docs).await.unwrap();
    (docs, rows.into_iter().map(|row| row.text).collect())
}

/// What a question finds that begins now.
pub(crate) async fn read(database: &Database) -> (Vec<Doc>, BTreeSet<String>) {
    let mut connection = database.connection().await.unwrap();
    let snapshot = Snapshot::begin_for(Reads::Everything, database, &mut connection);
    let snapshot = snapshot.await.unwrap();
    let found = found(&snapshot).await;
    snapshot.end().await.unwrap();
    found
}

/// The same, every text once.
pub(crate) async fn texts(database: &Database) -> BTreeSet<String> {
    let (docs, texts) = read(database).await;
    assert_eq!(docs.len(), texts.len(), "each of them once");
    texts
}

/// What a keeper does to the first segment in the end, by hand: another takes its place.
pub(crate) const EXCHANGE: &str = "BEGIN; SET LOCAL lock_timeout = '300ms';
    LOCK TABLE ONLY conversation_embeddings IN ACCESS EXCLUSIVE MODE;
    ALTER TABLE conversation_embeddings DETACH PARTITION conversation_embeddings_1;
    ALTER TABLE conversation_embeddings ATTACH PARTITION conversation_embeddings_90 FOR VALUES IN (90);
    UPDATE vector_segments SET state = 'replaced' WHERE id = 1; UPDATE vector_segments SET state = 'sealed' WHERE id = 90; COMMIT";

/// And before that: the other is made and filled, and stands beside.
pub(crate) const BUILD: &str = "BEGIN;
    INSERT INTO vector_segments (id, model_id, state) OVERRIDING SYSTEM VALUE VALUES (90, 1, 'building');
    UPDATE vector_segments SET state = 'sealed', replaced_by = 90 WHERE id = 1;
    UPDATE vector_segments SET state = 'fresh', first_doc = 1000 WHERE state = 'next';
    CREATE TABLE conversation_embeddings_90 (LIKE conversation_embeddings INCLUDING ALL, CHECK (segment = 90));
    INSERT INTO conversation_embeddings_90 (segment, model_id, event_id, chunk, source_system, conversation_id, occurred_at, text_content,
        content_hash, embedding, semantic_metadata, doc, words, analysis, words_version)
    SELECT 90, model_id, event_id, chunk, source_system, conversation_id, occurred_at, text_content,
        content_hash, embedding, semantic_metadata, doc, words, analysis, words_version FROM conversation_embeddings_1;
    COMMIT";

/// Erases a conversation.
pub(crate) async fn gone(database: &Database, name: &str) -> Result<Tombstone, Error> {
    erase(database, &erasure_key(), &id(name), ReceiptId::generate()).await
}

/// Vectors of so many numbers are told apart by their signs.
pub(crate) const LARGE: u16 = 1_024;

impl Stage {
    /// One whose model's vectors are large.
    pub(crate) async fn set_large(name: &str) -> Option<Self> {
        Self::set_for(name, Numbers(LARGE)).await
    }

    /// The tables in which this text stands, whether anybody sees them or not.
    pub(crate) async fn tables_with(&self, text: &str) -> Vec<String> {
        let tables = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1";
        let mut found = Vec::new();
        for table in self.lines(tables).await {
            let count = format!("SELECT count(*) FROM {table} t WHERE t::text LIKE '%{text}%'");
            if self.number(&count).await > 0 {
                found.push(table);
            }
        }
        found
    }

    /// So many passages, each of its own conversation.
    pub(crate) async fn fill(&self, name: &str, count: usize) -> BTreeSet<String> {
        let texts: BTreeSet<String> = (0..count)
            .map(|number| format!("{name}-{number}"))
            .collect();
        let batch = texts
            .iter()
            .map(|text| crate::calls::event(self.model, text, text, 0));
        self.store(&batch.collect::<Vec<_>>()).await;
        texts
    }
}
