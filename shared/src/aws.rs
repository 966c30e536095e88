//! The one way to reach AWS: timeouts and retries that fit inside a function's own deadline.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader};

pub use aws_config::SdkConfig;

/// Region, credentials and endpoint come from the environment, as the platform sets them. All clients that are built from
/// one value share its connections.
pub async fn config() -> SdkConfig {
    loader().load().await
}

/// The same timeouts and retries for everyone.
pub(crate) fn loader() -> ConfigLoader {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_millis(2_500))
        .operation_timeout(Duration::from_secs(8))
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(timeouts)
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(3)
                .with_initial_backoff(Duration::from_millis(100)),
        )
}

/// A client of SQS.
pub fn queue_client(config: &SdkConfig) -> aws_sdk_sqs::Client {
    aws_sdk_sqs::Client::new(config)
}

/// A client of Secrets Manager. A key that is slow to come must leave time for the work that needs it.
pub fn secrets_client(config: &SdkConfig) -> aws_sdk_secretsmanager::Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(1))
        .operation_timeout(Duration::from_secs(2))
        .build();
    let config = aws_sdk_secretsmanager::config::Builder::from(config).timeout_config(timeouts);
    aws_sdk_secretsmanager::Client::from_conf(config.build())
}
