//! The ends of the chains are kept in Secrets Manager, and what was anchored is not forgotten for a forgery.

use aws_double::{AwsDouble, Fault as Outage, Options};
use jiff::Timestamp;
use shared::Kind;
use shared::audit::{Anchor, AnchorStore, Anchoring, Fault};
use shared::aws;
use shared::db::audit;
use shared::testing::{aws_at, setting};

use crate::stage::{Stage, anchor, append, at};

pub(crate) const ID: &str = "audit-anchors";

/// A store at this endpoint, empty as a deploy leaves it.
pub(crate) async fn store(
    endpoint: &str,
    id: &str,
) -> (AnchorStore, aws_sdk_secretsmanager::Client) {
    let client = aws::secrets_client(&aws_at(endpoint).await);
    let made = client.create_secret().name(id).secret_string("{}");
    made.send().await.unwrap();
    (AnchorStore::new(client.clone(), id), client)
}

/// The whole life of anchors, at one Secrets Manager.
async fn live(stage: &Stage, store: &AnchorStore) {
    let keep = async |minute| anchor(&stage.database, store, at(minute)).await.unwrap();
    assert_eq!(store.fetch().await.unwrap(), None);
    assert_eq!(keep(0).await, Anchoring::Kept, "nothing was appended yet");
    let shard = stage.append("session-1", 3).await;
    assert_eq!(keep(14).await, Anchoring::Recent);
    assert_eq!(keep(15).await, Anchoring::Kept);
    stage.append("session-1", 2).await;
    assert_eq!(keep(30).await, Anchoring::Kept);
    assert_eq!(keep(60).await, Anchoring::Kept, "and nothing moved");
    let kept = store.fetch().await.unwrap().unwrap();
    assert_eq!((kept.at, kept.heads[&shard].0), (at(60), 5));
    assert_eq!(stage.faults(Some(&kept)).await, []);
}

