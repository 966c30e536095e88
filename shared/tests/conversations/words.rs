//! Words are found exactly, whatever was stored, replaced, erased, folded, and by whom at the same time.

mod races;

use std::time::Duration;

use fastrand::Rng;
use shared::db::Database;
use shared::db::conversations::{self, Prepared, erase, expire, store, store_again};
use shared::db::embedded::fetch_missing;
use shared::db::embedding_models::ModelId;
use shared::db::migrate::{MIGRATIONS, migrate};
use shared::db::vector_segments;
use shared::db::words::{WordSpace, Words, purge_conversations, tend};
use shared::domain::ReceiptId;
use shared::testing::{TestDatabase, proof_size};
use shared::text::terms::Analysis;
use tokio::time::Instant;

use crate::brute_force::assert_right;
use crate::stage::{Stage, alone, chunk, erasure_key, event, id, map, reading, space};

/// Common ones first.
const VOCABULARY: &str = "order the parcel die Rechnung refunds refunded router Geräte warranty invoice Lieferung cancelled cups \
    lids 設定 password login bicycle";

fn soon() -> Instant {
    Instant::now() + Duration::from_mins(1)
}

fn far() -> jiff::Timestamp {
    jiff::Timestamp::from_second(2_000_000_000).unwrap()
}

/// A few words, of which the first are said most; sometimes none that counts.
fn text(random: &mut Rng) -> String {
    let words: Vec<_> = VOCABULARY.split_whitespace().collect();
    let word = |random: &mut Rng| {
        words[random
            .usize(0..words.len())
            .min(random.usize(0..words.len()))]
    };
    let said: Vec<_> = (0..random.usize(0..12)).map(|_| word(random)).collect();
    format!("{} !", said.join(" "))
}

/// An event with up to three chunks in a language.
fn random_event(random: &mut Rng, models: &[ModelId], conversation: &str, second: i64) -> Prepared {
    let mut one = event(models[0], conversation, "said", second);
    let analysis = [Analysis::English, Analysis::German, Analysis::Plain][random.usize(0..3)];
    one.renditions[0].chunks.clear();
    for _ in 0..random.usize(0..4) {
        let text = text(random);
        let mut piece = chunk(&text);
        piece.words = Words::count(&text, analysis);
        one.renditions[0].chunks.push(piece);
    }
    if random.bool() {
        one.renditions.push(one.renditions[0].clone());
        one.renditions[1].model = models[1];
    }
    if random.u8(0..4) == 0 {
        alone(one)
    } else {
        one
    }
}

fn rows_of(model: usize) -> String {
    format!(
        "SELECT doc, analysis, text_content FROM conversation_embeddings WHERE model_id = {}",
        model + 1
    )
}

async fn compare(database: &Database, models: &[ModelId], random: &mut Rng) -> usize {
    let mut found = 0;
    for (number, model) in models.iter().enumerate() {
        let space = WordSpace::Conversations(*model);
        found += assert_right(database, space, &rows_of(number), &text(random)).await;
    }
    found
}

async fn two_models(stage: &Stage) -> [ModelId; 2] {
    let two = vector_segments::open(&stage.database, &space("two")).await;
    [stage.model, two.unwrap()]
}

async fn erase_one(database: &Database, name: &str) -> Result<(), shared::error::Error> {
    let erased = erase(database, &erasure_key(), &id(name), ReceiptId::generate()).await;
    erased.map(drop)
}

const BLOCKS: &str = "SELECT count(*) FROM word_blocks";

/// Some of what is stored, as another map reads it.
async fn embed_again(database: &Database, models: &[ModelId], random: &mut Rng, number: usize) {
    let model = models[random.usize(0..2)];
    let readings = [reading("said", number)];
    let missing = fetch_missing(database, model, &readings, None, 6).await;
    let mut again = Vec::new();
    for stored in missing.unwrap() {
        let conversation = stored.event.conversation_id.as_str().to_owned();
        let mut one = random_event(random, models, &conversation, 0);
        one.event = stored.event;
        one.renditions.truncate(1);
        one.renditions[0].model = model;
        one.renditions[0].map = map(number);
        again.push((stored.id, one));
    }
    store_again(database, &again).await.unwrap();
}

