//! Whoever owns the tables can change them. What was changed is found.

use jiff::Timestamp;
use shared::audit::{Anchor, Fault};
use shared::db::audit;

use crate::stage::Stage;

const SUBJECT: &str = "session-1";

/// The hash as Postgres computes it, of the row `e`.
const HASH: &str = "sha256(e.previous || int2send(e.shard) || int8send(e.position) || int8send((extract(epoch FROM e.at) * 1000000)::bigint)
    || int4send(octet_length(e.kind)) || convert_to(e.kind, 'UTF8') || e.subject || convert_to(e.content, 'UTF8'))";

/// Makes the chain anew from this position on, head included.
fn tie_again(from: i64) -> String {
    format!(
        "DO $$ DECLARE r record; p bytea; BEGIN
            FOR r IN SELECT shard, position FROM audit_entries WHERE position >= {from} ORDER BY shard, position LOOP
                SELECT hash INTO p FROM audit_entries WHERE shard = r.shard AND position = r.position - 1;
                UPDATE audit_entries e SET previous = coalesce(p, previous) WHERE shard = r.shard AND position = r.position;
                UPDATE audit_entries e SET hash = {HASH} WHERE shard = r.shard AND position = r.position;
                UPDATE audit_chains c SET entries = e.position, head = e.hash FROM audit_entries e
                    WHERE c.shard = r.shard AND e.shard = r.shard AND e.position = r.position;
            END LOOP; END $$"
    )
}

/// A chain of nine entries, anchored at the sixth.
async fn anchored(name: &str) -> Option<(Stage, i16, Anchor)> {
    let stage = Stage::set(name).await?;
    let shard = stage.append(SUBJECT, 6).await;
    let followed = audit::follow(&stage.database, None, 99).await.unwrap();
    let anchor = Anchor::of(Timestamp::now(), &followed.ends).unwrap();
    stage.append(SUBJECT, 3).await;
    assert_eq!(stage.faults(Some(&anchor)).await, []);
    Some((stage, shard, anchor))
}

async fn found(name: &str, forgery: &str, expected: Fault) {
    let Some((stage, shard, anchor)) = anchored(name).await else {
        return;
    };
    stage.forge(forgery).await;
    let faults = stage.faults(Some(&anchor)).await;
    assert_eq!(faults, [(shard, expected)], "{forgery}");
}

#[tokio::test]
async fn every_column_that_is_changed_is_found() {
    let Some((stage, shard, anchor)) = anchored("every_column").await else {
        return;
    };
    for change in [
        "at = at + interval '1 microsecond'",
        "at = 'infinity'",
        "kind = 'Ranking'",
        "subject = sha256(subject)",
        "content = content || ' '",
        "previous = sha256(previous)",
        "hash = sha256(hash)",
    ] {
        let keep = "CREATE TEMP TABLE kept AS SELECT * FROM audit_entries WHERE position = 4";
        stage.bystander.batch_execute(keep).await.unwrap();
        let change = format!("UPDATE audit_entries SET {change} WHERE position = 4");
        stage.forge(&change).await;
        let faults = stage.faults(Some(&anchor)).await;
        assert_eq!(
            faults,
            [(shard, Fault::Changed { position: 4 })],
            "{change}"
        );
        let undo = "DELETE FROM audit_entries WHERE position = 4; INSERT INTO audit_entries SELECT * FROM kept; DROP TABLE kept";
        stage.forge(undo).await;
        assert_eq!(stage.faults(Some(&anchor)).await, [], "and put right again");
    }
}

#[tokio::test]
async fn a_removed_entry_is_found() {
    let removed = "DELETE FROM audit_entries WHERE position IN (3, 4)";
    found("removed", removed, Fault::Missing { from: 3, to: 4 }).await;
}

#[tokio::test]
async fn a_cut_tail_is_found_by_the_head() {
    let cut = "DELETE FROM audit_entries WHERE position > 7";
    found("cut_by_head", cut, Fault::Cut { from: 8, to: 9 }).await;
}

