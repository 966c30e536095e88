//! What is kept of live interactions and their cards, on a real Postgres.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use shared::db::cards::{
    Fate, Kept, Known, NewCard, Progress, Tidied, end, keep, load, settle, tidy,
};
use shared::domain::{ArticleId, InteractionId, Score};
use shared::testing::stage::{Stage, erasure_key};

const CARDS: &str = "SELECT snippet_id, position::text, score::text, detail->>'sequence', state FROM assist_impressions WHERE source = 'card' ORDER BY session_id, snippet_id";

/// What is kept of any interaction.
const ROWS: &str =
    "SELECT (SELECT count(*) FROM assist_interactions) + (SELECT count(*) FROM assist_impressions)";

fn id(name: &str) -> InteractionId {
    InteractionId::parse(name).unwrap()
}

fn articles(names: &[&str]) -> BTreeSet<ArticleId> {
    let names = names.iter().map(|name| ArticleId::parse(*name).unwrap());
    names.collect()
}

fn cards(names: &[&str]) -> Vec<NewCard> {
    let card = |(position, name): (u8, &&str)| NewCard {
        article: ArticleId::parse(*name).unwrap(),
        position,
        score: Score::saturating(0.5),
        detail: r#"{"sequence": 7}"#.to_owned(),
    };
    (1..).zip(names).map(card).collect()
}

