//! One secret, its versions and the stages that point to them.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::not_found;
use crate::error::ApiError;
use crate::sqs::ACCOUNT;

/// What a version holds: text, or bytes in base64.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Content {
    secret_string: Option<String>,
    secret_binary: Option<String>,
}

pub(crate) struct Secret {
    pub(crate) name: String,
    arn: String,
    pub(crate) description: Option<String>,
    created: f64,
    pub(crate) changed: f64,
    /// When it will be gone, once it was marked for deletion.
    pub(crate) deleted: Option<f64>,
    versions: BTreeMap<String, Version>,
}

struct Version {
    content: Content,
    stages: Vec<String>,
    created: f64,
}

impl Content {
    pub(crate) fn is_some(&self) -> bool {
        self.secret_string.is_some() || self.secret_binary.is_some()
    }
}

impl Secret {
    pub(crate) fn new(name: &str, region: &str, description: Option<String>) -> Self {
        let random = Uuid::new_v4().simple().to_string();
        let end = &random[..6];
        Self {
            name: name.to_owned(),
            arn: format!("arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:{name}-{end}"),
            description,
            created: now(),
            changed: now(),
            deleted: None,
            versions: BTreeMap::new(),
        }
    }

    /// Whether this is its ARN, with or without the random end.
    pub(crate) fn has_arn(&self, arn: &str) -> bool {
        let (stem, _) = self.arn.rsplit_once('-').unwrap_or((&self.arn, ""));
        self.arn == arn || stem == arn
    }

    /// Whether this version is there with this content.
    pub(crate) fn has(&self, version: &str, content: &Content) -> bool {
        let version = self.versions.get(version);
        version.is_some_and(|version| version.content == *content)
    }

    /// Adds a version. The stages move to it; what was current becomes previous.
    pub(crate) fn put(
        &mut self,
        id: String,
        content: Content,
        mut stages: Vec<String>,
    ) -> Result<(), ApiError> {
        if self.has(&id, &content) {
            return Ok(());
        }
        if self.versions.contains_key(&id) {
            let message = format!(
                "You can't use ClientRequestToken {id} because that value is already in use for a version of secret {}.",
                self.arn
            );
            return Err(ApiError::secrets("ResourceExistsException", message));
        }
        if self.versions.is_empty() && !stages.iter().any(|stage| stage == "AWSCURRENT") {
            stages.push("AWSCURRENT".to_owned());
        }
        for stage in &stages {
            let holder = self.take_stage(stage);
            if let Some(holder) = holder.filter(|_| stage == "AWSCURRENT") {
                self.take_stage("AWSPREVIOUS");
                if let Some(version) = self.versions.get_mut(&holder) {
                    version.stages.push("AWSPREVIOUS".to_owned());
                }
            }
        }
        let version = Version {
            content,
            stages,
            created: now(),
        };
        self.versions.insert(id, version);
        self.changed = now();
        Ok(())
    }

    /// Takes a stage from the version that has it, and says which that was.
    fn take_stage(&mut self, stage: &str) -> Option<String> {
        let holds =
            |(_, version): &(&String, &mut Version)| version.stages.iter().any(|s| s == stage);
        let (id, version) = self.versions.iter_mut().find(holds)?;
        version.stages.retain(|held| held != stage);
        Some(id.clone())
    }

    /// The answer to `GetSecretValue`.
    pub(crate) fn value(&self, id: Option<&str>, stage: Option<&str>) -> Result<Value, ApiError> {
        let wanted_stage = stage.or(id.is_none().then_some("AWSCURRENT"));
        let wanted = |(held, version): &(&String, &Version)| {
            id.is_none_or(|id| id == *held)
                && wanted_stage.is_none_or(|stage| version.stages.iter().any(|s| s == stage))
        };
        let Some((id, version)) = self.versions.iter().find(wanted) else {
            return Err(not_found(match (id, wanted_stage) {
                (Some(id), _) => format!(
                    "Secrets Manager can't find the specified secret value for VersionId: {id}"
                ),
                (None, stage) => format!(
                    "Secrets Manager can't find the specified secret value for staging label: {}",
                    stage.unwrap_or_default()
                ),
            }));
        };
        let mut answer = self.short(Some(id));
        answer["VersionStages"] = json!(version.stages);
        answer["CreatedDate"] = json!(version.created);
        if let Some(text) = &version.content.secret_string {
            answer["SecretString"] = json!(text);
        }
        if let Some(bytes) = &version.content.secret_binary {
            answer["SecretBinary"] = json!(bytes);
        }
        Ok(answer)
    }

    /// What every answer begins with.
    pub(crate) fn short(&self, version: Option<&String>) -> Value {
        let mut answer = json!({ "ARN": self.arn, "Name": self.name });
        if let Some(version) = version {
            answer["VersionId"] = json!(version);
        }
        answer
    }

    /// Everything but the values.
    pub(crate) fn describe(&self) -> Value {
        let versions = self.versions.iter();
        let stages: BTreeMap<_, _> = versions.map(|(id, v)| (id, &v.stages)).collect();
        let mut answer = self.short(None);
        answer["CreatedDate"] = json!(self.created);
        answer["LastChangedDate"] = json!(self.changed);
        answer["VersionIdsToStages"] = json!(stages);
        if let Some(description) = &self.description {
            answer["Description"] = json!(description);
        }
        if let Some(deleted) = self.deleted {
            answer["DeletedDate"] = json!(deleted);
        }
        answer
    }
}

/// Seconds since 1970, as Secrets Manager gives times.
pub(crate) fn now() -> f64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    elapsed.map_or(0.0, |elapsed| elapsed.as_secs_f64())
}
