//! Keys change under load, and forged traffic does not cost Secrets Manager anything.

use std::pin::Pin;
use std::task::Poll;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::json;
use shared::testing;

use crate::world::{BEARER, KEY, PATH, World, keyring};

const NEW_KEY: &str = "whsec_bmV3LW5ldy1uZXctbmV3LW5ldy1uZXc=";

async fn post_signed(world: &World, key: &str, number: usize) -> u16 {
    let body = testing::conversation(number, 300);
    let headers = testing::signed(
        &keyring(key),
        &format!("msg_{number}"),
        Timestamp::now(),
        &body,
    );
    world
        .send(testing::http_event(PATH, &headers, &body))
        .await
        .status_code
}

#[tokio::test]
async fn no_valid_request_is_refused_while_a_key_changes_under_load() {
    let world = World::start().await;
    let rounds = testing::proof_size(100, 5_000);
    for number in 0..rounds {
        assert_eq!(post_signed(&world, KEY, number).await, 202);
    }
    world.put_keys(&[NEW_KEY, KEY]).await;
    // Old and new senders at once, the first new one right after the change, many in parallel.
    let sends = (0..rounds).map(|number| {
        let key = if number % 2 == 0 { NEW_KEY } else { KEY };
        post_signed(&world, key, number)
    });
    for status in join_all(sends).await {
        assert_eq!(status, 202);
    }
    // One at first, one for the new key, by one caller.
    assert_eq!(world.double.first_calls("GetSecretValue"), 2);
}

#[tokio::test]
async fn forged_traffic_causes_one_refresh_in_thirty_seconds() {
    let world = World::start().await;
    let began = Instant::now();
    assert_eq!(post_signed(&world, KEY, 0).await, 202);
    let forged =
        (0..testing::proof_size(1_000, 5_000)).map(|number| post_signed(&world, NEW_KEY, number));
    for status in join_all(forged).await {
        assert_eq!(status, 401);
    }
    // One at first, and one refresh; a machine that takes longer than thirty seconds may see another one.
    let reads = world.double.first_calls("GetSecretValue");
    let most = 2 + began.elapsed().as_secs() / 30;
    assert!((2..=most).contains(&reads), "{reads} reads");
    assert_eq!(post_signed(&world, KEY, 1).await, 202);
}

#[tokio::test]
async fn a_new_key_waits_for_the_pause_that_forgers_used_up() {
    let world = World::start().await;
    assert_eq!(
        post_signed(&world, NEW_KEY, 0).await,
        401,
        "forged, as far as anyone knows"
    );
    world.put_keys(&[NEW_KEY, KEY]).await;
    assert_eq!(
        post_signed(&world, NEW_KEY, 1).await,
        401,
        "up to 30 s, as docs/connect.md says"
    );
    assert_eq!(
        post_signed(&world, KEY, 2).await,
        202,
        "the old one is never refused"
    );
}

#[tokio::test]
async fn a_broken_secret_leaves_the_old_keys_in_force() {
    let world = World::start().await;
    assert_eq!(post_signed(&world, KEY, 0).await, 202);
    world
        .put_secret(&json!({ "standard-webhooks": ["whsec_"] }).to_string())
        .await;
    assert_eq!(
        post_signed(&world, NEW_KEY, 1).await,
        503,
        "nobody can know; come back"
    );
    assert_eq!(post_signed(&world, KEY, 2).await, 202);
}

#[tokio::test]
async fn who_comes_by_a_scheme_whose_keys_were_damaged_is_told_to_come_back_and_the_others_go_on() {
    let body = testing::conversation(1, 300);
    for damaged in [
        json!({ "standard-webhooks": [KEY], "bearer": BEARER }),
        json!({ "standard-webhooks": [KEY], "bearer": ["short"] }),
        json!({ "standard-webhooks": [KEY] }),
    ] {
        let world = World::start().await;
        assert_eq!(world.post(&body).await.status_code, 202);
        world.put_secret(&damaged.to_string()).await;
        // Somebody's unknown key makes the secret be read again.
        assert_eq!(post_signed(&world, NEW_KEY, 1).await, 401);
        let refused = world.post(&body).await;
        assert_eq!(refused.status_code, 503, "lost otherwise: {damaged}");
        assert!(refused.headers.contains_key("retry-after"));
        assert_eq!(post_signed(&world, KEY, 2).await, 202);
        assert_eq!(post_signed(&world, NEW_KEY, 3).await, 401);
        let nobody = testing::http_event(PATH, &[], &body);
        assert_eq!(world.send(nobody).await.status_code, 401);
    }
}

#[tokio::test]
async fn a_key_that_cannot_be_looked_up_is_not_called_forged() {
    let world = World::start().await;
    assert_eq!(post_signed(&world, KEY, 0).await, 202);
    world.put_keys(&[NEW_KEY, KEY]).await;
    world
        .double
        .fail_rate("GetSecretValue", aws_double::Fault::Status(500), 1.0, 1);
    assert_eq!(post_signed(&world, NEW_KEY, 1).await, 503);
    world.double.clear_faults();
    // After a failed read, the next one is a second away.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    assert_eq!(post_signed(&world, NEW_KEY, 2).await, 202);
}

/// Two hundred at once, on one thread, as an instance with concurrency has them.
async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let (mut outputs, mut waiting) = (Vec::new(), futures.peekable());
    while waiting.peek().is_some() {
        let wave: Vec<_> = waiting.by_ref().take(200).map(Box::pin).collect();
        outputs.extend(join_wave(wave).await);
    }
    outputs
}

async fn join_wave<F: Future>(mut wave: Vec<Pin<Box<F>>>) -> Vec<F::Output> {
    let mut outputs: Vec<Option<F::Output>> = wave.iter().map(|_| None).collect();
    std::future::poll_fn(|cx| {
        for (future, output) in wave.iter_mut().zip(&mut outputs) {
            if output.is_none()
                && let Poll::Ready(value) = future.as_mut().poll(cx)
            {
                *output = Some(value);
            }
        }
        if outputs.iter().all(Option::is_some) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    outputs.into_iter().flatten().collect()
}
