//! What stands outside of a function, made to be what its settings say: the AWS of a test with its secrets, and a tenant.

use aws_sdk_sqs::config::{Credentials, Region};
use serde_json::{Value, json};

use crate::aws::{self, SdkConfig};

/// The credentials that the simulated tenant knows, as their secret holds them.
pub const CXONE_CLIENT: &str = r#"{"client_id":"local-client","client_secret":"local-secret"}"#;

/// The AWS of a test: this endpoint, and credentials that open nothing else.
pub async fn aws_at(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("test", "test", None, None, "test");
    let loader = aws::loader()
        .endpoint_url(endpoint)
        .region(Region::from_static("us-east-1"));
    loader.credentials_provider(credentials).load().await
}

/// Creates secrets: their names, and their texts.
///
/// # Panics
///
/// If one of them is there.
pub async fn create_secrets(sdk: &SdkConfig, secrets: &[(&str, &str)]) {
    for (name, text) in secrets {
        let secret = aws::secrets_client(sdk).create_secret().name(*name);
        let created = secret.secret_string(*text).send().await;
        created.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

/// The profile of the tenant that is simulated at this address.
pub fn profile(url: &str) -> Value {
    json!({ "base_url": url, "token": { "url": format!("{url}/oauth/token") } })
}
