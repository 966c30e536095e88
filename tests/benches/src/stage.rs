//! What both sides of a bench meet: one double over TLS, one queue, one secret, one trust store, one environment.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command as Blocking;

use aws_double::{AwsDouble, Options};
use end_to_end::Function;
use reqwest::{Certificate, Client};
use serde_json::{Value, json};
use shared::testing;
use tokio::process::Command;

use crate::bench::Outcome;
use crate::requests::KEY;
use crate::{bare_function, peer};

/// The name of the queue.
pub(crate) const QUEUE: &str = "conversations";
const SECRET: &str = "webhook-keys";
/// Where systems keep the authorities that they trust.
const BUNDLES: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The function as it is released.
    Ours,
    /// The Python handler.
    Peer,
    /// A function that does nothing but answer.
    Bare,
}

/// The world around the functions.
pub(crate) struct Stage {
    /// Everything AWS.
    pub(crate) double: AwsDouble,
    /// A client that is nothing but HTTP over TLS, connections kept open.
    pub(crate) client: Client,
    /// How many authorities the trust store of both sides holds: reading them is part of a start.
    pub(crate) authorities: usize,
    /// The queue, as the functions know it.
    pub(crate) queue_url: String,
    released: PathBuf,
    python: PathBuf,
    python_path: String,
    trust: PathBuf,
    log: File,
}

impl Stage {
    /// Builds the function, installs the peer, starts the double.
    pub(crate) async fn set() -> Outcome<Self> {
        let (folder, python) = (folder()?, peer::python()?);
        let packages = peer::packages(&python)?;
        let double = AwsDouble::start(Options {
            tls: true,
            ..Options::default()
        })?;
        let authority = double.ca_pem().unwrap_or_default();
        let trust = folder.join("trust.pem");
        let bundle = format!("{}\n{authority}", system_bundle());
        fs::write(&trust, &bundle)?;
        let authority = Certificate::from_pem(authority.as_bytes())?;
        let client = Client::builder().tls_certs_only([authority]).build()?;
        let mut stage = Self {
            released: released("data-action-webhook")?,
            python: python.path,
            python_path: format!("{}:{}", packages.display(), peer::handlers().display()),
            queue_url: String::new(),
            log: File::create(folder.join("functions.log"))?,
            authorities: bundle.matches("BEGIN CERTIFICATE").count(),
            trust,
            client,
            double,
        };
        stage.furnish().await?;
        Ok(stage)
    }

    async fn furnish(&mut self) -> Outcome<()> {
        let keys = json!({ "standard-webhooks": [KEY] }).to_string();
        let secret = json!({ "Name": SECRET, "SecretString": keys, "ClientRequestToken": "bench-0123456789-0123456789-0123" });
        self.call("secretsmanager.CreateSecret", &secret).await?;
        let queue = json!({ "QueueName": QUEUE });
        let queue = self.call("AmazonSQS.CreateQueue", &queue).await?;
        let url = queue["QueueUrl"].as_str();
        url.ok_or("no queue was made")?
            .clone_into(&mut self.queue_url);
        Ok(())
    }

    /// One call of an AWS operation; nothing is signed, because the double checks no signature.
    pub(crate) async fn call(&self, operation: &str, request: &Value) -> Outcome<Value> {
        let body = request.to_string();
        let answer = post(&self.client, &self.double.endpoint(), operation, body).await?;
        Ok(serde_json::from_slice(&answer)?)
    }

    /// Starts a function.
    pub(crate) async fn spawn(&self, side: Side) -> Outcome<Function> {
        let mut command = match side {
            Side::Ours => Command::new(&self.released),
            Side::Bare => bare_function::command()?,
            Side::Peer => {
                let mut command = Command::new(&self.python);
                command.args(["-m", "awslambdaric", "webhook.handler"]);
                command
            }
        };
        self.aws(command.env_clear())
            .env("CONVERSATIONS_QUEUE_URL", &self.queue_url)
            .env("WEBHOOK_KEYS_SECRET_ID", SECRET)
            .env("PYTHONPATH", &self.python_path);
        Ok(Function::spawn(command, &self.log).await?)
    }

    /// Tells a function where AWS is.
    pub(crate) fn aws<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("AWS_ENDPOINT_URL", self.double.endpoint())
            .env("AWS_REGION", "us-east-1")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "bench")
            .env("AWS_SECRET_ACCESS_KEY", "bench")
            .env("SSL_CERT_FILE", &self.trust)
            .env("AWS_CA_BUNDLE", &self.trust)
    }
}

/// An environment of a function as it is released, with its AWS at this endpoint.
pub(crate) fn environment(program: impl AsRef<OsStr>, endpoint: String) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "bench")
        .env("AWS_SECRET_ACCESS_KEY", "bench");
    command
}

/// Posts one call, and reads the whole answer.
pub(crate) async fn post(
    client: &Client,
    endpoint: &str,
    operation: &str,
    body: String,
) -> Outcome<Vec<u8>> {
    let request = client.post(endpoint).header("x-amz-target", operation);
    let answer = request.body(body).send().await?;
    let (status, answer) = (answer.status(), answer.bytes().await?);
    if status.is_success() {
        Ok(answer.into())
    } else {
        let why = String::from_utf8_lossy(&answer);
        Err(format!("{operation} answered {status}: {why}").into())
    }
}

/// The workspace.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// Where benches keep their things.
pub(crate) fn folder() -> Outcome<PathBuf> {
    let folder = root().join("target/bench");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// What this system trusts, or nothing: then the double is the only authority.
fn system_bundle() -> String {
    let set = testing::setting("SSL_CERT_FILE");
    let paths = set.into_iter().chain(BUNDLES.map(str::to_owned));
    let mut texts = paths.filter_map(|path| fs::read_to_string(path).ok());
    texts.next().unwrap_or_default()
}

/// A function, built as it is released: alone, so that it carries no feature that only another crate asks for.
pub(crate) fn released(package: &str) -> Outcome<PathBuf> {
    if cfg!(debug_assertions) {
        // Nobody measures without optimisation; somebody wants to see that the bench runs.
        return Ok(end_to_end::binary(package)?);
    }
    let target = root().join("target/release-bench");
    let cargo = testing::setting("CARGO").unwrap_or_else(|| "cargo".to_owned());
    let status = Blocking::new(cargo)
        .current_dir(root())
        .args(["build", "--quiet", "--release", "--package", package])
        .arg("--target-dir")
        .arg(&target)
        .status()?;
    if status.success() {
        Ok(target.join("release").join(package))
    } else {
        Err(format!("{package} does not build; cargo says why above").into())
    }
}
