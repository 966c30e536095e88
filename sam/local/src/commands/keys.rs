//! `cargo local keys`: API keys in Secrets Manager, the local one or a real one.

use std::process::ExitCode;

use aws_sdk_secretsmanager::Client;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use shared::auth::{ApiKeys, Scope};

use super::place::Place;
use super::status::is_of_tests;
use crate::cli::{self, Keys};
use crate::console::table;
use crate::failure::{Failure, OrFail as _};
use crate::stack::aws;
use crate::stack::secrets::{OWN_KEY, Secrets};
use crate::workspace::{DEVELOPMENT, Workspace};

pub(super) async fn run(workspace: &Workspace, keys: Keys) -> Result<ExitCode, Failure> {
    match keys {
        Keys::New {
            id,
            scopes,
            days,
            place,
        } => {
            let store = Store::open(workspace, place).await?;
            make(workspace, &store, &id, read_scopes(&scopes)?, days).await?;
        }
        Keys::Revoke { id, place } => {
            let store = Store::open(workspace, place).await?;
            let mut keys = store.read().await?;
            if store.is_local && id == OWN_KEY {
                let advice = "revoke another; `cargo local reset` makes all keys anew";
                return Err(Failure::new("the local stack itself uses this key", advice));
            }
            if !keys.revoke(&id) {
                let what = format!("there is no key {id}");
                return Err(Failure::new(what, "see them: cargo local keys list"));
            }
            store.write(workspace, &keys).await?;
            say!("Revoked {id}.");
        }
        Keys::List { place } => list(&Store::open(workspace, place).await?.read().await?),
    }
    Ok(ExitCode::SUCCESS)
}

/// The key goes to standard output, so that a script can take it; what to do with it to standard error.
async fn make(
    workspace: &Workspace,
    store: &Store,
    id: &str,
    scopes: Vec<Scope>,
    days: i64,
) -> Result<(), Failure> {
    let mut keys = store.read().await?;
    let expires = Timestamp::now() + SignedDuration::from_hours(24 * days);
    let issued = keys.issue(id, rand::random(), scopes, expires);
    let advice = "choose another --id, or revoke that one first";
    let key = issued.or_fail(format!("cannot make the key {id}"), advice)?;
    store.write(workspace, &keys).await?;
    say!("{key}");
    complain!("This is the key, shown once. Send it as `x-api-key`. It expires on {expires:.0}.");
    Ok(())
}

fn list(keys: &ApiKeys) {
    let scopes = |scopes: &[Scope]| {
        scopes
            .iter()
            .map(|scope| scope.as_str())
            .collect::<Vec<_>>()
            .join(",")
    };
    let row = |key: &shared::auth::api_keys::StoredKey| {
        format!("until {:.0}  {}", key.expires, scopes(&key.scopes))
    };
    let rows: Vec<_> = keys
        .keys
        .iter()
        .map(|key| (key.id.as_str(), row(key)))
        .collect();
    table(&rows);
    for problem in keys.problems() {
        complain!("{problem}: it lets nobody in. Mend the secret, or revoke it by its id.");
    }
}

fn read_scopes(texts: &[String]) -> Result<Vec<Scope>, Failure> {
    if texts == ["all"] {
        return Ok(Scope::ALL.to_vec());
    }
    let read = |text: &String| {
        let scope = text.trim().parse::<Scope>();
        scope.map_err(|why| {
            Failure::new(
                format!("{text} {why}"),
                "give --scopes a comma-separated list, or all",
            )
        })
    };
    texts.iter().map(read).collect()
}

/// The secret that holds the keys.
struct Store {
    client: Client,
    secret: String,
    is_local: bool,
}

impl Store {
    async fn open(workspace: &Workspace, place: cli::Place) -> Result<Self, Failure> {
        let config = Place::choose(workspace, place.aws)?.sdk().await;
        let own = aws::secret_id("api-keys");
        let secret = place.secret_id.unwrap_or_else(|| own.clone());
        // Only the stack's own keys are remembered beside it.
        let is_ours = !place.aws && secret == own && !is_of_tests();
        Ok(Self {
            client: Client::new(&config),
            secret,
            is_local: is_ours,
        })
    }

    async fn read(&self) -> Result<ApiKeys, Failure> {
        let what = || format!("cannot read the secret {}", self.secret);
        let answer = self
            .client
            .get_secret_value()
            .secret_id(&self.secret)
            .send()
            .await;
        let answer = answer.map_err(aws_sdk_secretsmanager::error::SdkError::into_service_error);
        let answer = answer.or_fail(
            what(),
            "check --secret-id, the region and your rights to read it",
        )?;
        let text = SecretString::from(answer.secret_string().unwrap_or_default());
        ApiKeys::read(&text).or_fail(what(), "mend the secret, or put {\"keys\": []} into it")
    }

    async fn write(&self, workspace: &Workspace, keys: &ApiKeys) -> Result<(), Failure> {
        let text = serde_json::to_string(keys)
            .or_fail("cannot write the keys", "report this; it should not happen")?;
        let answer = self
            .client
            .put_secret_value()
            .secret_id(&self.secret)
            .secret_string(text)
            .send()
            .await;
        let answer = answer.map_err(aws_sdk_secretsmanager::error::SdkError::into_service_error);
        answer.or_fail(
            format!("cannot write the secret {}", self.secret),
            "check your rights to write it",
        )?;
        if self.is_local {
            Secrets::keep_api_keys(workspace, DEVELOPMENT, keys)?;
        }
        Ok(())
    }
}
