//! The functions: built, then served by `cargo lambda watch` on their production routes.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::aws::{self, queue_url, secret_id};
use super::ports::Ports;
use super::service::Service;
use super::wheels::Wheels;
use crate::event_sources::{Invoker, Outcome};
use crate::failure::{Failure, OrFail as _};
use crate::template::{Function, Template, Variable};
use crate::workspace::{Workspace, forget_cargo};

/// How long a function may take to give its first answer.
const FIRST_ANSWER: Duration = Duration::from_mins(2);

/// Builds every binary; cargo shows its own progress.
pub async fn build(workspace: &Workspace) -> Result<(), Failure> {
    let mut command = workspace.cargo();
    command.args(["build", "--workspace", "--bins"]);
    let advice = "mend what the compiler says; without a C compiler, `cargo local doctor` says so";
    let mut command = tokio::process::Command::from(command);
    let status = command
        .kill_on_drop(true)
        .status()
        .await
        .or_fail("cannot run cargo", advice)?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new("the workspace does not build", advice))
    }
}

/// The environment of all functions: what the template gives them, and what is different on this machine.
pub fn environment(
    template: &Template,
    ports: Ports,
    database_url: &str,
    model: &Path,
) -> BTreeMap<String, String> {
    let endpoint = format!("http://127.0.0.1:{}", ports.sqs);
    let simulator = format!("http://127.0.0.1:{}", ports.simulator);
    let profile = tenant(&simulator);
    let model = model.to_string_lossy();
    let value = |variable: &Variable| match variable {
        Variable::Queue(name) => queue_url(&endpoint, name),
        Variable::Secret(name) => secret_id(name),
        Variable::Text(text) => text.clone(),
    };
    let given = template
        .variables()
        .map(|(name, one)| (name.clone(), value(one)));
    let local = [
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_REGION", aws::REGION),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("WEBHOOK_SCHEMES", r#"["standard-webhooks","bearer"]"#),
        ("WEBHOOK_KEYS_SECRET_ID", "cxone-memory/webhook-keys"),
        ("API_KEYS_SECRET_ID", "cxone-memory/api-keys"),
        ("KEYS_TTL_SECONDS", "5"), // So that `keys new` is felt at once.
        ("DATABASE_URL", database_url),
        ("DATABASE_SECRET_ID", ""), // The URL is used instead.
        ("CXONE_PROFILE", &profile),
        ("EMBEDDING_PROVIDER", "local"), // A real model; the paid provider is only simulated.
        ("EMBEDDING_BASE_URL", &simulator),
        ("LOCAL_MODEL_DIR", &model),
    ];
    let local = local.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let all = given.chain(local).collect::<BTreeMap<_, _>>();
    all.into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

/// The simulator as a tenant, for `CXONE_PROFILE`. Its stream says who speaks, where somebody does.
fn tenant(simulator: &str) -> String {
    let token = serde_json::json!({ "url": format!("{simulator}/as/token.oauth2") });
    let stream = serde_json::json!({ "fields": { "speaker": "speaker" } });
    serde_json::json!({ "base_url": simulator, "token": token, "stream": stream }).to_string()
}

/// Serves the functions. Without `--ignore-changes`: with it, a function that crashed never comes back.
pub fn watch(
    workspace: &Workspace,
    stack: &str,
    wheels: &Wheels,
    environment: BTreeMap<String, String>,
    flags: &Flags,
) -> Result<Service, Failure> {
    let mut command = Command::new(wheels.cargo_lambda());
    forget_cargo(&mut command);
    command.args([
        "lambda",
        "watch",
        "--invoke-address",
        "127.0.0.1",
        "--invoke-port",
        &flags.port.to_string(),
    ]);
    command.args([
        "--timeout",
        &flags.timeout.as_secs().to_string(),
        "--concurrency",
        &flags.concurrency.to_string(),
    ]);
    command.arg("--config").arg(runner(workspace));
    command
        .current_dir(workspace.root())
        .env_remove("AWS_PROFILE")
        .env_remove("AWS_SESSION_TOKEN")
        .envs(environment);
    Service::start("functions", command, &workspace.stack(stack), Signal::TERM)
}

/// Makes `cargo run` start functions inside our sandbox.
fn runner(workspace: &Workspace) -> String {
    let runner = serde_json::json!([workspace.binary("local"), "sandbox"]);
    format!("target.'cfg(all())'.runner={runner}")
}

/// How the functions are served.
#[derive(Debug, Clone, Copy)]
pub struct Flags {
    /// Where.
    pub port: u16,
    /// How long a caller waits for an answer.
    pub timeout: Duration,
    /// Instances of one function, at most.
    pub concurrency: u16,
}

impl Flags {
    /// Long enough for every function that somebody waits for.
    pub fn of(template: &Template, ports: Ports, concurrency: u16) -> Self {
        let waited_for = template
            .functions
            .iter()
            .filter(|function| !function.triggers.is_empty());
        let longest = waited_for
            .map(|function| function.timeout)
            .max()
            .unwrap_or_default();
        Self {
            port: ports.http,
            timeout: longest.max(Duration::from_secs(25)) + Duration::from_secs(5),
            concurrency,
        }
    }
}

/// Invokes the migrator as a deploy would; says what it answered. While it cannot be reached or does not answer, another cargo may
/// hold the build directory, so it is tried again.
pub async fn migrate(invoker: &Invoker) -> Result<String, String> {
    let since = Instant::now();
    loop {
        match invoker.invoke("schema-migrator", "{}".to_owned()).await {
            Outcome::Answer(answer) => return Ok(describe(&answer)),
            Outcome::Failed(why) if why.contains("error") || since.elapsed() > FIRST_ANSWER => {
                return Err(why);
            }
            Outcome::Failed(_) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}

fn describe(answer: &[u8]) -> String {
    let answer: serde_json::Value = serde_json::from_slice(answer).unwrap_or_default();
    match (&answer["to"], answer["applied"].as_array()) {
        (to, Some(applied)) => format!("version {to}, {} applied now", applied.len()),
        _ => "done".to_owned(),
    }
}

/// Makes a function answer once, so that the next call finds it warm; says what is wrong with it, if anything.
pub async fn warm(function: &Function, base: &str, invoker: &Invoker) -> Result<(), String> {
    if let Some(path) = function.health_path() {
        return healthy(&format!("{base}{path}")).await;
    }
    if function.mapping().is_none() {
        return Ok(());
    }
    match invoker
        .invoke(&function.name, r#"{"Records":[]}"#.to_owned())
        .await
    {
        Outcome::Answer(_) => Ok(()),
        Outcome::Failed(why) => Err(why),
    }
}

/// Twice: once cold, once warm, which must be well and quick.
async fn healthy(url: &str) -> Result<(), String> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(FIRST_ANSWER)
        .build()
        .map_err(|error| error.to_string())?;
    client
        .get(url)
        .send()
        .await
        .map_err(|error| error.to_string())?;
    let response = client
        .get(url)
        .send()
        .await
        .map_err(|error| error.to_string())?;
    match response.status() {
        status if status.is_success() => Ok(()),
        status => Err(format!(
            "{url} answers {status}: {}",
            response.text().await.unwrap_or_default()
        )),
    }
}