#[tokio::test]
async fn whatever_happened_scores_are_those_of_the_rows_that_stand() {
    let Some(stage) = Stage::set("whatever_happened").await else {
        return;
    };
    let models = two_models(&stage).await;
    let mut random = Rng::with_seed(5);
    let (mut found, mut erased, mut folds) = (0, 0, 0);
    for step in 0..i64::try_from(proof_size(150, 3_000)).unwrap() {
        match random.u8(0..60) {
            0..45 => {
                let mut batch = Vec::new();
                for number in 0..random.i64(1..4) {
                    let conversation = format!("conv-{}", erased + random.i64(0..20));
                    batch.push(random_event(
                        &mut random,
                        &models,
                        &conversation,
                        step * 10 + number,
                    ));
                }
                stage.store(&batch).await;
            }
            45..47 => {
                let name = format!("conv-{erased}");
                erase_one(&stage.database, &name).await.unwrap();
                erased += 1;
            }
            47 => drop(
                expire(&stage.database, far(), random.i64(0..4))
                    .await
                    .unwrap(),
            ),
            48..52 => {
                let number = random.usize(2..5);
                embed_again(&stage.database, &models, &mut random, number).await;
            }
            52..58 => {
                let space = WordSpace::Conversations(models[random.usize(0..2)]);
                let before = stage.number(BLOCKS).await;
                tend(&stage.database, space, soon()).await.unwrap();
                folds += i64::from(stage.number(BLOCKS).await + 8 < before);
            }
            58 => assert!(purge_conversations(&stage.database, soon()).await.unwrap()),
            _ => {}
        }
        found += compare(&stage.database, &models, &mut random).await;
    }
    assert!(found > 500 && folds > 0, "{found}, {folds} folds");
}

#[tokio::test]
async fn every_document_has_its_own_number_and_what_has_no_words_stands_in_no_block() {
    let Some(stage) = Stage::set("own_number").await else {
        return;
    };
    let one = event(stage.model, "conv-1", "cups and lids", 0);
    let none = event(stage.model, "conv-2", "the", 0);
    stage.store(&[one.clone(), none]).await;
    let at = stage.stored(&one).await;
    let mut again = one;
    again.renditions[0].map = map(2);
    store_again(&stage.database, &[(at, again)]).await.unwrap();
    let rows = "SELECT doc::text, words::text, analysis, words_version::text FROM conversation_embeddings ORDER BY doc";
    assert_eq!(stage.lines(rows).await, ["2 0 english 1", "3 2 english 1"]);
    let dead = "SELECT space, doc::text, analysis, version::text, length::text, event_id::text FROM word_dead";
    assert_eq!(stage.lines(dead).await, ["conversations/1 1 english 1 2 1"]);
    let blocks = "SELECT space, segment::text, chunks::text, length::text, first_doc::text, last_doc::text FROM word_blocks ORDER BY id";
    let first = "conversations/1 1 1 2 1 1";
    assert_eq!(
        stage.lines(blocks).await,
        [first, "conversations/1 1 1 2 3 3"]
    );
    assert!(purge_conversations(&stage.database, soon()).await.unwrap());
    assert_eq!(stage.lines(dead).await, [""; 0]);
    assert_eq!(stage.lines(blocks).await, ["conversations/1 1 1 2 3 3"]);
}

#[tokio::test]
async fn blocks_stay_few_and_so_do_the_dead() {
    let Some(stage) = Stage::set("blocks_stay_few").await else {
        return;
    };
    let space = WordSpace::Conversations(stage.model);
    for number in 0..100 {
        let one = event(
            stage.model,
            &format!("conv-{number}"),
            "cups and lids",
            number,
        );
        stage.store(&[one]).await;
        tend(&stage.database, space, soon()).await.unwrap();
    }
    let dead = "SELECT count(*) FROM word_dead";
    assert!(stage.number(BLOCKS).await <= 15);
    let many: Vec<_> = (0..900)
        .map(|number| event(stage.model, &format!("other-{number}"), "saucers", number))
        .collect();
    stage.store(&many).await;
    expire(&stage.database, far(), 512).await.unwrap();
    tend(&stage.database, space, soon()).await.unwrap();
    assert_eq!(stage.number(dead).await, 512, "so many cost little");
    expire(&stage.database, far(), 1).await.unwrap();
    tend(&stage.database, space, soon()).await.unwrap();
    assert!(stage.number(dead).await <= 256);
    for query in ["cup", "saucer"] {
        assert_right(&stage.database, space, &rows_of(0), query).await;
    }
    expire(&stage.database, far(), 9_999).await.unwrap();
    assert!(purge_conversations(&stage.database, soon()).await.unwrap());
    for table in ["word_blocks", "word_postings", "word_dead"] {
        assert_eq!(
            stage.number(&format!("SELECT count(*) FROM {table}")).await,
            0,
            "{table}"
        );
    }
}

