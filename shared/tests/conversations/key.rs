//! The erasure key is that of the database: whoever brings another one is refused before anything is stored or erased.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use shared::db::{Database, KnownErasureKey};
use shared::domain::ErasureKey;
use shared::error::{Error, Kind};
use shared::secrets::{Secret, Source};

use crate::stage::Stage;

/// An environment whose secret holds these keys, one after the other, each time it is read.
fn environment(database: &Database, keys: &str) -> KnownErasureKey {
    let left = Mutex::new(keys.chars().rev().collect::<Vec<_>>());
    let parse = move |_: &SecretString| {
        let next = left.lock().unwrap().pop().unwrap();
        ErasureKey::parse(&next.to_string().repeat(32).into()).map_err(Error::misconfigured)
    };
    let secret = Secret::of(Source::Text("text".into()), SignedDuration::ZERO, parse);
    KnownErasureKey::new(secret, database)
}

async fn get(key: &KnownErasureKey) -> Result<String, Error> {
    let key = key.get(Timestamp::now()).await?;
    Ok(key.mac_of("conv-1").to_string())
}

#[tokio::test]
async fn a_database_takes_the_first_key_and_refuses_every_other_one() {
    let Some(stage) = Stage::set("takes_the_first_key").await else {
        return;
    };
    let marks = "SELECT count(*) FROM erasure_key";
    assert_eq!(stage.number(marks).await, 0, "nobody came yet");
    let first = get(&environment(&stage.database, "a")).await.unwrap();
    let again = get(&environment(&stage.database, "a")).await.unwrap();
    assert_eq!(first, again);
    let other = environment(&stage.database, "bba");
    for _ in 0..2 {
        let error = get(&other).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Misconfigured);
        let advice = error.to_string();
        assert!(advice.contains("ErasureKeySecretArn"), "{advice}");
    }
    assert_eq!(get(&other).await.unwrap(), first, "it was put right");
    assert_eq!(stage.number(marks).await, 1);
}

#[tokio::test]
async fn of_those_who_come_first_one_key_stays() {
    let Some(stage) = Stage::set("who_come_first").await else {
        return;
    };
    let keys = ["a", "b", "a", "b", "a", "b"];
    let databases = stage.others(keys.len()).into_iter().zip(keys);
    let asked = databases.map(|(database, key)| {
        tokio::spawn(async move { get(&environment(&database, key)).await })
    });
    let mut names = Vec::new();
    for one in asked.collect::<Vec<_>>() {
        names.extend(one.await.unwrap().ok());
    }
    assert_eq!(
        names.len(),
        keys.len() / 2,
        "those with the other are refused"
    );
    names.dedup();
    assert_eq!(names.len(), 1);
}

#[tokio::test]
async fn an_environment_asks_once_for_each_key() {
    let Some(stage) = Stage::set("asks_once_for_each_key").await else {
        return;
    };
    let key = environment(&stage.database, "aaab");
    let name = get(&key).await.unwrap();
    let away = "ALTER TABLE erasure_key RENAME TO elsewhere";
    stage.bystander.batch_execute(away).await.unwrap();
    for _ in 0..2 {
        let again = get(&key).await;
        assert_eq!(again.unwrap(), name, "read again, and the same");
    }
    let back = "ALTER TABLE elsewhere RENAME TO erasure_key";
    stage.bystander.batch_execute(back).await.unwrap();
    let changed = get(&key).await.unwrap_err();
    assert_eq!(changed.kind(), Kind::Misconfigured);
}