#[tokio::test]
async fn ends_are_kept_and_not_too_often() {
    let Some(stage) = Stage::set("ends_are_kept").await else {
        return;
    };
    let double = AwsDouble::start(Options::default()).unwrap();
    let (store, _) = store(&double.endpoint(), ID).await;
    live(&stage, &store).await;
    assert_eq!(double.calls("PutSecretValue"), 4);
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

/// A chain of six entries of which three are anchored, and where that is kept.
async fn anchored(stage: &Stage, double: &AwsDouble) -> (AnchorStore, i16) {
    let (store, _) = store(&double.endpoint(), ID).await;
    let shard = stage.append("session-1", 3).await;
    anchor(&stage.database, &store, at(0)).await.unwrap();
    stage.append("session-1", 3).await;
    (store, shard)
}

/// Forges, asks for an anchor, and puts everything right again.
async fn refuse(stage: &Stage, store: &AnchorStore, forgery: &str) {
    let keep = "CREATE TEMP TABLE ends AS TABLE audit_chains; CREATE TEMP TABLE kept AS TABLE audit_entries";
    stage.bystander.batch_execute(keep).await.unwrap();
    stage.forge(forgery).await;
    let before = store.fetch().await.unwrap();
    let refused = anchor(&stage.database, store, at(20)).await;
    let kind = refused.map_err(|error| error.kind());
    assert_eq!(kind.err(), Some(Kind::Misconfigured), "{forgery}");
    let after = store.fetch().await.unwrap();
    assert_eq!(after, before, "the old one stands: {forgery}");
    let undo = "DELETE FROM audit_chains; INSERT INTO audit_chains TABLE ends; DROP TABLE ends;
        DELETE FROM audit_entries; INSERT INTO audit_entries TABLE kept; DROP TABLE kept";
    stage.forge(undo).await;
}

/// Else the entries behind them could go after the next anchor, and nobody would know.
#[tokio::test]
async fn ends_to_which_the_entries_do_not_lead_are_not_anchored() {
    let Some(stage) = Stage::set("ends_to_which").await else {
        return;
    };
    let double = AwsDouble::start(Options::default()).unwrap();
    let (store, shard) = anchored(&stage, &double).await;
    let end_at = |position: i64| {
        format!(
            "UPDATE audit_chains c SET entries = e.position, head = e.hash FROM audit_entries e
                WHERE e.shard = c.shard AND e.position = {position}"
        )
    };
    for forgery in [
        end_at(1).as_str(),
        end_at(3).as_str(),
        end_at(5).as_str(),
        "UPDATE audit_chains SET entries = DEFAULT, head = DEFAULT",
        "UPDATE audit_chains SET head = sha256(head) WHERE entries > 0",
        "UPDATE audit_chains SET entries = 7 WHERE entries > 0",
        "DELETE FROM audit_chains WHERE entries > 0",
        "DELETE FROM audit_chains WHERE entries = 0",
        "UPDATE audit_entries SET content = '{}' WHERE position = 5",
        "UPDATE audit_entries SET content = '{}' WHERE position = 3",
        "DELETE FROM audit_entries WHERE position = 4",
        "DELETE FROM audit_entries WHERE position = 3",
    ] {
        refuse(&stage, &store, forgery).await;
    }
    let kept = anchor(&stage.database, &store, at(20)).await.unwrap();
    assert_eq!(kept, Anchoring::Kept, "and put right again");
    let kept = store.fetch().await.unwrap().unwrap();
    assert_eq!((kept.heads.len(), kept.heads[&shard].0), (16, 6));
}

#[tokio::test]
async fn the_first_anchor_is_of_chains_that_were_followed_from_their_beginning() {
    let Some(stage) = Stage::set("the_first_anchor").await else {
        return;
    };
    let double = AwsDouble::start(Options::default()).unwrap();
    let (store, _) = store(&double.endpoint(), ID).await;
    stage.append("session-1", 3).await;
    for forgery in [
        "UPDATE audit_chains SET entries = DEFAULT, head = DEFAULT",
        "DELETE FROM audit_chains WHERE entries > 0",
        "UPDATE audit_entries SET content = '{}' WHERE position = 1",
    ] {
        refuse(&stage, &store, forgery).await;
    }
    let kept = anchor(&stage.database, &store, at(20)).await.unwrap();
    assert_eq!(kept, Anchoring::Kept);
}

/// A long chain is anchored step by step.
#[tokio::test]
async fn a_chain_is_followed_on_from_where_it_was_left() {
    let Some(stage) = Stage::set("a_chain_is_followed_on").await else {
        return;
    };
    let shard = stage.append("session-1", 6).await;
    let mut known = None;
    for reached in [3, 5, 6, 6] {
        let followed = audit::follow(&stage.database, known.as_ref(), 3).await;
        let followed = followed.unwrap();
        assert!(followed.report.is_sound(), "{followed:?}");
        let next = Anchor::of(at(0), &followed.ends).unwrap();
        assert_eq!(next.heads[&shard].0, reached);
        assert_eq!(stage.faults(Some(&next)).await, []);
        known = Some(next);
    }
    let set_back = "UPDATE audit_chains SET entries = 2 WHERE entries > 0";
    stage.forge(set_back).await;
    let followed = audit::follow(&stage.database, None, 3).await.unwrap();
    assert!(
        !followed.report.is_sound(),
        "the end lies before where it was left"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_appended_meanwhile_is_in_no_way() {
    let Some(stage) = Stage::set("what_is_appended_meanwhile").await else {
        return;
    };
    let double = AwsDouble::start(Options::default()).unwrap();
    let (store, _) = store(&double.endpoint(), ID).await;
    let database = stage.test.database().unwrap();
    let appending = tokio::spawn(async move {
        for number in 0..300 {
            append(&database, &format!("session-{}", number % 20), number).await;
        }
    });
    let mut minute = 0;
    while !appending.is_finished() {
        anchor(&stage.database, &store, at(minute)).await.unwrap();
        minute += 20;
    }
    appending.await.unwrap();
    anchor(&stage.database, &store, at(minute)).await.unwrap();
    let kept = store.fetch().await.unwrap().unwrap();
    let report = stage.verify(Some(&kept)).await;
    assert!(report.is_sound(), "{report:?}");
    let anchored: i64 = report.chains.iter().map(|chain| chain.anchored).sum();
    assert_eq!((report.entries(), anchored), (300, 300));
}

/// As the guide to deployments says it: what shows the loss is kept, and then `{}` is put there.
#[tokio::test]
async fn after_a_restore_the_anchors_begin_anew_once_somebody_says_so() {
    let Some(stage) = Stage::set("after_a_restore").await else {
        return;
    };
    let double = AwsDouble::start(Options::default()).unwrap();
    let (store, client) = store(&double.endpoint(), ID).await;
    let shard = stage.append("session-1", 3).await;
    let snapshot =
        "CREATE TABLE ends AS TABLE audit_chains; CREATE TABLE kept AS TABLE audit_entries";
    stage.bystander.batch_execute(snapshot).await.unwrap();
    stage.append("session-1", 3).await;
    anchor(&stage.database, &store, at(0)).await.unwrap();
    let restore = "DELETE FROM audit_chains; INSERT INTO audit_chains TABLE ends;
        DELETE FROM audit_entries; INSERT INTO audit_entries TABLE kept";
    stage.forge(restore).await;
    stage.append("session-1", 1).await;

    let lost = store.fetch().await.unwrap();
    let cut = Fault::Cut { from: 5, to: 6 };
    assert_eq!(stage.faults(lost.as_ref()).await, [(shard, cut)]);
    for minute in [20, 40] {
        let refused = anchor(&stage.database, &store, at(minute)).await;
        assert_eq!(refused.unwrap_err().kind(), Kind::Misconfigured);
    }
    let none = client.put_secret_value().secret_id(ID).secret_string("{}");
    none.send().await.unwrap();
    let kept = anchor(&stage.database, &store, at(41)).await.unwrap();
    assert_eq!(kept, Anchoring::Kept);
    let kept = store.fetch().await.unwrap().unwrap();
    assert_eq!(kept.heads[&shard].0, 4);
    assert_eq!(stage.faults(Some(&kept)).await, []);
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
