//! Of copies that arrive together, one works.

use std::time::Duration;

use shared::db::conversations;
use shared::db::embedding_claims::{Claim, Holder, claim, release, sweep};
use shared::domain::{EventKey, ReceiptId};

use crate::stage::{Stage, erasure_key, event, id, key, mac};

const LONG: Duration = Duration::from_mins(1);

#[tokio::test]
async fn each_answer_is_given_and_in_order() {
    let Some(stage) = Stage::set("each_answer").await else {
        return;
    };
    let (me, other) = (Holder::generate(), Holder::generate());
    stage
        .store(&[event(stage.model, "conv-1", "stored", 0)])
        .await;
    conversations::erase(
        &stage.database,
        &erasure_key(),
        &id("gone"),
        ReceiptId::generate(),
    )
    .await
    .unwrap();
    let busy = (key("busy"), mac("conv-2"));
    claim(&stage.database, std::slice::from_ref(&busy), other, LONG)
        .await
        .unwrap();
    let free = (key("free"), mac("conv-3"));
    let wanted = [
        (key("late copy"), mac("gone")),
        busy,
        free.clone(),
        (key("conv-1 stored 0"), mac("conv-1")),
        free,
    ];
    let answers = [
        Claim::Erased,
        Claim::Busy,
        Claim::Ours,
        Claim::Done,
        Claim::Ours,
    ];
    for time in ["first", "again: ours stays ours"] {
        let claimed = claim(&stage.database, &wanted, me, LONG).await.unwrap();
        assert_eq!(claimed, answers, "{time}");
    }
    assert_eq!(claim(&stage.database, &[], me, LONG).await.unwrap(), []);
}

#[tokio::test]
async fn a_claim_ends_by_time_or_by_its_holder() {
    let Some(stage) = Stage::set("a_claim_ends").await else {
        return;
    };
    let (one, two) = (Holder::generate(), Holder::generate());
    let wanted = [(key("a"), mac("conv-1"))];
    let ask = async |holder, span| claim(&stage.database, &wanted, holder, span).await.unwrap()[0];
    assert_eq!(ask(one, Duration::ZERO).await, Claim::Ours);
    assert_eq!(ask(two, LONG).await, Claim::Ours, "the first has run out");
    assert_eq!(ask(one, LONG).await, Claim::Busy);
    release(&stage.database, &[key("a"), key("b")], one)
        .await
        .unwrap();
    assert_eq!(
        ask(one, LONG).await,
        Claim::Busy,
        "only its holder gives it up"
    );
    release(&stage.database, &[key("b"), key("a")], two)
        .await
        .unwrap();
    assert_eq!(ask(one, LONG).await, Claim::Ours);
    stage
        .bystander
        .batch_execute("UPDATE embedding_claims SET until = now() - interval '61 minutes'")
        .await
        .unwrap();
    claim(&stage.database, &[(key("b"), mac("conv-1"))], two, LONG)
        .await
        .unwrap();
    sweep(&stage.database).await.unwrap();
    assert_eq!(
        stage.number("SELECT count(*) FROM embedding_claims").await,
        1
    );
}

/// Keys in another order for every claimer, so that they would meet head-on.
fn shuffled(keys: &[EventKey], turn: usize) -> Vec<EventKey> {
    let mut keys = keys.to_vec();
    let by = turn % keys.len();
    keys.rotate_left(by);
    if turn % 2 == 1 {
        keys.reverse();
    }
    keys
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_claimers_each_key_has_exactly_one() {
    let Some(stage) = Stage::set("fifty_claimers").await else {
        return;
    };
    let keys: Vec<_> = (0..20)
        .map(|number| key(&format!("event {number}")))
        .collect();
    for round in 0..5 {
        let claimers = stage
            .others(10)
            .into_iter()
            .enumerate()
            .map(|(turn, database)| {
                let keys = keys.clone();
                tokio::spawn(async move {
                    let mut ours = Vec::new();
                    for again in 0..5 {
                        let wanted = shuffled(&keys, turn * 5 + again);
                        let wanted: Vec<_> =
                            wanted.into_iter().map(|key| (key, mac("conv-1"))).collect();
                        let claimed = claim(&database, &wanted, Holder::generate(), LONG)
                            .await
                            .unwrap();
                        let mine = wanted
                            .into_iter()
                            .zip(claimed)
                            .filter(|(_, claim)| *claim == Claim::Ours);
                        ours.extend(mine.map(|((key, _), _)| key.as_str().to_owned()));
                    }
                    ours
                })
            });
        let mut ours = Vec::new();
        for claimer in claimers.collect::<Vec<_>>() {
            ours.extend(claimer.await.unwrap());
        }
        ours.sort();
        let mut every: Vec<_> = keys.iter().map(|key| key.as_str().to_owned()).collect();
        every.sort();
        assert_eq!(ours, every, "round {round}");
        stage
            .bystander
            .batch_execute("DELETE FROM embedding_claims")
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claiming_releasing_sweeping_and_forgetting_never_wait_in_a_circle() {
    let Some(stage) = Stage::set("claims_in_a_circle").await else {
        return;
    };
    let keys: Vec<_> = (0..20)
        .map(|number| key(&format!("event {number}")))
        .collect();
    let workers = stage
        .others(8)
        .into_iter()
        .enumerate()
        .map(|(turn, database)| {
            let keys = keys.clone();
            tokio::spawn(async move {
                for round in 0..150 {
                    let holder = Holder::generate();
                    let wanted = shuffled(&keys, turn + round);
                    let pairs: Vec<_> = wanted
                        .iter()
                        .map(|key| (key.clone(), mac("conv-1")))
                        .collect();
                    claim(&database, &pairs, holder, Duration::ZERO)
                        .await
                        .unwrap();
                    release(&database, &shuffled(&wanted, round), holder)
                        .await
                        .unwrap();
                    sweep(&database).await.unwrap();
                }
            })
        });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(stage.number(deadlocks).await, 0);
}
