//! The secrets: whether each can be read, and holds what its functions need. What is said of one never quotes it.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_secretsmanager::Client;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use shared::audit::Anchor;
use shared::auth::scheme::Schemes;
use shared::auth::{ApiKeys, Keyring, LinkKey, Signer};
use shared::cxone::Checkup;
use shared::db::DatabaseUrl;
use shared::domain::ErasureKey;
use shared::embedding::openai;
use shared::error::Error;
use shared::mirror;

use super::super::finding::{Finding, Verdict, fail, or_fine, warn};
use super::Deployment;
use super::ask::Trouble;
use super::functions::Deployed;

const RIGHT: &str = "secretsmanager:GetSecretValue";
const FILL: &str = "docs/deploy.md, step 5, says how to fill it";
/// Whoever holds a key has so long to change to another one.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What could be read, by variable.
pub(super) type Texts = BTreeMap<String, SecretString>;

/// Reads each secret that a function names, and judges it.
pub(super) async fn check(deployment: &Deployment) -> (Texts, Vec<Finding>) {
    let client = Client::new(&deployment.sdk);
    let (mut texts, mut found) = (Texts::new(), Vec::new());
    let named = named(deployment);
    for (variable, id) in &named {
        let answer = client.get_secret_value().secret_id(id).send().await;
        let answer = answer.map_err(|error| Trouble::of(error, RIGHT));
        match answer {
            Ok(answer) => {
                let text = SecretString::from(answer.secret_string.unwrap_or_default());
                found.extend(judge(deployment, variable, &text));
                texts.insert(variable.clone(), text);
            }
            Err(trouble) => found.push(trouble.told(&format!("the secret of {variable}"))),
        }
    }
    let count = named.len();
    (
        texts,
        or_fine(
            found,
            format!("{count} can be read, and hold what is needed"),
        ),
    )
}

/// The secrets that the functions name, each once.
fn named(deployment: &Deployment) -> BTreeSet<(String, String)> {
    let variables = deployment.functions.values().flat_map(Deployed::variables);
    let named = variables.filter(|(name, id)| name.ends_with("_SECRET_ID") && !id.is_empty());
    named.map(|(name, id)| (name.clone(), id.clone())).collect()
}

fn judge(deployment: &Deployment, variable: &str, text: &SecretString) -> Vec<Finding> {
    let Some((verdict, means)) = follows(deployment, variable) else {
        return Vec::new();
    };
    let told = |what: String, next: String| {
        let finding = match verdict {
            Verdict::Fail => fail(what, next),
            _ => warn(what, next),
        };
        finding.meaning(means)
    };
    if let Err(why) = parse(deployment, variable, text) {
        let blank = if is_blank(text) {
            "is as the deploy made it, without a key"
        } else {
            "cannot be used"
        };
        return vec![told(
            format!("the secret of {variable} {blank}: {why}"),
            FILL.to_owned(),
        )];
    }
    doubts(deployment, variable, text)
}

/// How bad it is that the secret is of no use, and what follows; nothing for what only the second model names.
fn follows(deployment: &Deployment, variable: &str) -> Option<(Verdict, &'static str)> {
    let has_tenant = deployment.stack.parameter("CxoneProfile").is_some();
    Some(match variable {
        "WEBHOOK_KEYS_SECRET_ID" => (Verdict::Fail, "every webhook is answered 503"),
        "API_KEYS_SECRET_ID" => (
            Verdict::Fail,
            "search, rankings and the other routes answer 503",
        ),
        "DATABASE_SECRET_ID" => (Verdict::Fail, "no function reaches the database"),
        "EMBEDDING_KEY_SECRET_ID" => (
            Verdict::Fail,
            "no text gets a vector, and conversations end among the dead letters",
        ),
        "ERASURE_KEY_SECRET_ID" => (
            Verdict::Fail,
            "nothing can be erased, and conversations are not stored",
        ),
        "CXONE_SECRET_ID" if has_tenant => (Verdict::Fail, "CXone lets none of the functions in"),
        "CXONE_SECRET_ID" => (
            Verdict::Warn,
            "CXone will let none of the functions in, once their clocks run",
        ),
        "CALLBACK_KEYS_SECRET_ID" => (Verdict::Warn, "callbacks wait until there is a key"),
        "CONSOLE_LINK_KEY_SECRET_ID" => (Verdict::Fail, "links to the console do not open"),
        "AUDIT_ANCHOR_SECRET_ID" => (
            Verdict::Fail,
            "the audit's ends are not kept, and cargo local verify-audit cannot tell",
        ),
        "ELASTICSEARCH_SECRET_ID" => (Verdict::Fail, "articles are not copied to Elasticsearch"),
        _ => return None,
    })
}

