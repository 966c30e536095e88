//! The words of articles are found exactly, whatever was edited and folded.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fastrand::Rng;
use shared::db::knowledge::ArticleChange;
use shared::db::knowledge_documents::NewDocument;
use shared::db::words::{WordSpace, Words, tend};
use shared::domain::Locale;
use shared::testing::proof_size;
use shared::text::terms::Analysis;
use tokio::time::Instant;

use crate::brute_force::assert_right;
use crate::stage::{Stage, article, document, live, page};

const VOCABULARY: &str =
    "cups lids cup saucers die Rechnung Lieferung the refunds refunded 設定 bicycle";
const ROWS: &str = "SELECT id, analysis, text_content FROM knowledge_chunks";

fn soon() -> Instant {
    Instant::now() + Duration::from_mins(1)
}

/// A word or two, with dashes between them: the stage cuts chunks at blanks.
fn texts(random: &mut Rng) -> String {
    let words: Vec<_> = VOCABULARY.split_whitespace().collect();
    let word = |random: &mut Rng| {
        words[random
            .usize(0..words.len())
            .min(random.usize(0..words.len()))]
    };
    let text = |random: &mut Rng| format!("{}-{}", word(random), word(random));
    let texts: Vec<_> = (0..random.usize(0..5)).map(|_| text(random)).collect();
    texts.join(" ")
}

fn in_language(stage: &Stage, random: &mut Rng, tag: &str) -> NewDocument {
    let mut document = document(stage.model, &texts(random));
    for chunk in &mut document.chunks {
        chunk.words = Words::count(&chunk.text, Analysis::of(tag));
    }
    document
}

fn random_change(stage: &Stage, random: &mut Rng) -> ArticleChange {
    match random.u8(0..8) {
        0 => return ArticleChange::Gone,
        1 => return ArticleChange::LeftOut(article("draft")),
        2 => return ArticleChange::Marked(None),
        _ => {}
    }
    let mut documents = BTreeMap::new();
    for tag in ["en-US", "de-CH", "ja-JP"] {
        if random.bool() {
            let locale = Locale::parse(tag).unwrap();
            documents.insert(locale, in_language(stage, random, tag));
        }
    }
    ArticleChange::Live {
        article: article("some"),
        links: BTreeSet::new(),
        documents,
    }
}

#[tokio::test]
async fn whatever_was_edited_scores_are_those_of_the_chunks_that_stand() {
    let Some(stage) = Stage::set("whatever_was_edited").await else {
        return;
    };
    let worker = stage.worker().await;
    let (mut random, mut found, mut folds) = (Rng::with_seed(7), 0, 0);
    let blocks = "SELECT count(*) FROM word_blocks";
    for _ in 0..proof_size(120, 2_000) {
        let names = ["a", "b", "c", "d", "e", "f"];
        let changes = [0; 2].map(|_| {
            (
                names[random.usize(0..6)],
                random_change(&stage, &mut random),
            )
        });
        worker.store(&page(changes)).await;
        if random.u8(0..3) == 0 {
            let before = stage.number(blocks).await;
            tend(&stage.database, WordSpace::Knowledge, soon())
                .await
                .unwrap();
            folds += i64::from(stage.number(blocks).await + 8 < before);
        }
        let query = texts(&mut random);
        found += assert_right(&stage.database, WordSpace::Knowledge, ROWS, &query).await;
    }
    assert!(found > 300 && folds > 0, "{found}, {folds} folds");
}

#[tokio::test]
async fn a_chunk_that_stays_keeps_its_place_among_the_words() {
    let Some(stage) = Stage::set("a_chunk_that_stays").await else {
        return;
    };
    let worker = stage.worker().await;
    worker
        .store(&page([("a", live(stage.model, "cups lids"))]))
        .await;
    worker
        .store(&page([("a", live(stage.model, "lids cups"))]))
        .await;
    let blocks =
        "SELECT space, analysis, chunks::text, first_doc::text, last_doc::text FROM word_blocks";
    assert_eq!(stage.lines(blocks).await, ["knowledge english 2 1 2"]);
    let dead = "SELECT space, doc::text, analysis, length::text FROM word_dead";
    assert_eq!(stage.lines(dead).await, [""; 0]);
    worker
        .store(&page([("a", live(stage.model, "cups"))]))
        .await;
    assert_eq!(stage.lines(dead).await, ["knowledge 2 english 1"]);
    worker.store(&page([("a", ArticleChange::Gone)])).await;
    let left = ["knowledge 2 english 1", "knowledge 1 english 1"];
    assert_eq!(stage.lines(dead).await, left);
}

#[tokio::test]
async fn chunks_from_before_are_written_anew_and_then_have_words() {
    let Some(stage) = Stage::set("chunks_from_before").await else {
        return;
    };
    let worker = stage.worker().await;
    worker
        .store(&page([("a", live(stage.model, "cups lids"))]))
        .await;
    let before = "UPDATE knowledge_chunks SET words = 0, analysis = NULL, words_version = NULL; TRUNCATE word_blocks, word_postings";
    stage.bystander.batch_execute(before).await.unwrap();
    worker
        .store(&page([("a", live(stage.model, "cups lids"))]))
        .await;
    assert_eq!(stage.chunks().await, ["cups 3 1", "lids 4 1"]);
    let found = assert_right(&stage.database, WordSpace::Knowledge, ROWS, "cup").await;
    assert_eq!(found, 1);
    assert!(
        !worker
            .store(&page([("a", live(stage.model, "cups lids"))]))
            .await
    );
    // As a later version of the terms will find what this one wrote.
    let later = "UPDATE knowledge_chunks SET words_version = 0 WHERE chunk = 0";
    stage.bystander.batch_execute(later).await.unwrap();
    worker
        .store(&page([("a", live(stage.model, "cups lids"))]))
        .await;
    assert_eq!(stage.chunks().await, ["cups 5 1", "lids 4 1"]);
    let dead = "SELECT doc::text, version::text FROM word_dead";
    assert_eq!(stage.lines(dead).await, ["3 0"]);
}
