//! What a service outside is told of a question with personal data.

use serde_json::json;

use crate::world::{CONVERSATIONS, KNOWLEDGE, World, event, json_of, send};

const CANARY: &str = "jane.doe@example.com";

#[tokio::test]
async fn a_question_with_personal_data_leaves_the_account_as_the_policy_says() {
    let Some(world) = World::start("a_question_with_personal_data").await else {
        return;
    };
    let text = format!("The router of {CANARY} is dead.");
    world.articles(&[("router", "Reset the router.")]).await;
    world.conversation("c-1", &text, 0).await;
    let asked = || world.simulator.requests("/v1/embeddings");
    for (policy, told, has_vector) in [
        ("tag", Some("router jane.doe@example.com"), true),
        ("mask", Some("router [EMAIL]"), true),
        ("block", None, false),
    ] {
        let app = world.app_with("PII_POLICY", policy).await;
        for (path, id) in [
            (KNOWLEDGE, "article_id"),
            (CONVERSATIONS, "conversation_id"),
        ] {
            let before = asked().len();
            let mut question = event("POST", path, &[("x-api-key", &world.key)]);
            question["body"] = json!(json!({ "query": format!("router {CANARY}") }).to_string());
            let answer = json_of(&send(&app, question).await);
            assert_eq!(answer["vector_unavailable"], !has_vector, "{policy} {path}");
            assert!(answer["results"][0][id].is_string(), "{policy}: {answer:#}");
            let sent: String = asked()
                .split_off(before)
                .into_iter()
                .map(|one| one.body)
                .collect();
            match told {
                Some(told) => assert!(sent.contains(told), "{policy}: {sent}"),
                None => assert_eq!(sent, "", "{policy}"),
            }
        }
    }
    let app = world.app_with("PII_POLICY", "block").await;
    let mut question = event("POST", KNOWLEDGE, &[("x-api-key", &world.key)]);
    question["body"] = json!(r#"{"query": "router"}"#);
    let answer = json_of(&send(&app, question).await);
    assert_eq!(
        answer["vector_unavailable"], false,
        "nothing personal in it"
    );
}
