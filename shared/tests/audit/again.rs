//! What was anchored is looked at again, some of it each time, and nothing is left out for ever.

use std::time::Duration;

use aws_double::{AwsDouble, Options};
use shared::Kind;
use shared::audit::{Anchor, AnchorStore, Anchoring, Steps, anchor_by};
use shared::error::Error;
use tokio::time::Instant;

use crate::anchors::{ID, store};
use crate::stage::{Stage, anchor, at};

const STEPS: Steps = Steps { follow: 3, look: 4 };

/// A stage, where anchors are kept, and what answers for that.
async fn set(name: &str) -> Option<(Stage, AnchorStore, AwsDouble)> {
    let stage = Stage::set(name).await?;
    let double = AwsDouble::start(Options::default()).unwrap();
    let (store, _) = store(&double.endpoint(), ID).await;
    Some((stage, store, double))
}

async fn step(
    stage: &Stage,
    store: &AnchorStore,
    minute: i64,
    left: Duration,
) -> Result<Anchor, Error> {
    let until = Instant::now() + left;
    let kept = anchor_by(&stage.database, store, at(minute), until, STEPS).await?;
    assert_eq!(kept, Anchoring::Kept);
    Ok(store.fetch().await.unwrap().unwrap())
}

const LONG: Duration = Duration::from_mins(1);

#[tokio::test]
async fn an_old_entry_that_was_edited_is_told_until_it_is_put_right() {
    let Some((stage, store, _double)) = set("an_old_entry_that_was_edited").await else {
        return;
    };
    let shard = stage.append("session-1", 9).await;
    anchor(&stage.database, &store, at(0)).await.unwrap();
    stage.append("session-1", 1).await;
    anchor(&stage.database, &store, at(20)).await.unwrap();
    let keep = "CREATE TABLE kept AS SELECT * FROM audit_entries WHERE position = 2";
    stage.bystander.batch_execute(keep).await.unwrap();
    let edit = "UPDATE audit_entries SET content = '{}' WHERE position = 2";
    stage.forge(edit).await;
    stage.append("session-1", 1).await;
    for (minute, anchored) in [(40, 40), (41, 40), (60, 60)] {
        let told = anchor(&stage.database, &store, at(minute)).await;
        let error = told.unwrap_err();
        assert_eq!(error.kind(), Kind::Misconfigured, "at {minute}");
        let chain = error.chain();
        assert!(chain.contains(&format!("[{shard}]")), "{chain}");
        let kept = store.fetch().await.unwrap().unwrap();
        assert_eq!(kept.at, at(anchored), "what is new is anchored as ever");
        assert_eq!(kept.heads[&shard].0, 11);
    }
    let undo = "DELETE FROM audit_entries WHERE position = 2; INSERT INTO audit_entries TABLE kept";
    stage.forge(undo).await;
    for minute in [80, 81] {
        let kept = anchor(&stage.database, &store, at(minute)).await;
        assert!(kept.is_ok(), "{kept:?}");
    }
}

/// Wherever it is, and wherever looking was left.
#[tokio::test]
async fn every_old_entry_is_looked_at_before_long() {
    let Some((stage, store, _double)) = set("every_old_entry").await else {
        return;
    };
    stage.append("session-1", 9).await;
    stage.append("session-2", 5).await;
    stage.append("session-3", 1).await;
    let mut minute = 0;
    let mut next = async || {
        minute += 20;
        step(&stage, &store, minute, LONG).await
    };
    next().await.unwrap();
    let keep = "CREATE TABLE kept AS TABLE audit_entries";
    stage.bystander.batch_execute(keep).await.unwrap();
    let undo = "DELETE FROM audit_entries; INSERT INTO audit_entries TABLE kept";
    for edited in [1_i64, 2, 4, 5, 8] {
        for forgery in [
            format!("UPDATE audit_entries SET content = '{{}}' WHERE position = {edited}"),
            format!("UPDATE audit_entries SET hash = sha256(hash) WHERE position = {edited}"),
            format!("DELETE FROM audit_entries WHERE position < {edited} + 1 AND position < 9"),
        ] {
            // All ends that are anchored are there: nobody who follows what is new would see it.
            let ends = "(shard, position) NOT IN (SELECT shard, entries FROM audit_chains)";
            stage.forge(&format!("{forgery} AND {ends}")).await;
            let mut rounds = 0;
            while next().await.is_ok() {
                rounds += 1;
                assert!(rounds < 5, "nobody saw it: {forgery}");
            }
            stage.forge(undo).await;
            next().await.unwrap();
        }
    }
    let mut seen = Vec::new();
    for _ in 0..8 {
        seen.push(next().await.unwrap().seen);
    }
    let ends = seen.iter().filter(|seen| seen.is_none()).count();
    assert_eq!(ends, 2, "four steps for fifteen entries: {seen:?}");
}

#[tokio::test]
async fn a_long_chain_is_anchored_at_once_while_there_is_time() {
    let Some((stage, store, _double)) = set("a_long_chain").await else {
        return;
    };
    let shard = stage.append("session-1", 20).await;
    let none = Duration::ZERO;
    let first = step(&stage, &store, 0, none).await.unwrap();
    assert_eq!(first.heads[&shard].0, 3, "one step always");
    let second = step(&stage, &store, 20, none).await.unwrap();
    assert_eq!((second.heads[&shard].0, second.seen), (5, None));
    let third = step(&stage, &store, 40, LONG).await.unwrap();
    assert_eq!(third.heads[&shard].0, 20);
    assert_eq!(third.seen.unwrap().position.number, 4);
    assert_eq!(stage.faults(Some(&third)).await, []);
}
