//! Claims: one holder, in order, and nobody who is late writes.

use std::time::Duration;

use shared::db::transcripts::{Outcome, Settled, State, Which, claim, requeue};

use crate::stage::{FAST, LEASE, Stage, again, injected, names, over};

#[tokio::test]
async fn parts_of_an_interaction_come_one_after_the_other() {
    let Some(stage) = Stage::set("parts_of_an_interaction").await else {
        return;
    };
    stage.take("i-1", 2).await;
    stage.take("i-2", 1).await;
    stage.take("i-1", 1).await;
    let first = stage.claim(10).await;
    assert_eq!(names(&first), ["i-1 1", "i-2 1"]);
    assert_eq!(first[0].payload, br#"{"canary": "i-1-1"}"#);
    assert!(stage.claim(10).await.is_empty());
    // What is tried again later holds the others.
    assert_eq!(stage.settle(&first[0], &again(3_600)).await, Settled::Done);
    assert!(stage.claim(10).await.is_empty());
    stage
        .run("UPDATE transcripts SET next_try_at = now()")
        .await;
    let one = stage.claim_one().await;
    assert_eq!((one.part, one.attempts, one.is_in_doubt), (1, 2, true));
    stage.settle(&one, &injected("c-1")).await;
    let two = stage.claim_one().await;
    assert_eq!((two.part, two.parts, two.attempts), (2, 2, 1));
    stage.settle(&two, &injected("c-2")).await;
    let three = stage.claim_one().await;
    assert_eq!(three.payload, br#"{"canary": "i-1-1"}"#, "the other one");
}

#[tokio::test]
async fn whoever_lost_the_lease_writes_nothing() {
    let Some(stage) = Stage::set("whoever_lost_the_lease").await else {
        return;
    };
    let id = stage.take("i-1", 1).await;
    let late = stage.claim_one().await;
    stage
        .run("UPDATE transcripts SET lease_until = now() - interval '1 second'")
        .await;
    let next = stage.claim_one().await;
    assert_eq!((next.attempts, next.is_in_doubt), (2, true));
    for outcome in [injected("c-late"), again(1), over(State::Refused)] {
        assert_eq!(stage.settle(&late, &outcome).await, Settled::Lost);
    }
    assert_eq!(stage.settle(&next, &injected("c-1")).await, Settled::Done);
    assert_eq!(stage.settle(&next, &injected("c-1")).await, Settled::Lost);
    let part = stage.fetch(id).await.parts.remove(0);
    assert_eq!(part.conversation_id.as_deref(), Some("c-1"));
    assert_eq!(stage.said().await.len(), 2, "taken in, and injected once");
    assert_eq!(stage.number("SELECT count(*) FROM callbacks").await, 1);
}

#[tokio::test]
async fn many_claim_at_once_and_each_row_has_one_holder() {
    let Some(stage) = Stage::set("many_claim_at_once").await else {
        return;
    };
    for number in 0..60 {
        stage.take(&format!("i-{}", number % 40), 1).await;
    }
    let mut claims = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let database = stage.test.database().unwrap();
        claims.spawn(async move {
            let mut all = Vec::new();
            loop {
                let some = claim(&database, FAST, 3, LEASE).await.unwrap().claimed;
                if some.is_empty() {
                    return names(&all);
                }
                all.extend(some);
            }
        });
    }
    let mut claimed = claims.join_all().await.concat();
    let all = claimed.len();
    claimed.sort_unstable();
    claimed.dedup();
    assert_eq!((all, claimed.len()), (40, 40), "one of each interaction");
}

#[tokio::test]
async fn what_is_dead_holds_its_place_and_comes_back() {
    let Some(stage) = Stage::set("what_is_dead_holds").await else {
        return;
    };
    let id = stage.take("i-1", 2).await;
    let one = stage.claim_one().await;
    stage.settle(&one, &over(State::Dead)).await;
    assert!(stage.claim(10).await.is_empty());
    let known = stage.fetch(id).await;
    assert_eq!(known.state, State::Dead);
    assert_eq!(known.parts[1].estimated_at, None, "nobody knows when");
    let back = requeue(&stage.database, Which::Reason("HTTP 503")).await;
    assert_eq!(back.unwrap(), 0);
    let back = requeue(&stage.database, Which::Reason("HTTP 400")).await;
    assert_eq!(back.unwrap(), 1);
    let one = stage.claim_one().await;
    assert_eq!((one.part, one.attempts), (1, 1));
    stage.settle(&one, &over(State::Dead)).await;
    let back = requeue(&stage.database, Which::Ids(&[id])).await;
    assert_eq!(back.unwrap(), 1);
    assert_eq!(names(&stage.claim(10).await), ["i-1 1"]);
}

#[tokio::test]
async fn what_is_refused_takes_its_rest_along_and_holds_nobody_else() {
    let Some(stage) = Stage::set("what_is_refused_takes").await else {
        return;
    };
    let id = stage.take("i-1", 3).await;
    stage.take("i-1", 1).await;
    let one = stage.claim_one().await;
    stage.settle(&one, &injected("c-1")).await;
    let two = stage.claim_one().await;
    stage.settle(&two, &over(State::Refused)).await;
    let known = stage.fetch(id).await;
    let states: Vec<_> = known.parts.iter().map(|part| part.state).collect();
    assert_eq!(states, [State::Injected, State::Refused, State::Refused]);
    let kept = "SELECT count(*) FROM transcripts WHERE state = 'refused' AND payload IS NOT NULL";
    assert_eq!(stage.number(kept).await, 2, "their bodies are kept");
    assert_eq!(names(&stage.claim(10).await), ["i-1 1"], "the other one");
    let back = requeue(&stage.database, Which::Ids(&[id])).await;
    assert_eq!(back.unwrap(), 0);
}

#[tokio::test]
async fn what_is_unknown_waits_for_a_person_only() {
    let Some(stage) = Stage::set("what_is_unknown_waits").await else {
        return;
    };
    let id = stage.take("i-1", 2).await;
    let one = stage.claim_one().await;
    let unknown = Outcome::Over {
        state: State::OutcomeUnknown,
        status: None,
        reason: "no answer".to_owned(),
        is_in_doubt: true,
    };
    stage.settle(&one, &unknown).await;
    let two = stage.claim_one().await;
    assert_eq!(two.part, 2);
    stage.settle(&two, &again(0)).await;
    let back = requeue(&stage.database, Which::Reason("no answer")).await;
    assert_eq!(back.unwrap(), 0, "a double is at stake");
    let back = requeue(&stage.database, Which::Ids(&[id])).await;
    assert_eq!(back.unwrap(), 1);
    let one = stage.claim_one().await;
    assert_eq!(
        (one.part, one.is_in_doubt),
        (1, false),
        "as if it never was"
    );
}

#[tokio::test]
async fn a_try_that_does_not_count_is_taken_back() {
    let Some(stage) = Stage::set("a_try_that_does_not_count").await else {
        return;
    };
    stage.take("i-1", 1).await;
    let busy = Outcome::Again {
        wait: Duration::ZERO,
        status: Some(429),
        reason: "HTTP 429".to_owned(),
        is_in_doubt: false,
        counts: false,
    };
    for _ in 0..3 {
        let one = stage.claim_one().await;
        assert_eq!((one.attempts, one.is_in_doubt), (1, false));
        stage.settle(&one, &busy).await;
    }
}
