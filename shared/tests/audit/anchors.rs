//! The ends of the chains are kept in Secrets Manager, and what was anchored is not forgotten for a forgery.

use aws_double::{AwsDouble, Fault as Outage, Options};
use jiff::{SignedDuration, Timestamp};
use shared::Kind;
use shared::audit::{AnchorStore, Anchoring, Fault, anchor};
use shared::aws;
use shared::testing::{aws_at, setting};

use crate::stage::Stage;

const ID: &str = "audit-anchors";

/// A store at this endpoint, empty as a deploy leaves it.
async fn store(endpoint: &str, id: &str) -> (AnchorStore, aws_sdk_secretsmanager::Client) {
    let client = aws::secrets_client(&aws_at(endpoint).await);
    let made = client.create_secret().name(id).secret_string("{}");
    made.send().await.unwrap();
    (AnchorStore::new(client.clone(), id), client)
}

fn at(minute: i64) -> Timestamp {
    let begin: Timestamp = "2026-01-15T10:30:00Z".parse().unwrap();
    begin + SignedDuration::from_mins(minute)
}

/// The whole life of anchors, at one Secrets Manager.
async fn live(stage: &Stage, store: &AnchorStore) {
    let keep = async |minute| anchor(&stage.database, store, at(minute)).await.unwrap();
    assert_eq!(
        keep(0).await,
        Anchoring::Unmoved,
        "nothing was appended yet"
    );
    assert_eq!(store.fetch().await.unwrap(), None);
    let shard = stage.append("session-1", 3).await;
    assert_eq!(keep(1).await, Anchoring::Kept);
    stage.append("session-1", 2).await;
    assert_eq!(keep(15).await, Anchoring::Recent);
    assert_eq!(keep(16).await, Anchoring::Kept);
    assert_eq!(keep(60).await, Anchoring::Unmoved);
    let kept = store.fetch().await.unwrap().unwrap();
    assert_eq!((kept.at, kept.heads[&shard].0), (at(16), 5));
    assert_eq!(stage.faults(Some(&kept)).await, []);
}

#[tokio::test]
async fn ends_are_kept_when_they_moved_and_not_too_often() {
    let Some(stage) = Stage::set("ends_are_kept").await else {
        return;
    };
    let double = AwsDouble::start(Options::default()).unwrap();
    let (store, _) = store(&double.endpoint(), ID).await;
    live(&stage, &store).await;
    assert_eq!(double.calls("PutSecretValue"), 2);
}

#[tokio::test]
async fn moto_keeps_them_as_well() {
    let Some(endpoint) = setting("MOTO_ENDPOINT") else {
        shared::testing::skip("moto_keeps_them_as_well", "MOTO_ENDPOINT is not set");
        return;
    };
    let Some(stage) = Stage::set("moto_keeps_them").await else {
        return;
    };
    let id = format!("{ID}-{}", Timestamp::now().as_microsecond());
    let (store, _) = store(&endpoint, &id).await;
    live(&stage, &store).await;
}

/// Else the next anchor would cover up what the one before shows.
#[tokio::test]
async fn what_was_made_anew_is_not_anchored() {
    let Some(stage) = Stage::set("what_was_made_anew").await else {
        return;
    };
    let double = AwsDouble::start(Options::default()).unwrap();
    let (store, _) = store(&double.endpoint(), ID).await;
    let shard = stage.append("session-1", 3).await;
    anchor(&stage.database, &store, at(0)).await.unwrap();
    stage.forge("UPDATE audit_entries SET hash = sha256(hash) WHERE position = 3; UPDATE audit_chains SET head = sha256(head) WHERE entries > 0").await;
    stage.append("session-1", 1).await;
    let error = anchor(&stage.database, &store, at(20)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Misconfigured);
    assert!(
        error.chain().contains(&format!("[{shard}]")),
        "{}",
        error.chain()
    );
    let kept = store.fetch().await.unwrap().unwrap();
    assert_eq!(kept.at, at(0), "the old one stands");
    let faults = stage.faults(Some(&kept)).await;
    assert_eq!(faults, [(shard, Fault::Changed { position: 3 })]);
}

#[tokio::test]
async fn a_store_that_is_down_or_missing_is_named() {
    let Some(stage) = Stage::set("a_store_that_is_down").await else {
        return;
    };
    let double = AwsDouble::start(Options::default()).unwrap();
    let (store, client) = store(&double.endpoint(), ID).await;
    stage.append("session-1", 1).await;
    double.fail_next("PutSecretValue", Outage::Status(503), 9);
    let error = anchor(&stage.database, &store, at(0)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Transient);
    double.clear_faults();
    assert_eq!(
        anchor(&stage.database, &store, at(0)).await.unwrap(),
        Anchoring::Kept
    );

    let nowhere = AnchorStore::new(client.clone(), "nowhere");
    let error = anchor(&stage.database, &nowhere, at(0)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Misconfigured);
    assert!(error.to_string().contains("nowhere"));
    let scribble = client
        .put_secret_value()
        .secret_id(ID)
        .secret_string("scribble");
    scribble.send().await.unwrap();
    let error = anchor(&stage.database, &store, at(40)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Misconfigured);
}
