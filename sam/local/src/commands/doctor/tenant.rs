//! A tenant of CXone: that of a deployment, or one that the environment names by `CXONE_PROFILE` and `CXONE_CREDENTIALS`, each JSON, or
//! `@` and a path.

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

use super::finding::{Finding, fail, fine, warn};

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
    let here = |mut finding: Finding| {
        let secret = "the secret of CXONE_SECRET_ID";
        let texts = [Some(&mut finding.what), finding.next.as_mut()];
        for text in texts.into_iter().flatten() {
            *text = text.replace(secret, "CXONE_CREDENTIALS");
        }
        finding
    };
    let has_credentials = read.is_set("CXONE_CREDENTIALS");
    match read.build(|| Some((profile, credentials))) {
        Err(error) => vec![fail(
            error.to_string(),
            "correct it; shared/src/cxone/profile/v2.json has every name".to_owned(),
        )],
        Ok(_) if !has_credentials => vec![fail(
            "CXONE_PROFILE is set, and no credentials".to_owned(),
            CREDENTIALS.to_owned(),
        )],
        Ok((profile, credentials)) => match profile.map_or_else(Profile::v2, Ok) {
            Ok(profile) => {
                let credentials = SecretString::from(credentials.unwrap_or_default());
                let found = Box::pin(try_out(Checkup::new(profile, credentials, pace()))).await;
                found.into_iter().map(here).collect()
            }
            Err(flaw) => vec![fail(flaw.to_string(), "report this".to_owned())],
        },
    }
}

/// The tenant of a deployment: where its functions look for it, and what they show there.
pub(super) async fn check_deployed(profile: &str, credentials: SecretString) -> Vec<Finding> {
    if profile.starts_with('@') {
        let what =
            "CXONE_PROFILE lies in a file inside the functions, so that the tenant was not tried";
        let next = "try it from here: CXONE_PROFILE=@tenant.json CXONE_CREDENTIALS=@credentials.json cargo local doctor";
        return vec![warn(what, next).meaning("nobody knows whether CXone lets us in")];
    }
    match profile.parse::<Profile>() {
        Ok(profile) => {
            let checkup = Checkup::new(profile, credentials, pace());
            Box::pin(try_out(checkup)).await
        }
        Err(flaw) => vec![
            fail(format!("CXONE_PROFILE {flaw}"), "correct the parameter CxoneProfile and deploy; shared/src/cxone/profile/v2.json has every name")
                .meaning("no function that calls CXone starts"),
        ],
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
    if findings.first().is_some_and(Finding::is_fine) {
        findings.push(articles(&checkup).await);
    }
    findings
}

/// A function whose part of the tenant lets nobody in does not start, or does nothing. Data actions are called by no function.
async fn token(checkup: &Checkup, capability: Capability) -> Finding {
    let name = capability.as_str();
    let worse = |what: String, next: String| match capability {
        Capability::DataActions => warn(what, next).meaning(follows(capability)),
        _ => fail(what, next).meaning(follows(capability)),
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
            fine(format!("{name}: gives us a token; listens to {stream}"))
        }
        Ok(()) => fine(format!("{name}: gives us a token")),
        Err(error) => {
            let (what, advice) = explain(&error);
            worse(format!("{name}: {what}"), advice)
        }
    }
}

/// What does not work without it.
fn follows(capability: Capability) -> &'static str {
    match capability {
        Capability::Knowledge => "no article is read, and search finds none that is new",
        Capability::Assist => "agents see no cards, and nobody listens to interactions",
        Capability::Ranking => "orders of snippets are not shown to agents",
        Capability::DataActions => "nothing yet: only this command asks for this token",
        Capability::Transcripts => "transcripts wait, and are not put into CXone",
    }
}

async fn articles(checkup: &Checkup) -> Finding {
    let means = follows(Capability::Knowledge);
    match checkup.articles(PAGE, soon()).await {
        Ok(page) if page.articles.is_empty() && page.flaws.is_empty() => warn(
            "knowledge: there are no articles",
            "publish some, or give the client a role that may read them",
        )
        .meaning(means),
        Ok(page) if page.flaws.is_empty() => fine(format!(
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
            fail(what, advice).meaning(means)
        }
        Err(error) => {
            let (what, advice) = explain(&error);
            fail(format!("knowledge: {what}"), advice).meaning(means)
        }
    }
}

fn soon() -> Instant {
    Instant::now() + PATIENCE
}

/// What happened, and what to change. The errors of `shared::cxone` say both, with a semicolon between.
fn explain(error: &Error) -> (String, String) {
    let chain = error.chain();
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
