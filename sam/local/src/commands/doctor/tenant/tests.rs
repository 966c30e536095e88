use cxone_simulator::{Settings, Simulator};
use serde_json::{Value, json};

use super::*;
use crate::commands::doctor::finding::Verdict;

const GOOD: &str = r#"{"client_id":"local-client","client_secret":"local-secret"}"#;

fn profile(base: &str) -> Value {
    json!({ "base_url": base, "token": { "url": format!("{base}/as/token.oauth2") } })
}

/// Each finding as its first letter, what was found, and the advice.
async fn findings(pairs: &[(&str, &str)]) -> Vec<(char, String, String)> {
    let env = Env::from_pairs(pairs.iter().copied());
    let mark = |verdict| match verdict {
        Verdict::Ok => 'o',
        Verdict::Warn => 'w',
        Verdict::Fail => 'f',
    };
    let told = |finding: Finding| {
        let next = finding.next.unwrap_or_default();
        (mark(finding.verdict), finding.what, next)
    };
    check(&env).await.into_iter().map(told).collect()
}

#[tokio::test]
async fn a_tenant_that_is_well_is_said_to_be() {
    let simulator = Simulator::start(Settings::default()).unwrap();
    simulator.knowledge().seed(1, 20);
    let profile = profile(simulator.url()).to_string();
    let found = findings(&[("CXONE_PROFILE", &profile), ("CXONE_CREDENTIALS", GOOD)]).await;
    assert_eq!(found.len(), 6, "{found:?}");
    assert!(found.iter().all(|(mark, ..)| *mark == 'o'), "{found:?}");
    assert!(found[5].1.contains("10 articles"), "{found:?}");
    assert!(findings(&[]).await.is_empty());
}

/// Where tokens are given with whatever scope, or without a word of it.
async fn giving(scope: Option<&'static str>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = json!({"access_token": "t-1", "expires_in": 3_600, "scope": scope});
    let route = axum::routing::post(async move || answer.to_string());
    let routes = axum::Router::new().route("/as/token.oauth2", route);
    tokio::spawn(async move { axum::serve(listener, routes).await });
    url
}

#[tokio::test]
async fn scopes_that_were_not_given_are_named() {
    for (scope, mark, words) in [
        (
            Some("knowledge:read"),
            'o',
            "knowledge: gives us a token with the scopes",
        ),
        (
            Some("knowledge:read"),
            'w',
            "assist: gives us a token without the scopes interactions:read, assist:write",
        ),
        (None, 'o', "knowledge: gives us a token and does not say"),
    ] {
        let profile = profile(&giving(scope).await).to_string();
        let found = findings(&[("CXONE_PROFILE", &profile), ("CXONE_CREDENTIALS", GOOD)]).await;
        let is_it =
            |(found, what, _): &(char, String, String)| *found == mark && what.starts_with(words);
        assert!(found.iter().any(is_it), "{words}: {found:?}");
    }
}

#[tokio::test]
async fn each_failure_says_what_to_change() {
    let simulator = Simulator::start(Settings::default()).unwrap();
    let well = profile(simulator.url()).to_string();
    let gone = profile("http://127.0.0.1:1").to_string();
    let mut elsewhere = profile(simulator.url());
    elsewhere["articles"] = json!({ "path": "/api/v9/articles" });
    let elsewhere = elsewhere.to_string();
    let wrong = GOOD.replace("local-secret", "hush");
    for (profile, credentials, mark, advice) in [
        (well.as_str(), wrong.as_str(), 'f', "credentials"),
        (&well, "", 'f', "CXONE_CREDENTIALS"),
        (&well, "{}", 'f', "client_id"),
        (&well, "@/nowhere", 'f', "correct it"),
        ("{", GOOD, 'f', "correct it"),
        ("", GOOD, 'f', "values.instance"),
        (&gone, GOOD, 'f', "the way there"),
        (&elsewhere, GOOD, 'f', "articles.path"),
        (&well, GOOD, 'w', "publish some"),
    ] {
        let pairs = [
            ("CXONE_PROFILE", profile),
            ("CXONE_CREDENTIALS", credentials),
        ];
        let found = findings(&pairs).await;
        let is_it = |(found, what, told): &&(char, String, String)| {
            *found == mark && format!("{what} {told}").contains(advice)
        };
        assert!(found.iter().any(|one| is_it(&one)), "{advice}: {found:?}");
        assert!(!format!("{found:?}").contains("hush"), "{found:?}");
    }
}
