//! A tenant of CXone: that of a deployment, or one that the environment names by `CXONE_PROFILE` and `CXONE_CREDENTIALS`, each JSON, or
//! `@` and a path.

use std::num::NonZeroU32;
use std::time::Duration;

use secrecy::SecretString;
use shared::config::Env;
use shared::cxone::profile::{Capability, Profile};
use shared::cxone::{Checkup, Rights};
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
                let checkup = Checkup::new(profile, credentials, pace());
                let found = Box::pin(try_out(checkup, true)).await;
                found.into_iter().map(here).collect()
            }
            Err(flaw) => vec![fail(flaw.to_string(), "report this".to_owned())],
        },
    }
}

/// The tenant of a deployment: where its functions look for it, and what they show there.
pub(super) async fn check_deployed(
    profile: &str,
    credentials: SecretString,
    listens: bool,
) -> Vec<Finding> {
    if profile.starts_with('@') {
        let what =
            "CXONE_PROFILE lies in a file inside the functions, so that the tenant was not tried";
        let next = "try it from here: CXONE_PROFILE=@tenant.json CXONE_CREDENTIALS=@credentials.json cargo local doctor";
        return vec![warn(what, next).meaning("nobody knows whether CXone lets us in")];
    }
    match profile.parse::<Profile>() {
        Ok(profile) => {
            let checkup = Checkup::new(profile, credentials, pace());
            Box::pin(try_out(checkup, listens)).await
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

/// `listens` is whether anybody listens to live interactions there.
async fn try_out(checkup: Checkup, listens: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for capability in Capability::ALL {
        findings.push(token(&checkup, capability, listens).await);
    }
    if findings.first().is_some_and(Finding::is_fine) {
        findings.push(articles(&checkup).await);
    }
    findings
}

/// A function whose part of the tenant lets nobody in does not start, or does nothing. Data actions are called by no function; and who
/// leaves ranking out of the profile, or does not listen, does without.
async fn token(checkup: &Checkup, capability: Capability, listens: bool) -> Finding {
    let name = capability.as_str();
    let lack = checkup.lacks(capability);
    let is_wanted = match capability {
        Capability::DataActions => false,
        Capability::Assist => listens,
        Capability::Ranking => lack.is_none(),
        Capability::Knowledge | Capability::Transcripts => true,
    };
    let worse = |what: String, next: String| {
        let finding = if is_wanted {
            fail(what, next)
        } else {
            warn(what, next)
        };
        finding.meaning(follows(capability))
    };
    if let Some(lack) = lack {
        return worse(
            format!("{name}: CXONE_PROFILE does not say where it is"),
            lack,
        );
    }
    match checkup.token(capability, soon()).await {
        Ok(Rights::Narrowed(missing)) => {
            let missing = missing.join(", ");
            let next = format!(
                "give the client {missing} in CXone, or take what it need not have out of endpoints.{name}.scopes in CXONE_PROFILE"
            );
            warn(
                format!("{name}: gives us a token without the scopes {missing}"),
                next,
            )
            .meaning(follows(capability))
        }
        Ok(rights) => {
            let rights = match rights {
                Rights::AsAsked => "with the scopes that it was asked for",
                _ => "and does not say with which scopes; what it allows was not tried",
            };
            let heard = match (capability, checkup.dialect()) {
                (Capability::Assist, Dialect::Frames) => "; listens to the stream of v2",
                (Capability::Assist, Dialect::Notices) => "; listens to NICE's notification socket",
                _ => "",
            };
            fine(format!("{name}: gives us a token {rights}{heard}"))
        }
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
        Capability::Ranking => "orders of snippets are refused, or not shown to agents",
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
mod tests;
