//! Secrets Manager: which operation does what to the secrets.

mod secret;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::{ApiError, Reply};
use crate::http::{Caller, exchange};
use crate::secrets::secret::{Content, Secret, now};

/// All secrets, by name.
#[derive(Default)]
pub(crate) struct Secrets {
    secrets: BTreeMap<String, Secret>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Create {
    name: String,
    description: Option<String>,
    client_request_token: Option<String>,
    #[serde(flatten)]
    content: Content,
}

/// `PutSecretValue` and `UpdateSecret`, and what only one of them has.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    secret_id: String,
    description: Option<String>,
    client_request_token: Option<String>,
    #[serde(flatten)]
    content: Content,
    version_stages: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Get {
    secret_id: String,
    version_id: Option<String>,
    version_stage: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Delete {
    secret_id: String,
    recovery_window_in_days: Option<u32>,
    #[serde(default)]
    force_delete_without_recovery: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct List {
    #[serde(default)]
    filters: Vec<Filter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    key: String,
    values: Vec<String>,
}

/// Answers one request.
pub(crate) fn answer(
    secrets: &mut Secrets,
    operation: &str,
    body: &[u8],
    caller: &Caller,
) -> Reply {
    match operation {
        "CreateSecret" => exchange(body, |request| secrets.create(request, caller)),
        "GetSecretValue" => exchange(body, |request: Get| secrets.get(&request)),
        "PutSecretValue" => exchange(body, |request| secrets.put(request)),
        "UpdateSecret" => exchange(body, |request| secrets.update(request)),
        "DescribeSecret" => exchange(body, |request: Get| {
            secrets.find(&request.secret_id).map(|s| s.describe())
        }),
        "ListSecrets" => exchange(body, |request: List| Ok(secrets.list(&request))),
        "DeleteSecret" => exchange(body, |request: Delete| secrets.delete(&request)),
        unknown => {
            let message = format!("The double doesn't know the operation {unknown}.");
            Err(ApiError::secrets("UnknownOperationException", message))
        }
    }
}

impl Secrets {
    /// Finds a secret by its name, its ARN, or its ARN without the random end.
    fn find(&mut self, id: &str) -> Result<&mut Secret, ApiError> {
        let secret = if id.starts_with("arn:") {
            self.secrets.values_mut().find(|s| s.has_arn(id))
        } else {
            self.secrets.get_mut(id)
        };
        secret.ok_or_else(|| not_found("Secrets Manager can't find the specified secret."))
    }

    /// Finds a secret that isn't marked for deletion.
    fn find_alive(&mut self, id: &str) -> Result<&mut Secret, ApiError> {
        let secret = self.find(id)?;
        if secret.deleted.is_some() {
            return Err(ApiError::secrets(
                "InvalidRequestException",
                "You can't perform this operation on the secret because it was marked for deletion.",
            ));
        }
        Ok(secret)
    }

    fn create(&mut self, request: Create, caller: &Caller) -> Result<Value, ApiError> {
        let version = request.client_request_token.unwrap_or_else(random_id);
        if let Some(secret) = self.secrets.get_mut(&request.name) {
            // The same request once more, after an answer that was lost, succeeds.
            if secret.has(&version, &request.content) {
                return Ok(secret.short(Some(&version)));
            }
            let message = format!(
                "The operation failed because the secret {} already exists.",
                request.name
            );
            return Err(ApiError::secrets("ResourceExistsException", message));
        }
        let mut secret = Secret::new(&request.name, &caller.region, request.description);
        let stored = request.content.is_some();
        if stored {
            secret.put(version.clone(), request.content, current())?;
        }
        let answer = secret.short(stored.then_some(&version));
        self.secrets.insert(request.name, secret);
        Ok(answer)
    }

    fn get(&mut self, request: &Get) -> Result<Value, ApiError> {
        let secret = self.find_alive(&request.secret_id)?;
        let id = request.version_id.as_deref();
        secret.value(id, request.version_stage.as_deref())
    }

    fn put(&mut self, request: Change) -> Result<Value, ApiError> {
        let secret = self.find_alive(&request.secret_id)?;
        let version = request.client_request_token.unwrap_or_else(random_id);
        let stages = request.version_stages.unwrap_or_else(current);
        secret.put(version.clone(), request.content, stages.clone())?;
        let mut answer = secret.short(Some(&version));
        answer["VersionStages"] = json!(stages);
        Ok(answer)
    }

    fn update(&mut self, request: Change) -> Result<Value, ApiError> {
        let secret = self.find_alive(&request.secret_id)?;
        if request.description.is_some() {
            secret.description = request.description;
            secret.changed = now();
        }
        if !request.content.is_some() {
            return Ok(secret.short(None));
        }
        let version = request.client_request_token.unwrap_or_else(random_id);
        secret.put(version.clone(), request.content, current())?;
        Ok(secret.short(Some(&version)))
    }

    fn list(&self, request: &List) -> Value {
        let prefixes: Vec<_> = request
            .filters
            .iter()
            .filter(|filter| filter.key == "name")
            .map(|filter| &filter.values)
            .collect();
        let wanted = |secret: &&Secret| {
            let matches = |values: &&Vec<String>| values.iter().any(|v| secret.name.starts_with(v));
            secret.deleted.is_none() && prefixes.iter().all(matches)
        };
        let listed = self.secrets.values().filter(wanted);
        json!({ "SecretList": listed.map(Secret::describe).collect::<Vec<_>>() })
    }

    /// Without force, a secret is only marked, and its name stays taken.
    fn delete(&mut self, request: &Delete) -> Result<Value, ApiError> {
        if request.force_delete_without_recovery {
            let secret = self.find(&request.secret_id)?;
            let mut answer = secret.short(None);
            answer["DeletionDate"] = json!(now());
            let name = secret.name.clone();
            self.secrets.remove(&name);
            return Ok(answer);
        }
        let secret = self.find_alive(&request.secret_id)?;
        let days = request.recovery_window_in_days.unwrap_or(30);
        let date = now() + f64::from(days) * 86_400.0;
        secret.deleted = Some(date);
        let mut answer = secret.short(None);
        answer["DeletionDate"] = json!(date);
        Ok(answer)
    }
}

/// A secret or a version that isn't there.
fn not_found(message: impl Into<String>) -> ApiError {
    ApiError::secrets("ResourceNotFoundException", message)
}

fn random_id() -> String {
    Uuid::new_v4().to_string()
}

fn current() -> Vec<String> {
    vec!["AWSCURRENT".to_owned()]
}
