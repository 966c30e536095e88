//! What clients and peers say is in no log line of any HTTP function, even at the most talkative level.

use end_to_end::canary::{FEW, echo, leaks};
use serde_json::Value;

use crate::scopes::{Caller, ROUTES, body, shown};
use crate::world::BEARER;

/// What the function is sent instead of a good body.
fn spoilt(good: &str) -> Vec<String> {
    let mut foreign: Value = serde_json::from_str(good).unwrap();
    foreign["canary name"] = "canary-value".into();
    let mut wrong = foreign.clone();
    for value in wrong.as_object_mut().unwrap().values_mut() {
        *value = "canary-value".into();
    }
    let mut personal = foreign.clone();
    personal.as_object_mut().unwrap().remove("canary name");
    if personal.get("query").is_some() {
        personal["query"] = "canary-query: where is the parcel of canary.mail@example.org?".into();
    }
    let personal = personal.to_string().replace("Hello", "canary-hello");
    let cut = foreign.to_string();
    vec![
        personal,
        cut[..cut.len() - 3].to_owned(),
        cut,
        wrong.to_string(),
        "canary".to_owned(),
    ]
}

/// Parameters that no route knows, and some of them with a value that none takes.
const QUERIES: [&str; 2] = [
    "",
    "?signature=canary&full_sync=canary&window=canary&expires=1",
];

impl Caller {
    /// What is answered to this body, under this key or under none.
    async fn told(
        &self,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: Option<String>,
    ) -> String {
        let mut request = self
            .request(method, path)
            .header("user-agent", "canary-agent");
        request = request.header("cookie", "canary-cookie");
        let (name, value) = match key {
            Some(key) if key != BEARER => shown(key)[0].clone(),
            Some(key) => ("authorization", format!("Bearer {key}")),
            None => ("authorization", "Bearer canary.canary-key".to_owned()),
        };
        request = request.header(name, value);
        if let Some(body) = body {
            request = request.body(body);
        }
        request.send().await.unwrap().text().await.unwrap()
    }

    /// A route under every key, with everything that is wrong.
    async fn try_everything(&self, method: &str, path: &str) {
        let good = body(path);
        let bodies = good.as_deref().map_or_else(Vec::new, spoilt);
        let keys = &self.world.keys;
        let keys = [
            Some(keys.full.as_str()),
            Some(BEARER),
            Some(&keys.expired),
            None,
        ];
        for body in bodies.into_iter().map(Some).chain([None]) {
            for key in keys {
                for query in QUERIES {
                    let path = format!("{path}{query}");
                    self.told(method, &path, key, body.clone()).await;
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_clients_and_peers_say_is_in_no_log() {
    let Some(caller) = Caller::start("what_clients_and_peers_say", "trace").await else {
        return;
    };
    for (method, _, _, path, _) in ROUTES {
        caller.try_everything(method, path).await;
    }
    for (capability, path) in [
        ("embeddings", "/search/knowledge"),
        ("ranking", "/assist/sessions/s-1/ranking"),
    ] {
        let good = spoilt(&body(path).unwrap()).remove(0);
        for status in FEW {
            echo(&caller.world.simulator, capability, status).unwrap();
            let told = caller
                .told(
                    "POST",
                    path,
                    Some(&caller.world.keys.full),
                    Some(good.clone()),
                )
                .await;
            assert!(!told.contains("canary-echo"), "{told}");
        }
    }
    caller.world.simulator.clear_faults();
    let secret = |key: &str| key.split_once('.').unwrap().1.to_owned();
    let (full, expired) = (
        secret(&caller.world.keys.full),
        secret(&caller.world.keys.expired),
    );
    let secrets = [
        BEARER,
        full.as_str(),
        expired.as_str(),
        "sk-local",
        "local-secret",
        "link-key-0",
        "whsec_",
    ];
    let mut logs = 0;
    for entry in std::fs::read_dir(caller.folder.path()).unwrap() {
        let log = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(log.contains("\"level\""), "it logs at all: {log}");
        assert_eq!(leaks(&log, &secrets), [""; 0]);
        logs += 1;
    }
    assert_eq!(
        logs, 8,
        "six HTTP functions, and the two that fill the database"
    );
}
