//! A key that is changed, and one that is wrong.

use super::*;

fn knows(key: &str) -> Simulated {
    Simulated {
        embedding_keys: vec![key.to_owned()],
        ..Simulated::default()
    }
}

#[tokio::test]
async fn a_changed_key_is_looked_up_once_and_no_text_fails() {
    let world = World::with(knows("sk-new"), |options| options.limits.texts = 1).await;
    world.simulator.update(cxone_simulator::SettingsUpdate {
        embedding_keys: vec!["sk-local".to_owned()],
        ..cxone_simulator::SettingsUpdate::default()
    });
    world.embed_one("before").await.unwrap();
    // From now on the provider knows the new key alone.
    world.simulator.reset();
    world.put_key(r#"{"api_key": "sk-new"}"#).await;
    let texts = texts(16);
    numbers(&world.embed(&borrowed(&texts)).await);
    assert_eq!(world.double.calls("GetSecretValue"), 2);
}

#[tokio::test]
async fn a_wrong_key_is_a_setting_to_change_and_is_never_named() {
    let world = World::with(knows("sk-other"), |options| options.limits.texts = 1).await;
    let texts = texts(16);
    for outcome in &world.embed(&borrowed(&texts)).await {
        let said = misconfigured(outcome);
        assert!(
            said.contains("refuses the key") && !said.contains("sk-local"),
            "{said}"
        );
    }
    assert!(world.requests().len() <= 4, "as many as were under way");
    assert_eq!(world.double.calls("GetSecretValue"), 2);
}

#[tokio::test]
async fn a_key_that_cannot_be_read_now_is_no_wrong_setting() {
    let world = World::start().await;
    world
        .double
        .fail_rate("GetSecretValue", aws_double::Fault::Status(503), 1.0, 0);
    assert!(later(&world.embed_one("one").await) > Duration::ZERO);
    world.double.clear_faults();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    world.embed_one("one").await.unwrap();
}
