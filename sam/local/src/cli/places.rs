//! Flags that say where a command works, and with which key.

use clap::Args;

/// Which webhook, and who vouches for what is sent there.
#[derive(Debug, Args)]
pub struct Webhook {
    /// The route of a deployed webhook, instead of the running local stack
    #[arg(long, requires = "key")]
    pub url: Option<String>,
    /// Name of the environment variable that holds the key (whsec_…)
    #[arg(long, value_name = "NAME", requires = "url", group = "key")]
    pub key_env: Option<String>,
    /// Read the key from Secrets Manager in the AWS account of your environment (profile, region)
    #[arg(long, requires_all = ["url", "secret_id"], group = "key")]
    pub aws: bool,
    /// Name or ARN of the secret that the webhook reads its keys from
    #[arg(long, value_name = "ID", requires = "aws")]
    pub secret_id: Option<String>,
}

/// Which HTTP functions, and with which key.
#[derive(Debug, Args)]
pub struct Api {
    /// The address of a deployed API (https://…), instead of the running local stack
    #[arg(long, requires = "key_env")]
    pub url: Option<String>,
    /// Name of the environment variable that holds an API key
    #[arg(long, value_name = "NAME", requires = "url")]
    pub key_env: Option<String>,
}

/// Whose functions are invoked.
#[derive(Debug, Args)]
pub struct Account {
    /// Use the AWS account of your environment (profile, region) instead of the running local stack
    #[arg(long)]
    pub aws: bool,
    /// The stack that the functions were deployed as
    #[arg(
        long,
        value_name = "NAME",
        default_value = "cxone-memory",
        requires = "aws"
    )]
    pub stack: String,
}