/// The blocks whose bytes hold this term.
async fn blocks_with(stage: &Stage, term: &str) -> i64 {
    let sql = format!(
        "SELECT count(DISTINCT block) FROM word_postings WHERE position('{term}'::bytea IN postings) > 0"
    );
    stage.number(&sql).await
}

#[tokio::test]
async fn an_erased_word_stands_in_no_block() {
    let Some(stage) = Stage::set("an_erased_word").await else {
        return;
    };
    let models = two_models(&stage).await;
    let of = |name: &str, text: &str, second| {
        let mut one = event(stage.model, name, "said", second);
        one.renditions[0].chunks = vec![chunk(text), chunk("and nothing more")];
        one.renditions.push(one.renditions[0].clone());
        one.renditions[1].model = models[1];
        one
    };
    // What gives way to what follows, between others, before and after a fold.
    for second in 0..12 {
        let secret = format!("xanadu{second} canary");
        let batch = [
            of("conv-secret", &secret, second),
            of("conv-other", "canaries stay", 2 * second),
        ];
        stage.store(&batch).await;
        stage
            .store(&[of(&format!("conv-{second}"), "router", 0)])
            .await;
        if second == 9 {
            tend(&stage.database, WordSpace::Conversations(models[0]), soon())
                .await
                .unwrap();
        }
    }
    assert!(blocks_with(&stage, "xanadu").await > 0);
    assert!(
        stage
            .number("SELECT count(*) FROM word_blocks WHERE chunks > 4")
            .await
            > 0
    );
    erase_one(&stage.database, "conv-secret").await.unwrap();
    assert_eq!(blocks_with(&stage, "xanadu").await, 0);
    assert!(blocks_with(&stage, "canari").await > 0, "that of others");
    for (number, model) in models.iter().enumerate() {
        let found = assert_right(
            &stage.database,
            WordSpace::Conversations(*model),
            &rows_of(number),
            "canaries",
        )
        .await;
        assert_eq!(found, 1);
    }
}

#[tokio::test]
async fn what_expired_is_erased_from_the_blocks_too() {
    let Some(stage) = Stage::set("what_expired_is_erased").await else {
        return;
    };
    stage
        .store(&[event(stage.model, "conv-secret", "xanadu", 0)])
        .await;
    expire(&stage.database, far(), 9).await.unwrap();
    assert_eq!(
        blocks_with(&stage, "xanadu").await,
        1,
        "until somebody drops it"
    );
    erase_one(&stage.database, "conv-secret").await.unwrap();
    assert_eq!(blocks_with(&stage, "xanadu").await, 0);
    assert_eq!(stage.number("SELECT count(*) FROM word_dead").await, 0);
}

#[tokio::test]
async fn words_of_another_version_are_not_found_and_go() {
    let Some(stage) = Stage::set("words_of_another_version").await else {
        return;
    };
    let batch = ["conv-1", "conv-2"].map(|name| event(stage.model, name, "cups", 0));
    stage.store(&batch).await;
    let ids = [stage.stored(&batch[0]).await, stage.stored(&batch[1]).await];
    let before = "UPDATE conversation_embeddings SET words_version = 0; UPDATE embedded SET words_version = 0;
        UPDATE word_blocks SET version = 0";
    stage.bystander.batch_execute(before).await.unwrap();
    let again = [(ids[0], batch[0].clone())];
    store_again(&stage.database, &again).await.unwrap();
    let space = WordSpace::Conversations(stage.model);
    let rows = format!("{} AND words_version = 1", rows_of(0));
    let found = assert_right(&stage.database, space, &rows, "cup").await;
    assert_eq!(found, 1);
    store_again(&stage.database, &[(ids[1], batch[1].clone())])
        .await
        .unwrap();
    assert!(purge_conversations(&stage.database, soon()).await.unwrap());
    let left = "SELECT version::text, chunks::text FROM word_blocks";
    assert_eq!(stage.lines(left).await, ["1 1", "1 1"]);
}

