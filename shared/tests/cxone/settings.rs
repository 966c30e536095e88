//! Settings that cannot work are said before the first call.

use super::*;

#[test]
fn every_problem_is_named() {
    for (pairs, problems) in [
        (
            vec![],
            vec![
                "CXONE_SECRET_ID is not set",
                "CXONE_PROFILE endpoints.knowledge.base_url needs {instance}: set values.instance",
            ],
        ),
        (
            vec![
                ("CXONE_SECRET_ID", "x"),
                ("CXONE_PROFILE", r#"{"values":{"instance":"acme"}}"#),
            ],
            vec![],
        ),
        (
            vec![("CXONE_SECRET_ID", "x"), ("CXONE_PROFILE", "acme")],
            vec!["CXONE_PROFILE is not JSON"],
        ),
        (
            vec![
                ("CXONE_SECRET_ID", "x"),
                ("CXONE_PROFILE", r#"{"articles":{"paths":"/a"}}"#),
            ],
            vec!["CXONE_PROFILE articles.paths: unknown field `paths`"],
        ),
        (
            vec![
                ("CXONE_SECRET_ID", "x"),
                (
                    "CXONE_PROFILE",
                    r#"{"base_url":"http://kb.example.com","token":{"url":"https://x"}}"#,
                ),
            ],
            vec!["CXONE_PROFILE endpoints.knowledge.base_url must begin with https://"],
        ),
    ] {
        let found = read(&pairs).err().unwrap_or_default();
        assert_eq!(found.len(), problems.len(), "{found:?}");
        for (found, expected) in found.iter().zip(problems) {
            assert!(found.starts_with(expected), "{found}");
        }
    }
}

#[tokio::test]
async fn a_secret_that_cannot_serve_is_a_setting_to_change() {
    let world = World::start(|_| empty()).await;
    for (text, word) in [
        ("no json".to_owned(), "must be JSON"),
        (
            json!({"client_id": "local-client"}).to_string(),
            "no client_secret",
        ),
    ] {
        world.put_secret(text).await;
        let settings = settings(&world.simulator, &world.api.url, &json!({}));
        let knowledge = settings.knowledge_at(&world.sdk, quick()).unwrap();
        let until = Instant::now() + Duration::from_secs(5);
        let error = misconfigured(knowledge.list(&all(), until).await);
        assert!(error.contains(word), "{error}");
    }
    assert!(world.token_requests().is_empty());
}
