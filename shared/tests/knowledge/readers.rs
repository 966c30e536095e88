//! Readers beside a writer see whole articles, never two halves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use shared::db::knowledge::ArticleChange;

use crate::stage::{Stage, id, live, page};

/// Everything of one article as search reads it: in one statement.
const READ: &str = "SELECT d.title, c.chunk, c.text_content, v.embedding IS NOT NULL
    FROM knowledge_documents d JOIN knowledge_chunks c ON c.document_id = d.id LEFT JOIN knowledge_vectors v ON v.chunk_id = c.id
    WHERE d.article_id = 'a' ORDER BY c.chunk";

fn version(stage: &Stage, name: &str, texts: &str) -> ArticleChange {
    let mut change = live(stage.model, texts);
    if let ArticleChange::Live { documents, .. } = &mut change {
        let document = documents.values_mut().next().unwrap();
        name.clone_into(&mut document.title);
    }
    change
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_never_sees_half_an_article() {
    const VERSIONS: [(&str, &str); 3] = [
        ("first", "f1 same f2 f3"),
        ("second", "same s1 s2"),
        ("third", "t1 t2 t3 t4 t5 same"),
    ];
    let Some(stage) = Stage::set("a_reader_never_sees_half").await else {
        return;
    };
    let worker = stage.worker().await;
    let is_over = Arc::new(AtomicBool::new(false));
    let reader = stage.test.bystander().await.unwrap();
    let reading = tokio::spawn({
        let is_over = is_over.clone();
        async move {
            let mut seen = std::collections::BTreeMap::new();
            while !is_over.load(Ordering::Relaxed) {
                let rows = reader.query_typed(READ, &[]).await.unwrap();
                let title = rows.first().map(|row| row.get::<_, String>(0));
                let texts: Vec<String> = rows.iter().map(|row| row.get(2)).collect();
                let mut numbers = rows.iter().map(|row| row.get::<_, i32>(1)).zip(0..);
                assert!(numbers.all(|(number, place)| number == place));
                assert!(
                    rows.iter().all(|row| row.get::<_, bool>(3)),
                    "a chunk without its vector"
                );
                let whole = VERSIONS
                    .iter()
                    .find(|(name, _)| title.as_deref() == Some(name));
                let whole = whole.map_or("", |(_, texts)| texts);
                assert_eq!(texts.join(" "), whole, "{title:?}");
                *seen.entry(title).or_insert(0) += 1;
            }
            seen
        }
    });
    for round in 0..150 {
        let change = match round % 4 {
            3 => ArticleChange::Gone,
            number => {
                let (name, texts) = VERSIONS[number];
                version(&stage, name, texts)
            }
        };
        let mut next = page([]);
        next.articles.insert(id("a"), change);
        assert!(worker.store(&next).await);
    }
    is_over.store(true, Ordering::Relaxed);
    let seen = reading.await.unwrap();
    assert_eq!(seen.len(), 4, "every version was met: {seen:?}");
}
