//! Where anchors are kept: a secret of Secrets Manager, a version for each. Who writes Postgres need not be able to write there.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;

use super::Anchor;
use crate::error::Error;

/// The secret that holds the anchors.
#[derive(Debug, Clone)]
pub struct AnchorStore {
    client: Client,
    id: String,
}

impl AnchorStore {
    /// The secret with this name or ARN, which exists and holds `{}` at first.
    pub fn new(client: Client, id: impl Into<String>) -> Self {
        let id = id.into();
        Self { client, id }
    }

    /// The newest anchor, if there is one.
    pub async fn fetch(&self) -> Result<Option<Anchor>, Error> {
        let request = self.client.get_secret_value().secret_id(&self.id);
        let answer = request.send().await.map_err(|error| {
            let is_missing = matches!(
                error.as_service_error(),
                Some(GetSecretValueError::ResourceNotFoundException(_))
            );
            self.failed(error.into(), is_missing)
        })?;
        let text = answer.secret_string().unwrap_or_default();
        let wrong = |what| Error::misconfigured(format!("the secret {} {what}", self.id));
        Anchor::parse(text).map_err(wrong)
    }

    /// Keeps another one.
    pub async fn keep(&self, anchor: &Anchor) -> Result<(), Error> {
        let request = self.client.put_secret_value().secret_id(&self.id);
        let kept = request.secret_string(anchor.write()).send().await;
        let kept = kept.map_err(|error| {
            let missing = error.as_service_error();
            let is_missing = missing.is_some_and(|e| e.is_resource_not_found_exception());
            self.failed(error.into(), is_missing)
        });
        kept.map(drop)
    }

    fn failed(&self, source: crate::error::Source, is_missing: bool) -> Error {
        if is_missing {
            return Error::Misconfigured {
                what: format!(
                    "the secret {}, which holds the anchors of the audit, does not exist",
                    self.id
                ),
                source: Some(source),
            };
        }
        Error::transient("Secrets Manager", source)
    }
}