/// By the very types by which the functions read it.
fn parse(deployment: &Deployment, variable: &str, text: &SecretString) -> Result<(), String> {
    let told = |error: Error| error.chain();
    match variable {
        "WEBHOOK_KEYS_SECRET_ID" => Keyring::parse(&schemes(deployment)?, text)
            .map(drop)
            .map_err(told),
        "API_KEYS_SECRET_ID" => ApiKeys::parse(text).map(drop).map_err(told),
        "DATABASE_SECRET_ID" => DatabaseUrl::from_secret(text).map(drop).map_err(told),
        "EMBEDDING_KEY_SECRET_ID" => openai::key::parse(text).map(drop).map_err(told),
        "ERASURE_KEY_SECRET_ID" => ErasureKey::parse(text).map(drop).map_err(str::to_owned),
        "CXONE_SECRET_ID" => Checkup::read_credentials(text).map_err(told),
        "CALLBACK_KEYS_SECRET_ID" => Signer::parse(text).map(drop).map_err(told),
        "CONSOLE_LINK_KEY_SECRET_ID" => LinkKey::parse(text).map(drop).map_err(told),
        "AUDIT_ANCHOR_SECRET_ID" => Anchor::parse(text.expose_secret())
            .map(drop)
            .map_err(str::to_owned),
        "ELASTICSEARCH_SECRET_ID" => mirror::Settings::read_credentials(text).map_err(told),
        _ => Ok(()),
    }
}

/// The schemes that the webhook was given.
pub(super) fn schemes(deployment: &Deployment) -> Result<Schemes, String> {
    let webhook = deployment.functions.get("data-action-webhook");
    let written = webhook.and_then(|webhook| webhook.variable("WEBHOOK_SCHEMES"));
    let schemes = written.unwrap_or(super::webhook::USUAL).parse();
    schemes.map_err(|why| format!("WEBHOOK_SCHEMES {why}"))
}

/// What can be read, and does less than it seems to.
fn doubts(deployment: &Deployment, variable: &str, text: &SecretString) -> Vec<Finding> {
    match variable {
        "WEBHOOK_KEYS_SECRET_ID" => {
            let keyring = schemes(deployment).map(|schemes| Keyring::parse(&schemes, text));
            let problems = match &keyring {
                Ok(Ok(keyring)) => keyring.problems(),
                _ => &[],
            };
            let told = |problem: &String| {
                warn(
                    problem.as_str(),
                    "write it as its scheme wants it, or take it out",
                )
                .meaning("whoever signs with it is refused")
            };
            problems.iter().map(told).collect()
        }
        "API_KEYS_SECRET_ID" => {
            ApiKeys::parse(text).map_or_else(|_| Vec::new(), |keys| judge_keys(&keys))
        }
        _ => Vec::new(),
    }
}

fn judge_keys(keys: &ApiKeys) -> Vec<Finding> {
    let told = |problem: String| {
        warn(problem, "mend it, or revoke it: cargo local keys revoke")
            .meaning("whoever sends it is answered 401")
    };
    let unread = keys.problems().into_iter().map(told);
    unread.chain(live(keys, Timestamp::now())).collect()
}

fn live(keys: &ApiKeys, now: Timestamp) -> Vec<Finding> {
    let (live, ended): (Vec<_>, Vec<_>) = keys.keys.iter().partition(|key| key.expires > now);
    let next = "make one: cargo local keys new --help";
    let change = "make another, and let whoever sends it change: docs/deploy.md, Rotate keys";
    let mut found = Vec::new();
    if live.is_empty() {
        found.push(
            warn("there is no live API key", next)
                .meaning("search, rankings and the other routes answer 401 to everybody"),
        );
    }
    let ended = ended.iter().map(|key| {
        warn(format!("the API key {} has ended", key.id), next)
            .meaning("whoever still sends it is answered 401")
    });
    found.extend(ended);
    let ending = live.iter().filter_map(|key| {
        let left = key.expires.duration_since(now);
        let days = left.as_hours() / 24;
        let what = format!("the API key {} ends within {} days", key.id, days + 1);
        (left <= SOON)
            .then(|| warn(what, change).meaning("from then on, whoever sends it is answered 401"))
    });
    found.extend(ending);
    found
}

/// Whether nobody has written anything into it: a JSON of empty texts and lists.
fn is_blank(text: &SecretString) -> bool {
    fn is_empty(value: &Value) -> bool {
        match value {
            Value::String(text) => text.trim().is_empty(),
            Value::Array(items) => items.iter().all(is_empty),
            Value::Object(members) => members.values().all(is_empty),
            Value::Null => true,
            Value::Bool(_) | Value::Number(_) => false,
        }
    }
    let text = text.expose_secret();
    text.trim().is_empty() || serde_json::from_str(text).is_ok_and(|value| is_empty(&value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_end_soon_are_told() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let told = |hours: i64| {
            let mut keys = ApiKeys::default();
            let end = now + SignedDuration::from_hours(hours);
            keys.issue("crm", [7; 32], vec![], end).unwrap();
            let found = live(&keys, now);
            found.into_iter().map(|one| one.what).collect::<Vec<_>>()
        };
        assert!(told(14 * 24 + 1).is_empty());
        assert_eq!(told(14 * 24 - 1), ["the API key crm ends within 14 days"]);
        assert_eq!(told(1), ["the API key crm ends within 1 days"]);
        assert!(told(-1).contains(&"the API key crm has ended".to_owned()));
    }

    #[test]
    fn what_nobody_filled_is_blank() {
        for (text, is) in [
            ("", true),
            (r#"{"standard-webhooks": []}"#, true),
            (r#"{"client_id": "", "client_secret": " "}"#, true),
            (r#"{"api_key": "sk-1"}"#, false),
            ("sk-1", false),
            ("{", false),
        ] {
            assert_eq!(is_blank(&SecretString::from(text)), is, "{text}");
        }
    }
}
