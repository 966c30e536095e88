//! Who forwards what interactions say, by the database's clock, and how far each was forwarded.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use jiff::Timestamp;
use shared::Kind;
use shared::db::stream::{
    Lease, Offset, Taken, expire, fetch, fetch_open, forget_sent, look, release, renew, store, take,
};
use shared::domain::InteractionId;
use shared::queue::InteractionMessage;
use shared::testing::stage::{Stage, erasure_key};
use shared::transcript::Interaction;
use shared::transcript::frame::Line;

const LONG: Duration = Duration::from_mins(10);
const HOUR: Duration = Duration::from_hours(1);
const MOST_OF_IT: Duration = Duration::from_mins(50);

async fn lease(stage: &Stage) -> Lease {
    match take(&stage.database, LONG, Some(HOUR)).await.unwrap() {
        Taken::Ours(lease) => lease,
        Taken::Busy { .. } => panic!("somebody has it"),
    }
}

fn id(name: &str) -> InteractionId {
    InteractionId::parse(name).unwrap()
}

/// What is known after this was heard; with its messages, if they are to be sent.
fn heard(name: &str, text: &str, is_unsent: bool) -> Offset {
    let mut interaction = Interaction::default();
    let line = Line {
        transcript: text.to_owned(),
        ..Line::default()
    };
    let said = interaction.hear(&[line], Timestamp::UNIX_EPOCH);
    let messages = said
        .into_iter()
        .map(|one| InteractionMessage::new(id(name), one));
    Offset {
        interaction,
        unsent: messages.filter(|_| is_unsent).collect(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_takers_one_has_the_lease() {
    let Some(stage) = Stage::set("of_many_listeners").await else {
        return;
    };
    for round in 0..10 {
        let takers = (0..5).map(|_| {
            let database = stage.test.database().unwrap();
            tokio::spawn(async move { take(&database, LONG, None).await.unwrap() })
        });
        let mut leases = Vec::new();
        for taker in takers.collect::<Vec<_>>() {
            if let Taken::Ours(lease) = taker.await.unwrap() {
                leases.push(lease);
            }
        }
        assert_eq!(leases.len(), 1, "round {round}");
        release(&stage.database, leases.remove(0)).await.unwrap();
    }
}

#[tokio::test]
async fn whoever_stands_by_is_seen_and_knows_for_how_long() {
    let Some(stage) = Stage::set("whoever_stands_by").await else {
        return;
    };
    let before = look(&stage.database).await.unwrap();
    assert_eq!((before.stays_for, before.has_successor), (None, false));
    let lease = lease(&stage).await;
    let alone = look(&stage.database).await.unwrap();
    assert!(alone.stays_for.unwrap() > MOST_OF_IT && !alone.has_successor);
    assert!(!renew(&stage.database, &lease).await.unwrap());
    let Taken::Busy { stay_for } = take(&stage.database, LONG, None).await.unwrap() else {
        panic!("it was taken")
    };
    assert!(stay_for.unwrap() > MOST_OF_IT);
    assert!(renew(&stage.database, &lease).await.unwrap());
    assert!(look(&stage.database).await.unwrap().has_successor);
    release(&stage.database, lease).await.unwrap();
    let Taken::Ours(next) = take(&stage.database, LONG, None).await.unwrap() else {
        panic!("it was released")
    };
    assert!(
        !renew(&stage.database, &next).await.unwrap(),
        "the successor is the holder now"
    );
    let forever = look(&stage.database).await.unwrap().stays_for.unwrap();
    assert!(forever > Duration::from_hours(24 * 300), "{forever:?}");
}

#[tokio::test]
async fn who_lost_the_lease_writes_nothing() {
    let Some(stage) = Stage::set("which_listener_lost").await else {
        return;
    };
    let old = lease(&stage).await;
    let name = id("i-1");
    let first = heard("i-1", "One.", true);
    store(&stage.database, &erasure_key(), &old, [(&name, &first)])
        .await
        .unwrap();
    let expire = "UPDATE stream_lease SET lease_until = now() - interval '1 second'";
    stage.bystander.batch_execute(expire).await.unwrap();
    let new = lease(&stage).await;
    let second = heard("i-1", "One. Two.", true);
    let lost = [
        store(&stage.database, &erasure_key(), &old, [(&name, &second)])
            .await
            .unwrap_err(),
        forget_sent(&stage.database, &old, [&name])
            .await
            .unwrap_err(),
        renew(&stage.database, &old).await.unwrap_err(),
    ];
    assert!(lost.iter().all(|error| error.kind() == Kind::Conflict));
    release(&stage.database, old).await.unwrap();
    assert_eq!(
        fetch(&stage.database, [&name]).await.unwrap(),
        [(name.clone(), first)]
    );
    renew(&stage.database, &new).await.unwrap();
}

#[tokio::test]
async fn what_waits_is_found_and_nothing_else() {
    let Some(stage) = Stage::set("what_waits").await else {
        return;
    };
    let lease = lease(&stage).await;
    let names = ["unsent", "both", "rest", "done"].map(id);
    let offsets = [
        heard("unsent", "One.", true),
        heard("both", "One. Two", true),
        heard("rest", "Two", false),
        heard("done", "One.", false),
    ];
    store(
        &stage.database,
        &erasure_key(),
        &lease,
        names.iter().zip(&offsets),
    )
    .await
    .unwrap();
    let open = async || {
        let open = fetch_open(&stage.database).await.unwrap();
        let mut open: Vec<_> = open.into_iter().map(|(id, _)| id.to_string()).collect();
        open.sort();
        open
    };
    assert_eq!(open().await, ["both", "rest", "unsent"]);
    forget_sent(&stage.database, &lease, &names).await.unwrap();
    assert_eq!(open().await, ["both", "rest"]);
    let known = fetch(&stage.database, [&names[1], &id("never")])
        .await
        .unwrap();
    let sent = Offset {
        unsent: vec![],
        ..offsets[1].clone()
    };
    assert_eq!(known, [(names[1].clone(), sent)]);
    assert_eq!(expire(&stage.database, LONG, 9).await.unwrap(), 0);
    let age = "UPDATE stream_offsets SET seen_at = now() - interval '1 hour' WHERE interaction_id <> 'done'";
    stage.bystander.batch_execute(age).await.unwrap();
    let expired = async |most| expire(&stage.database, LONG, most).await.unwrap();
    assert_eq!((expired(2).await, expired(2).await), (2, 1));
    assert_eq!(stage.number("SELECT count(*) FROM stream_offsets").await, 1);
}

#[tokio::test]
async fn an_offset_that_cannot_be_read_holds_up_no_other() {
    let Some(stage) = Stage::set("an_offset_that_cannot_be_read").await else {
        return;
    };
    let lease = lease(&stage).await;
    let names = ["well", "odd"].map(id);
    let offsets = [heard("well", "One.", true), heard("odd", "One.", true)];
    let all = || names.iter().zip(&offsets);
    store(&stage.database, &erasure_key(), &lease, all())
        .await
        .unwrap();
    let spoil =
        "UPDATE stream_offsets SET progress = '{\"channels\": 7}' WHERE interaction_id = 'odd'";
    stage.bystander.batch_execute(spoil).await.unwrap();
    let well = [(names[0].clone(), offsets[0].clone())];
    assert_eq!(fetch_open(&stage.database).await.unwrap(), well);
    assert_eq!(fetch(&stage.database, &names).await.unwrap(), well);
    store(&stage.database, &erasure_key(), &lease, all())
        .await
        .unwrap();
    assert_eq!(fetch_open(&stage.database).await.unwrap().len(), 2);
}

#[tokio::test]
async fn of_an_erased_interaction_nothing_is_stored_whenever_the_erasure_ends() {
    let Some(stage) = Stage::set("stream_erased").await else {
        return;
    };
    let lease = lease(&stage).await;
    let names = ["i-1", "i-2"].map(id);
    let offset = heard("i-1", "One. Two", true);
    let both = || names.iter().map(|name| (name, &offset));
    let stored = store(&stage.database, &erasure_key(), &lease, both()).await;
    assert_eq!(stored.unwrap(), []);
    // The erasure waits before its commit.
    let hold = "BEGIN; SELECT FROM stream_offsets WHERE interaction_id = 'i-1' FOR UPDATE";
    let (other, key) = (stage.test.database().unwrap(), erasure_key());
    let storing = store(&other, &key, &lease, both());
    let stored = stage.while_erasing("i-1", hold, storing).await;
    assert_eq!(stored.unwrap(), names[..1]);
    let left = "SELECT interaction_id FROM stream_offsets";
    assert_eq!(stage.lines(left).await, ["i-2"]);
    let late = store(&stage.database, &key, &lease, both()).await;
    assert_eq!(late.unwrap(), names[..1]);
    assert_eq!(stage.lines(left).await, ["i-2"]);
}

#[tokio::test]
async fn nothing_reads_all_offsets() {
    let Some(stage) = Stage::set("nothing_reads_all_offsets").await else {
        return;
    };
    let fill = "INSERT INTO stream_offsets SELECT 'i-' || n, '{\"sequence\":0,\"offset\":0,\"channels\":[]}', NULL, n % 1000 = 0
        FROM generate_series(1, 20000) n; ANALYZE stream_offsets";
    stage.bystander.batch_execute(fill).await.unwrap();
    let lease = lease(&stage).await;
    let names: Vec<_> = (1..=100).map(|number| id(&format!("i-{number}"))).collect();
    let offset = heard("i", "One.", true);
    let fresh = stage.test.database().unwrap();
    store(
        &fresh,
        &erasure_key(),
        &lease,
        names.iter().map(|name| (name, &offset)),
    )
    .await
    .unwrap();
    forget_sent(&fresh, &lease, &names).await.unwrap();
    assert_eq!(fetch(&fresh, &names).await.unwrap().len(), 100);
    assert_eq!(fetch_open(&fresh).await.unwrap().len(), 20);
    expire(&fresh, HOUR, 9).await.unwrap();
    drop(fresh);
    let read = "SELECT coalesce(sum(seq_tup_read), 0)::bigint FROM pg_stat_user_tables WHERE relname = 'stream_offsets'";
    stage.until_alone().await;
    assert_eq!(stage.number(read).await, 0);
}

#[tokio::test]
async fn only_what_is_to_be_sent_waits_for_the_disk() {
    let Some(stage) = Stage::set("who_waits_for_the_disk").await else {
        return;
    };
    let witness = "
        CREATE TABLE witness (step bigserial, waits text);
        CREATE FUNCTION witness() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO witness (waits) VALUES (current_setting('synchronous_commit'));
            RETURN NEW;
        END $$;
        CREATE TRIGGER witness BEFORE INSERT OR UPDATE ON stream_offsets FOR EACH ROW EXECUTE FUNCTION witness()";
    stage.bystander.batch_execute(witness).await.unwrap();
    let (lease, key) = (lease(&stage).await, erasure_key());
    for name in ["i-1", "i-2"].map(id) {
        let offset = heard(name.as_str(), "One.", true);
        let stored = store(&stage.database, &key, &lease, [(&name, &offset)]);
        assert_eq!(stored.await.unwrap(), []);
        forget_sent(&stage.database, &lease, [&name]).await.unwrap();
    }
    let waits = stage.lines("SELECT waits FROM witness ORDER BY step").await;
    assert_eq!(waits, ["on", "off", "on", "off"]);
}