#[tokio::test]
async fn a_cut_tail_with_its_head_is_found_by_the_anchor() {
    let cut = "DELETE FROM audit_entries WHERE position > 4; UPDATE audit_chains c SET entries = 4, head = e.hash
        FROM audit_entries e WHERE e.shard = c.shard AND e.position = 4";
    found("cut_by_anchor", cut, Fault::Cut { from: 5, to: 6 }).await;
}

#[tokio::test]
async fn everything_gone_is_found_by_the_anchor() {
    let gone =
        "DELETE FROM audit_entries; UPDATE audit_chains SET entries = DEFAULT, head = DEFAULT";
    found("gone", gone, Fault::Cut { from: 1, to: 6 }).await;
}

#[tokio::test]
async fn swapped_entries_are_found() {
    let swap = "UPDATE audit_entries SET position = -1 WHERE position = 3; UPDATE audit_entries SET position = 3 WHERE position = 4;
        UPDATE audit_entries SET position = 4 WHERE position = -1";
    found("swapped", swap, Fault::Changed { position: 3 }).await;
}

#[tokio::test]
async fn an_entry_that_was_made_anew_is_found_by_the_next() {
    let anew = format!(
        "UPDATE audit_entries SET content = '{{}}' WHERE position = 4; UPDATE audit_entries e SET hash = {HASH} WHERE position = 4"
    );
    found("made_anew", &anew, Fault::Unlinked { position: 5 }).await;
}

#[tokio::test]
async fn a_replaced_head_is_found() {
    let head = "UPDATE audit_chains SET head = sha256(head) WHERE entries > 0";
    found("head", head, Fault::HeadReplaced { position: 9 }).await;
}

#[tokio::test]
async fn a_removed_head_is_found() {
    let head = "DELETE FROM audit_chains WHERE entries > 0";
    found("no_head", head, Fault::HeadMissing).await;
}

#[tokio::test]
async fn an_end_that_was_made_anew_is_found_by_the_anchor_and_only_by_it() {
    let Some((stage, shard, anchor)) = anchored("rewritten").await else {
        return;
    };
    let change = "UPDATE audit_entries SET content = '{}' WHERE position = 4";
    stage.forge(&format!("{change}; {}", tie_again(4))).await;
    assert_eq!(stage.faults(None).await, [], "the forger did it well");
    let rewritten = Fault::Rewritten { position: 6 };
    assert_eq!(stage.faults(Some(&anchor)).await, [(shard, rewritten)]);
}

#[tokio::test]
async fn an_entry_that_was_put_in_is_found() {
    let Some((stage, shard, anchor)) = anchored("put_in").await else {
        return;
    };
    let forged = "INSERT INTO audit_entries SELECT shard, 10, at, kind, subject, content, hash, sha256(hash) FROM audit_entries
        WHERE position = 9";
    stage.forge(forged).await;
    assert_eq!(
        stage.faults(Some(&anchor)).await,
        [(shard, Fault::Changed { position: 10 })]
    );
    let stray = "UPDATE audit_entries SET position = -3 WHERE position = 10";
    stage.forge(stray).await;
    assert_eq!(
        stage.faults(Some(&anchor)).await,
        [(shard, Fault::Stray { position: -3 })]
    );
    let elsewhere = "UPDATE audit_entries SET shard = 77, position = 1 WHERE position = -3";
    stage.forge(elsewhere).await;
    assert_eq!(
        stage.faults(Some(&anchor)).await,
        [(77, Fault::Changed { position: 1 })]
    );
}

#[tokio::test]
async fn slips_are_refused() {
    let Some(stage) = Stage::set("slips").await else {
        return;
    };
    stage.append(SUBJECT, 1).await;
    for slip in [
        "UPDATE audit_entries SET content = '{}'",
        "DELETE FROM audit_entries",
        "DELETE FROM audit_entries WHERE false",
        "TRUNCATE audit_entries",
    ] {
        let error = stage.bystander.batch_execute(slip).await.unwrap_err();
        assert_eq!(error.code().unwrap().code(), "42501", "{slip}");
    }
}
