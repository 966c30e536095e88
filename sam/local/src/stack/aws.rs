//! The local AWS: one account, one region, one endpoint.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::config::Credentials;
use aws_sdk_sqs::types::QueueAttributeName;

use crate::failure::{Failure, OrFail as _};
use crate::template::Template;

/// The only region.
pub const REGION: &str = "us-east-1";
/// The only account.
pub const ACCOUNT: &str = "123456789012";
/// What the names of secrets begin with.
pub const PREFIX: &str = "cxone-memory";

/// Access to the local AWS.
pub async fn config(endpoint: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .endpoint_url(endpoint)
        .credentials_provider(Credentials::new("test", "test", None, None, "cargo local"))
        .load()
        .await
}

/// Where a queue is.
pub fn queue_url(endpoint: &str, name: &str) -> String {
    format!("{endpoint}/{ACCOUNT}/{name}")
}

/// What a queue is called everywhere.
pub fn queue_arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
}

/// What a secret is called, given its name in the template.
pub fn secret_id(name: &str) -> String {
    format!("{PREFIX}/{name}")
}

/// Creates every queue of the template; those that exist are left as they are.
pub async fn create_queues(sqs: &aws_sdk_sqs::Client, template: &Template) -> Result<(), Failure> {
    for queue in &template.queues {
        let mut request = sqs.create_queue().queue_name(&queue.name);
        for (name, value) in &queue.attributes {
            request = request.attributes(QueueAttributeName::from(name.as_str()), value);
        }
        if let Some((target, count)) = &queue.dead_letters {
            let policy = serde_json::json!({"deadLetterTargetArn": queue_arn(target), "maxReceiveCount": count});
            request = request.attributes(QueueAttributeName::RedrivePolicy, policy.to_string());
        }
        let answer = request
            .send()
            .await
            .map_err(aws_sdk_sqs::error::SdkError::into_service_error);
        let advice = "mend the queue in sam/template.yaml; the log of moto says more";
        answer.or_fail(format!("cannot create the queue {}", queue.name), advice)?;
    }
    Ok(())
}

/// Writes a secret, new or not.
pub async fn put_secret(
    secrets: &aws_sdk_secretsmanager::Client,
    id: &str,
    value: &str,
) -> Result<(), Failure> {
    let created = secrets
        .create_secret()
        .name(id)
        .secret_string(value)
        .send()
        .await;
    let Err(error) = created else { return Ok(()) };
    let error = error.into_service_error();
    let advice = "`cargo local status` says where Secrets Manager should be; its log is moto.log";
    if !error.is_resource_exists_exception() {
        return Err(error).or_fail(format!("cannot create the secret {id}"), advice);
    }
    let put = secrets
        .put_secret_value()
        .secret_id(id)
        .secret_string(value)
        .send()
        .await;
    put.map_err(aws_sdk_secretsmanager::error::SdkError::into_service_error)
        .or_fail(format!("cannot write the secret {id}"), advice)?;
    Ok(())
}
