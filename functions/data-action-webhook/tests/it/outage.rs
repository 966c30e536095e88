//! Secrets Manager is down for a while: what was read serves on, what was not is asked for rarely.

use std::time::Duration;

use aws_double::Fault;
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret as _;
use shared::aws;
use shared::error::Kind;
use shared::secrets::Secret;

use crate::world::{SECRET_ID, World};

const TTL: SignedDuration = SignedDuration::from_mins(5);

fn secret(world: &World) -> Secret<String> {
    let client = aws::secrets_client(&world.sdk);
    Secret::new(client, SECRET_ID, TTL, |text| {
        Ok(text.expose_secret().to_owned())
    })
}

fn at(minutes: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
}

#[tokio::test]
async fn an_old_value_serves_for_an_hour_and_no_longer() {
    let world = World::start().await;
    let secret = secret(&world);
    let first = secret.get(at(0)).await.unwrap();
    world
        .double
        .fail_rate("GetSecretValue", Fault::Status(500), 1.0, 1);
    for minutes in [4, 6, 59] {
        assert_eq!(secret.get(at(minutes)).await.unwrap(), first, "{minutes}");
    }
    for minutes in [61, 61, 600] {
        assert!(secret.get(at(minutes)).await.is_err(), "{minutes}");
    }
    world.double.clear_faults();
    assert!(secret.get(at(601)).await.is_ok());
}

#[tokio::test]
async fn what_may_not_be_read_any_more_does_not_serve_on() {
    let world = World::start().await;
    for (fault, serves) in [
        (Fault::ThrottlingException, true),
        (Fault::Refusal("InternalServiceError"), true),
        (Fault::Refusal("AccessDeniedException"), false),
        (Fault::Refusal("ResourceNotFoundException"), false),
        (Fault::Refusal("InvalidRequestException"), false),
        (Fault::Refusal("DecryptionFailure"), false),
    ] {
        let secret = secret(&world);
        secret.get(at(0)).await.unwrap();
        world
            .double
            .fail_rate("GetSecretValue", fault.clone(), 1.0, 1);
        let outcome = secret.get(at(6)).await;
        let kind = outcome.map_err(|error| error.kind()).err();
        assert_eq!(kind, (!serves).then_some(Kind::Misconfigured), "{fault:?}");
        // Nor if only the next read fails for now.
        world
            .double
            .fail_rate("GetSecretValue", Fault::Status(500), 1.0, 1);
        assert_eq!(secret.get(at(7)).await.is_ok(), serves, "{fault:?}");
        world.double.clear_faults();
        assert!(secret.get(at(8)).await.is_ok(), "{fault:?}: it was mended");
    }
}

#[tokio::test]
async fn while_it_is_down_it_is_asked_rarely() {
    let world = World::start().await;
    let secret = secret(&world);
    world
        .double
        .fail_rate("GetSecretValue", Fault::Status(500), 1.0, 1);
    assert!(secret.get(at(0)).await.is_err());
    let tried = world.double.calls("GetSecretValue");
    for _ in 0..100 {
        assert!(
            secret
                .get(at(0) + SignedDuration::from_millis(999))
                .await
                .is_err()
        );
    }
    assert_eq!(world.double.calls("GetSecretValue"), tried);
    world.double.clear_faults();
    assert!(
        secret
            .get(at(0) + SignedDuration::from_secs(4))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_slow_answer_costs_the_first_request_two_seconds_and_the_next_nothing() {
    let world = World::start().await;
    let secret = secret(&world);
    let value = secret.get(at(0)).await.unwrap();
    world.double.fail_rate(
        "GetSecretValue",
        Fault::Slow(Duration::from_mins(1)),
        1.0,
        1,
    );
    let started = std::time::Instant::now();
    assert_eq!(
        secret.get(at(10)).await.unwrap(),
        value,
        "the old one serves"
    );
    let calls = world.double.calls("GetSecretValue");
    let next = at(10) + SignedDuration::try_from(started.elapsed()).unwrap();
    assert_eq!(secret.get(next).await.unwrap(), value);
    assert_eq!(
        world.double.calls("GetSecretValue"),
        calls,
        "the pause begins when the read has ended"
    );
}
