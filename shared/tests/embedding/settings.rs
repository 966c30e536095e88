//! The environment becomes embedders, or a list of what is wrong with it.

use shared::config::{ConfigError, Env};
use shared::embedding::Settings;

use super::*;

fn read(pairs: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    let env = Env::from_pairs(pairs.iter().copied());
    let mut read = env.reader();
    let settings = Settings::read(&mut read);
    read.build(|| settings)
}

fn problems(pairs: &[(&str, &str)]) -> Vec<String> {
    read(pairs).unwrap_err().problems
}

#[tokio::test]
async fn two_models_are_built_and_the_first_is_the_one_in_use() {
    let world = World::start().await;
    let second = json!({
        "base_url": format!("{}/v1/", world.simulator.url()),
        "model": "text-embedding-3-large",
        "dimensions": 256,
        "key_secret_id": SECRET_ID,
    });
    let settings = read(&[
        ("EMBEDDING_BASE_URL", world.simulator.url()),
        ("EMBEDDING_KEY_SECRET_ID", SECRET_ID),
        ("EMBEDDING_SECOND", &second.to_string()),
    ]);
    let embedders = settings.unwrap().build(&world.sdk).unwrap();
    let spaces: Vec<_> = embedders
        .iter()
        .map(|it| {
            (
                it.space().name.as_str(),
                it.space().dimensions,
                it.max_tokens(),
            )
        })
        .collect();
    assert_eq!(
        spaces,
        [
            (SMALL, 1_536, 8_191),
            ("text-embedding-3-large", 256, 8_191)
        ]
    );
    for embedder in &embedders {
        assert!(embedder.leaves_account());
        let outcome = embedder
            .embed(
                &[embedder.counted("hello")],
                Instant::now() + Duration::from_secs(5),
            )
            .await;
        assert_eq!(
            numbers(&outcome)[0].len(),
            usize::from(embedder.space().dimensions)
        );
    }
}

#[test]
fn the_public_service_needs_nothing_but_its_key() {
    assert!(read(&[("EMBEDDING_KEY_SECRET_ID", "key")]).is_ok());
    assert_eq!(problems(&[]), ["EMBEDDING_KEY_SECRET_ID is not set"]);
    assert!(read(&[("EMBEDDING_BASE_URL", "http://127.0.0.1:8080")]).is_ok());
}

#[test]
fn every_bad_variable_is_named_at_once() {
    let found = problems(&[
        ("EMBEDDING_BASE_URL", "http://example.com"),
        ("EMBEDDING_DIMENSIONS", "4000"),
        ("EMBEDDING_BATCH_TEXTS", "0"),
        ("EMBEDDING_BATCH_TOKENS", "300001"),
        ("EMBEDDING_PARALLEL", "many"),
        (
            "EMBEDDING_SECOND",
            r#"{"model": "own", "base_url": "ftp://x"}"#,
        ),
    ]);
    let starts = [
        "EMBEDDING_BASE_URL must begin with https://",
        "EMBEDDING_DIMENSIONS must be 1 to 1536",
        "EMBEDDING_SECOND base_url must begin with https://",
        "EMBEDDING_SECOND dimensions must be set for the model own",
        "EMBEDDING_PARALLEL invalid digit",
        "EMBEDDING_BATCH_TEXTS must be 1 to 2048",
        "EMBEDDING_BATCH_TOKENS must be 1 to 300000",
    ];
    assert_eq!(found.len(), starts.len(), "{found:?}");
    for (found, start) in found.iter().zip(starts) {
        assert!(found.starts_with(start), "{found}");
    }
}

#[test]
fn a_second_model_has_to_be_another_one_and_readable() {
    let key = ("EMBEDDING_KEY_SECRET_ID", "key");
    for (second, what) in [
        (r#"{"key_secret_id": "key"}"#, "names the same model"),
        (r#"{"api_key": "sk-1"}"#, "cannot be read"),
        (
            r#"{"provider": "azure"}"#,
            "provider must be openai or local",
        ),
        ("\"local\"", "cannot be read"),
    ] {
        let found = problems(&[key, ("EMBEDDING_SECOND", second)]);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with(&format!("EMBEDDING_SECOND {what}")),
            "{found:?}"
        );
    }
    assert_eq!(
        problems(&[("EMBEDDING_PROVIDER", "azure")]),
        ["EMBEDDING_PROVIDER must be openai or local"]
    );
}

#[cfg(feature = "local-model")]
#[tokio::test]
async fn the_local_model_needs_no_key_and_keeps_text_here() {
    let world = World::start().await;
    let local = ("EMBEDDING_PROVIDER", "local");
    let folder = ("LOCAL_MODEL_DIR", "/no/such/folder");
    let settings = read(&[local, folder]).unwrap();
    assert!(settings.build(&world.sdk).is_err(), "there is no model");
    assert_eq!(
        problems(&[
            local,
            ("EMBEDDING_MODEL", SMALL),
            ("EMBEDDING_DIMENSIONS", "512")
        ]),
        [
            "EMBEDDING_MODEL must be all-MiniLM-L6-v2 for the local model",
            "EMBEDDING_DIMENSIONS must be 384 for the local model",
        ]
    );
    let Some(folder) = testing::setting("LOCAL_MODEL_DIR") else {
        return testing::skip("the_local_model", "LOCAL_MODEL_DIR names no model");
    };
    let settings = read(&[local, ("LOCAL_MODEL_DIR", &folder)]).unwrap();
    let embedder = settings.build(&world.sdk).unwrap().remove(0);
    assert!(!embedder.leaves_account());
    assert_eq!(embedder.space().provider, shared::domain::Provider::Local);
    let until = Instant::now() + Duration::from_mins(1);
    let long = "word ".repeat(300);
    let outcomes = embedder
        .embed(&counted(&embedder, &["hello", "", "hello", &long]), until)
        .await;
    assert!(matches!(outcomes[3], Err(Failure::Refused("too_long"))));
    assert_eq!(outcomes[0].as_ref().unwrap(), outcomes[2].as_ref().unwrap());
    assert!(matches!(outcomes[1], Err(Failure::Refused("empty"))));
    let outcomes = embedder
        .embed(&[embedder.counted("hello")], Instant::now())
        .await;
    assert!(later(&outcomes[0]) > Duration::ZERO);
}