fn step(from: i64, sequence: i64) -> Progress<'static> {
    Progress {
        from,
        sequence,
        state: r#"{"window": [1]}"#,
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn pending(names: &[&str]) -> Kept {
    Kept::Pending(owned(names))
}

/// Keeps a step of an interaction.
async fn kept_of(stage: &Stage, name: &str, step: &Progress<'_>, names: &[&str]) -> Kept {
    let (id, cards) = (id(name), cards(names));
    let mut kept = keep(&stage.database, &erasure_key(), &id, step, &cards)
        .await
        .unwrap();
    if let Kept::Pending(names) = &mut kept {
        names.sort();
    }
    kept
}

/// Settles cards of `i-1`.
async fn settled(stage: &Stage, names: &[&str], fate: Fate) {
    settle(&stage.database, &id("i-1"), &owned(names), fate)
        .await
        .unwrap();
}

/// Keeps a step of `i-1`.
async fn kept(stage: &Stage, step: &Progress<'_>, names: &[&str]) -> Kept {
    kept_of(stage, "i-1", step, names).await
}

#[tokio::test]
async fn an_interaction_is_known_by_all_that_became_of_it() {
    let Some(stage) = Stage::set("cards_known").await else {
        return;
    };
    let known = async || {
        load(&stage.database, &erasure_key(), &id("i-1"))
            .await
            .unwrap()
    };
    assert_eq!(known().await, Known::default());
    assert_eq!(
        kept(&stage, &step(0, 3), &["a", "b"]).await,
        pending(&["a", "b"])
    );
    let cards = stage.lines(CARDS).await;
    assert_eq!(cards, ["a 1 0.5 7 pending", "b 2 0.5 7 pending"]);
    settled(&stage, &["a", "b"], Fate::Shown).await;
    let clicks = "
        INSERT INTO assist_clicks (session_id, snippet_id, position, action, known) VALUES
            ('i-1', 'b', 2, 'dismiss', true), ('i-1', 'elsewhere', 1, 'dismiss', false), ('i-1', 'a', 1, 'click', true),
            ('i-2', 'other', 1, 'dismiss', true);
        INSERT INTO assist_clicks (session_id, snippet_id, position, action, known)
            VALUES ('i-1', repeat('x', 256), 1, 'dismiss', false);
        INSERT INTO assist_impressions (session_id, snippet_id, position, source) VALUES ('i-1', 'ordered', 1, 'ranking')";
    stage.bystander.batch_execute(clicks).await.unwrap();
    let expected = Known {
        sequence: 3,
        state: Some(r#"{"window": [1]}"#.to_owned()),
        is_over: false,
        shown: articles(&["a", "b"]),
        dismissed: articles(&["b", "elsewhere"]),
    };
    assert_eq!(known().await, expected);
    end(&stage.database, &id("i-1"), &[]).await.unwrap();
    assert!(known().await.is_over);
    assert_eq!(
        load(&stage.database, &erasure_key(), &id("i-3"))
            .await
            .unwrap(),
        Known::default()
    );
}

#[tokio::test]
async fn who_was_overtaken_keeps_nothing() {
    let Some(stage) = Stage::set("cards_overtaken").await else {
        return;
    };
    assert_eq!(kept(&stage, &step(0, 2), &["a"]).await, pending(&["a"]));
    for late in [step(0, 1), step(0, 2), step(1, 5), step(3, 4)] {
        assert_eq!(
            kept(&stage, &late, &["late"]).await,
            Kept::Overtaken,
            "{late:?}"
        );
    }
    assert_eq!(kept(&stage, &step(2, 5), &[]).await, pending(&[]));
    let far = "SELECT sequence::text FROM assist_interactions";
    assert_eq!(stage.lines(far).await, ["5"]);
    assert_eq!(
        stage
            .number("SELECT count(*) FROM assist_impressions")
            .await,
        1
    );
}

#[tokio::test]
async fn of_many_at_once_one_keeps_its_step_and_its_cards() {
    let Some(stage) = Stage::set("cards_race").await else {
        return;
    };
    let mut waiting = Vec::new();
    for number in 0..8 {
        let database = stage.test.database().unwrap();
        waiting.push(tokio::spawn(async move {
            let cards = cards(&["a", if number % 2 == 0 { "b" } else { "c" }]);
            keep(&database, &erasure_key(), &id("i-1"), &step(0, 1), &cards)
                .await
                .unwrap()
        }));
    }
    let mut winners = 0;
    for one in waiting {
        winners += usize::from(one.await.unwrap() != Kept::Overtaken);
    }
    assert_eq!(winners, 1);
    assert_eq!(
        stage
            .number("SELECT count(*) FROM assist_impressions")
            .await,
        2
    );
}

#[tokio::test]
async fn an_article_has_one_card_in_an_interaction_whatever_became_of_it() {
    let Some(stage) = Stage::set("cards_once").await else {
        return;
    };
    for (sequence, fate) in [(1, Fate::Shown), (2, Fate::Unknown)] {
        let name = ["a", "b"][usize::try_from(sequence - 1).unwrap()];
        kept(&stage, &step(sequence - 1, sequence), &[name]).await;
        settled(&stage, &[name], fate).await;
    }
    assert_eq!(
        kept(&stage, &step(2, 3), &["a", "b", "c"]).await,
        pending(&["c"])
    );
    // What surely is not there may come again, here and in other interactions.
    settled(&stage, &["c"], Fate::Withdrawn).await;
    assert_eq!(
        kept(&stage, &step(3, 4), &["a", "c"]).await,
        pending(&["c"])
    );
    assert_eq!(
        kept_of(&stage, "i-2", &step(0, 1), &["a"]).await,
        pending(&["a"])
    );
    let again = "INSERT INTO assist_impressions (session_id, snippet_id, position, source) VALUES ('i-1', 'a', 9, 'card')";
    assert!(stage.bystander.batch_execute(again).await.is_err());
}

#[tokio::test]
async fn each_fate_is_that_of_the_cards_of_one_post() {
    let Some(stage) = Stage::set("cards_fates").await else {
        return;
    };
    let all = async || {
        stage.lines("SELECT session_id, snippet_id, state FROM assist_impressions WHERE state <> 'pending' ORDER BY session_id, snippet_id").await
    };
    // Whoever posted this one died: nobody knows, whatever becomes of those after it.
    kept(&stage, &step(0, 1), &["lost"]).await;
    kept_of(&stage, "i-2", &step(0, 1), &["a"]).await;
    kept(&stage, &step(1, 2), &["a"]).await;
    settled(&stage, &["a"], Fate::Shown).await;
    assert_eq!(all().await, ["i-1 a shown"]);
    kept(&stage, &step(2, 3), &["b"]).await;
    settled(&stage, &["b"], Fate::Unknown).await;
    assert_eq!(all().await, ["i-1 a shown", "i-1 b unknown"]);
    kept(&stage, &step(3, 4), &["c"]).await;
    settled(&stage, &["c"], Fate::Withdrawn).await;
    assert_eq!(all().await, ["i-1 a shown", "i-1 b unknown"]);
    // An end takes what it was told of with it, and what was shown stays; it ends once.
    kept(&stage, &step(4, 5), &["d"]).await;
    let ended = "SELECT ended_at::text FROM assist_interactions WHERE interaction_id = 'i-1'";
    let of_this = owned(&["d", "a"]);
    end(&stage.database, &id("i-1"), &of_this).await.unwrap();
    let first = stage.lines(ended).await;
    end(&stage.database, &id("i-1"), &of_this).await.unwrap();
    assert_eq!(stage.lines(ended).await, first);
    assert_eq!(all().await, ["i-1 a shown", "i-1 b unknown"]);
    let pending = "SELECT session_id, snippet_id FROM assist_impressions WHERE state = 'pending' ORDER BY session_id";
    assert_eq!(stage.lines(pending).await, ["i-1 lost", "i-2 a"]);
}

#[tokio::test]
async fn what_is_old_goes_a_part_at_a_time() {
    let Some(stage) = Stage::set("cards_tidy").await else {
        return;
    };
    for name in ["i-1", "i-2", "i-3", "i-4"] {
        kept_of(&stage, name, &step(0, 1), &["a"]).await;
    }
    settle(&stage.database, &id("i-4"), &owned(&["a"]), Fate::Shown)
        .await
        .unwrap();
    let age = "
        UPDATE assist_interactions SET updated_at = now() - interval '25 hours' WHERE interaction_id IN ('i-1', 'i-2');
        UPDATE assist_interactions SET updated_at = now() - interval '23 hours' WHERE interaction_id = 'i-3';
        UPDATE assist_impressions SET shown_at = now() - interval '2 minutes' WHERE session_id IN ('i-1', 'i-4');
        UPDATE assist_impressions SET shown_at = now() - interval '50 seconds' WHERE session_id = 'i-2'";
    stage.bystander.batch_execute(age).await.unwrap();
    let tidied = async || {
        let Tidied { removed, doubtful } = tidy(&stage.database, 1).await.unwrap();
        (removed, doubtful)
    };
    assert_eq!(tidied().await, (1, 1));
    assert_eq!(tidied().await, (1, 0));
    assert_eq!(tidied().await, (0, 0));
    let left = "SELECT interaction_id FROM assist_interactions ORDER BY interaction_id";
    assert_eq!(stage.lines(left).await, ["i-3", "i-4"]);
    let states = "SELECT session_id, state FROM assist_impressions ORDER BY session_id";
    let expected = ["i-1 unknown", "i-2 pending", "i-3 pending", "i-4 shown"];
    assert_eq!(stage.lines(states).await, expected);
}

#[tokio::test]
async fn what_went_in_the_meantime_is_not_made_anew() {
    let Some(stage) = Stage::set("cards_gone").await else {
        return;
    };
    kept(&stage, &step(0, 1), &[]).await;
    let forget = "DELETE FROM assist_interactions";
    stage.bystander.batch_execute(forget).await.unwrap();
    let late = kept(&stage, &step(1, 2), &["a"]).await;
    assert_eq!(late, Kept::Overtaken);
    assert_eq!(stage.number(ROWS).await, 0);
}

#[tokio::test]
async fn of_an_erased_interaction_nothing_is_kept_whenever_the_erasure_ends() {
    let Some(stage) = Stage::set("cards_erased").await else {
        return;
    };
    kept(&stage, &step(0, 1), &["a"]).await;
    // The erasure has removed its rows, and waits before its commit.
    let hold = "BEGIN; LOCK TABLE stream_offsets IN ACCESS EXCLUSIVE MODE";
    let other = stage.test.database().unwrap();
    let (key, id, cards, next) = (erasure_key(), id("i-1"), cards(&["b"]), step(1, 2));
    let keeping = keep(&other, &key, &id, &next, &cards);
    let kept_meanwhile = stage.while_erasing("i-1", hold, keeping).await;
    assert_eq!(kept_meanwhile.unwrap(), Kept::Erased);
    // And what comes later still.
    let late = kept(&stage, &step(0, 3), &["c"]).await;
    assert_eq!(late, Kept::Erased);
    assert_eq!(stage.number(ROWS).await, 0);
    let known = load(&stage.database, &key, &id).await.unwrap();
    assert!(known.is_over && known.state.is_none());
}
