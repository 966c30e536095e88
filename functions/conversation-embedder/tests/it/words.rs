//! The words of a conversation are those of its text, in its language.

use shared::text::terms::{Analysis, count_terms};

use crate::messages::completed;
use crate::world::World;

#[tokio::test]
async fn every_text_has_its_words_in_its_language() {
    let Some(world) = World::start("every_text_has_its_words", &[]).await else {
        return;
    };
    let english =
        "I have been waiting for my refunds since the beginning of the month, and nobody answers.";
    let german = "Ich warte seit Anfang des Monats auf meine Rückzahlung, und niemand antwortet auf meine Nachrichten.";
    let batch = [completed("one", english), completed("two", german)];
    assert!(world.deliver(&batch).await.is_empty());
    let rows = "SELECT semantic_metadata->>'language', analysis, words, text_content FROM conversation_embeddings";
    for row in world.rows.query(rows, &[]).await.unwrap() {
        let (language, analysis): (String, String) = (row.get(0), row.get(1));
        let expected = Analysis::of(&language);
        assert_eq!(analysis, expected.name());
        let terms = count_terms(row.get(3), expected);
        assert_eq!(row.get::<_, i32>(2), i32::try_from(terms.length).unwrap());
    }
    let blocks = world.tally("SELECT analysis, sum(chunks)::int8 FROM word_blocks GROUP BY 1");
    let blocks: Vec<_> = blocks.await.into_iter().collect();
    assert_eq!(
        blocks,
        [("english".to_owned(), 1), ("german".to_owned(), 1)]
    );
}

#[tokio::test]
async fn many_small_batches_leave_few_blocks() {
    let Some(world) = World::start("many_small_batches", &[]).await else {
        return;
    };
    for number in 0..20 {
        let one = completed(
            &format!("conv-{number}"),
            "Where is my parcel? It has not arrived.",
        );
        assert!(world.deliver(&[one]).await.is_empty());
    }
    let blocks = world.count("word_blocks").await;
    assert!(blocks < 10, "{blocks}");
}