#[tokio::test]
async fn a_database_that_holds_conversations_comes_up() {
    let Some(test) = TestDatabase::create("a_database_that_holds").await else {
        return;
    };
    let database = test.database().unwrap();
    migrate(&database, &MIGRATIONS[..3], soon()).await.unwrap();
    let rows = test.bystander().await.unwrap();
    // As the code of then made the segment: it knew of no next one.
    let segment = "INSERT INTO embedding_models (provider, name, dimensions) VALUES ('local', 'one', 4);
        INSERT INTO vector_segments (model_id) VALUES (1);
        CREATE TABLE conversation_embeddings_1 (LIKE conversation_embeddings INCLUDING ALL, CHECK (segment = 1));
        ALTER TABLE conversation_embeddings ATTACH PARTITION conversation_embeddings_1 FOR VALUES IN (1)";
    rows.batch_execute(segment).await.unwrap();
    let old = "INSERT INTO conversation_embeddings (segment, model_id, event_id, chunk, source_system, conversation_id, occurred_at,
        text_content, content_hash, semantic_metadata)
        SELECT 1, 1, n, 0, 'nice_cxone', 'old', now(), 'cups', sha256('cups'), '{}' FROM generate_series(101, 109) n";
    rows.batch_execute(old).await.unwrap();
    migrate(&database, MIGRATIONS, soon()).await.unwrap();
    let model = vector_segments::open(&database, &space("one")).await;
    let states = "SELECT string_agg(state, ' ' ORDER BY id) FROM vector_segments";
    let states: String = rows.query_one(states, &[]).await.unwrap().get(0);
    assert_eq!(states, "fresh next");
    let one = event(model.unwrap(), "conv-1", "cups", 0);
    store(&database, &[one]).await.unwrap();
    let docs = "SELECT count(*), count(doc), count(analysis) FROM conversation_embeddings";
    let docs = rows.query_one(docs, &[]).await.unwrap();
    let counts: [i64; 3] = [docs.get(0), docs.get(1), docs.get(2)];
    assert_eq!(counts, [10, 1, 1]);
    let index = "SELECT count(*) FROM pg_indexes WHERE tablename = 'conversation_embeddings_1' AND indexdef LIKE '%(doc)%'";
    let indexes: i64 = rows.query_one(index, &[]).await.unwrap().get(0);
    assert_eq!(indexes, 1);
}

#[tokio::test]
async fn rows_from_before_are_made_anew_and_then_have_words() {
    let Some(stage) = Stage::set("rows_from_before").await else {
        return;
    };
    let batch = ["conv-1", "conv-2"].map(|name| event(stage.model, name, "cups", 0));
    stage.store(&batch).await;
    let before = "UPDATE conversation_embeddings SET doc = NULL, words = 0, analysis = NULL, words_version = NULL;
        UPDATE embedded SET words_version = 0; TRUNCATE word_blocks, word_postings";
    stage.bystander.batch_execute(before).await.unwrap();
    let readings = [reading("cups", 1)];
    let missing = async || {
        let missing = fetch_missing(&stage.database, stage.model, &readings, None, 9).await;
        missing.unwrap()
    };
    let old = missing().await;
    assert_eq!(old.len(), 2);
    let again: Vec<_> = old.iter().map(|stored| stored.id).zip(batch).collect();
    let stored = store_again(&stage.database, &again).await.unwrap();
    assert_eq!(stored.stored, [conversations::Stored::New; 2]);
    assert!(missing().await.is_empty());
    assert_eq!(stage.number("SELECT count(*) FROM word_dead").await, 0);
    let space = WordSpace::Conversations(stage.model);
    let found = assert_right(&stage.database, space, &rows_of(0), "cup").await;
    assert_eq!(found, 2);
}
