//! A tenant of CXone, if the environment names one: `CXONE_PROFILE` and `CXONE_CREDENTIALS`, each JSON, or `@` and a path.

use std::num::NonZeroU32;
use std::time::Duration;

use secrecy::SecretString;
use shared::config::Env;
use shared::cxone::Checkup;
use shared::cxone::profile::{Capability, Profile};
use shared::error::{Error, Kind};
use shared::outbound::Pace;
use shared::transcript::dialect::Dialect;
use tokio::time::Instant;

use super::{Fail, Finding, Fine, Warn};

/// A page for looking at.
const PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
/// Longer than this nobody at a terminal waits for one answer.
const PATIENCE: Duration = Duration::from_secs(15);
const CREDENTIALS: &str = "set CXONE_CREDENTIALS to the JSON of the secret, or to @ and a path: {\"client_id\", \"client_secret\"}, or {\"access_key_id\", \"access_key_secret\"}";

/// What a person has to know of the tenant; nothing while none is named.
pub(super) async fn check(env: &Env) -> Vec<Finding> {
    let mut read = env.reader();
    let is_named = read.is_set("CXONE_PROFILE") || read.is_set("CXONE_CREDENTIALS");
    if !is_named {
        return Vec::new();
    }
    let profile: Option<Profile> = read.document("CXONE_PROFILE");
    let credentials: Option<String> = read.document("CXONE_CREDENTIALS");
    let has_credentials = read.is_set("CXONE_CREDENTIALS");
    match read.build(|| Some((profile, credentials))) {
        Err(error) => vec![Fail(
            error.to_string(),
            "correct it; shared/src/cxone/profile/v2.json has every name".to_owned(),
        )],
        Ok(_) if !has_credentials => vec![Fail(
            "CXONE_PROFILE is set, and no credentials".to_owned(),
            CREDENTIALS.to_owned(),
        )],
        Ok((profile, credentials)) => match profile.map_or_else(Profile::v2, Ok) {
            Ok(profile) => {
                let credentials = SecretString::from(credentials.unwrap_or_default());
                Box::pin(try_out(Checkup::new(profile, credentials, pace()))).await
            }
            Err(flaw) => vec![Fail(flaw.to_string(), "report this".to_owned())],
        },
    }
}

/// Patient enough for a stumble, not for an outage.
fn pace() -> Pace {
    Pace {
        attempt: Duration::from_secs(10),
        tries: 2,
        ..Pace::default()
    }
}

async fn try_out(checkup: Checkup) -> Vec<Finding> {
    let mut findings = Vec::new();
    for capability in Capability::ALL {
        findings.push(token(&checkup, capability).await);
    }
    if let Some(Fine(_)) = findings.first() {
        findings.push(articles(&checkup).await);
    }
    findings
}

/// Only the knowledge base is called by what exists; that another part does not let us in is no failure yet.
async fn token(checkup: &Checkup, capability: Capability) -> Finding {
    let name = capability.as_str();
    let worse = if capability == Capability::Knowledge {
        Fail
    } else {
        Warn
    };
    if let Some(lack) = checkup.lacks(capability) {
        return worse(
            format!("{name}: CXONE_PROFILE does not say where it is"),
            lack,
        );
    }
    match checkup.token(capability, soon()).await {
        Ok(()) if capability == Capability::Assist => {
            let stream = match checkup.dialect() {
                Dialect::Frames => "the stream of v2",
                Dialect::Notices => "NICE's notification socket",
            };
            Fine(format!("{name}: gives us a token; listens to {stream}"))
        }
        Ok(()) => Fine(format!("{name}: gives us a token")),
        Err(error) => {
            let (what, advice) = explain(&error);
            worse(format!("{name}: {what}"), advice)
        }
    }
}

async fn articles(checkup: &Checkup) -> Finding {
    match checkup.articles(PAGE, soon()).await {
        Ok(page) if page.articles.is_empty() && page.flaws.is_empty() => Warn(
            "knowledge: there are no articles".to_owned(),
            "publish some, or give the client a role that may read them".to_owned(),
        ),
        Ok(page) if page.flaws.is_empty() => Fine(format!(
            "knowledge: {} articles of the first page are readable",
            page.articles.len()
        )),
        Ok(page) => {
            let flaws: Vec<_> = page.flaws.iter().map(|flaw| flaw.what.as_str()).collect();
            let advice = format!(
                "correct articles.fields in CXONE_PROFILE: {}",
                flaws.join("; ")
            );
            let what = format!("knowledge: {} articles cannot be read", page.flaws.len());
            Fail(what, advice)
        }
        Err(error) => {
            let (what, advice) = explain(&error);
            Fail(format!("knowledge: {what}"), advice)
        }
    }
}

fn soon() -> Instant {
    Instant::now() + PATIENCE
}

/// What happened, and what to change. The errors of `shared::cxone` say both, with a semicolon between.
fn explain(error: &Error) -> (String, String) {
    let chain = error.chain();
    let chain = chain.replace("the secret of CXONE_SECRET_ID", "CXONE_CREDENTIALS");
    match chain.split_once("; ") {
        Some((what, advice)) if error.kind() == Kind::Misconfigured => {
            (what.to_owned(), advice.to_owned())
        }
        _ => (
            chain,
            "check the addresses in CXONE_PROFILE and the way there (name, proxy, firewall), then try again"
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use cxone_simulator::{Settings, Simulator};
    use serde_json::{Value, json};

    use super::*;

    const GOOD: &str = r#"{"client_id":"local-client","client_secret":"local-secret"}"#;

    fn profile(base: &str) -> Value {
        json!({ "base_url": base, "token": { "url": format!("{base}/as/token.oauth2") } })
    }

    /// Each finding as its first letter, what was found, and the advice.
    async fn findings(pairs: &[(&str, &str)]) -> Vec<(char, String, String)> {
        let env = Env::from_pairs(pairs.iter().copied());
        let told = |finding| match finding {
            Fine(text) => ('o', text, String::new()),
            Warn(text, advice) => ('w', text, advice),
            Fail(text, advice) => ('f', text, advice),
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
}
