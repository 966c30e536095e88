//! What a person is told to change, and what nobody is told.

use super::*;

/// Stands wherever nothing may be quoted.
const CANARY: &str = "Jane-Roe-4111";

#[tokio::test]
async fn each_refusal_says_what_to_change_and_is_not_repeated() {
    for (status, words) in [
        (403, ["knowledge:read", "categories"]),
        (404, ["endpoints.knowledge.base_url", "articles.path"]),
        (301, ["endpoints.knowledge.base_url", "somewhere else"]),
        (400, ["articles.parameters", "HTTP 400"]),
        (422, ["articles.parameters", "HTTP 422"]),
    ] {
        let world = World::start(move |_| {
            let status = StatusCode::from_u16(status).unwrap();
            (status, [("location", "https://example.com")], CANARY).into_response()
        })
        .await;
        let error = misconfigured(world.list().await);
        for word in words {
            assert!(error.contains(word), "{status}: {error}");
        }
        assert!(!error.contains(CANARY), "{error}");
        assert_eq!(world.api.seen().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_forbidden_territory_is_named() {
    let world = World::start(|_| status(403)).await;
    let query = ListArticles {
        territory: Some("EMEA".to_owned()),
        ..all()
    };
    let until = Instant::now() + Duration::from_secs(5);
    let error = misconfigured(world.knowledge.list(&query, until).await);
    assert!(error.contains("the territory EMEA"), "{error}");
}

#[tokio::test]
async fn errors_hold_neither_tokens_nor_secrets_nor_bodies() {
    let answers: [fn() -> Response; 4] = [
        || status(401),
        || CANARY.into_response(),
        || (StatusCode::BAD_GATEWAY, CANARY).into_response(),
        || says(&json!({"articles": CANARY})),
    ];
    for answer in answers {
        let world = World::start(move |_| answer()).await;
        let error = world.list().await.unwrap_err();
        let said = format!("{} {error:?}", error.chain());
        let token = world.api.seen()[0].token().to_owned();
        for secret in [CANARY, "local-secret", token.trim_start_matches("Bearer ")] {
            assert!(!said.contains(secret), "{said}");
        }
    }
}
