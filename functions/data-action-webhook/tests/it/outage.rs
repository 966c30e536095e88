//! Secrets Manager is down for a while: what was read serves on, what was not is asked for rarely.

use aws_double::Fault;
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret as _;
use shared::aws;
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
async fn while_it_is_down_it_is_asked_once_a_second() {
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
            .get(at(0) + SignedDuration::from_secs(1))
            .await
            .is_ok()
    );
}
