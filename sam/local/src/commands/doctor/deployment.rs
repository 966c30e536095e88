//! A deployment, looked at from outside: what is said of it follows from the template, as it was deployed with its parameters.
//!
//! Everything is only read. What asks somebody else (CXone, the embedding service, the webhook, the database through schema-migrator) asks
//! as the deployed functions would, with their settings and their keys.

mod alarms;
mod ask;
mod clocks;
mod database;
mod embedding;
mod functions;
mod queues;
mod refusals;
mod secrets;
mod stack;
mod webhook;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};

use self::ask::Trouble;
use self::functions::Deployed;
use self::secrets::Texts;
use self::stack::Stack;
use super::finding::{Finding, Line, Verdict, about, fail, warn};
use super::tenant;
use crate::cli;
use crate::commands::lambda::Lambda;
use crate::commands::signed::Signed;
use crate::console::Step;
use crate::failure::Failure;
use crate::template::Template;
use crate::workspace::Workspace;

/// Longer than this nobody at a terminal waits for one answer; schema-migrator may have to start.
const PATIENCE: Duration = Duration::from_secs(45);
/// Which function is asked for the tenant; the others that call `CXone` are given the same.
const CALLS_CXONE: &str = "knowledge-sync";

/// What is known of a deployment.
struct Deployment {
    aws: Signed,
    sdk: SdkConfig,
    stack: Stack,
    /// As it was deployed.
    template: Template,
    /// By the names of their crates.
    functions: BTreeMap<String, Deployed>,
}

/// Looks at everything.
pub(super) async fn examine(
    workspace: &Workspace,
    flags: &cli::Doctor,
) -> Result<Vec<Line>, Failure> {
    let sdk = connect(flags).await;
    let aws = Signed::open(&sdk, PATIENCE)?;
    let name = flags.account.stack.as_str();
    let step = Step::begin(format!("Looking at {name}"));
    let stack = match stack::fetch(&aws, name).await {
        Ok(stack) => stack,
        Err(trouble) => return Ok(about("stack", vec![no_stack(name, trouble)])),
    };
    let template = Template::load_deployed(&workspace.template(), &stack.parameters)?;
    let (functions, unknown) = functions::fetch_all(&aws, &stack, &template).await;
    let deployment = Deployment {
        aws,
        sdk,
        stack,
        template,
        functions,
    };
    let lambda = Lambda::Account {
        stack: name.to_owned(),
        aws: Signed::open(&deployment.sdk, PATIENCE)?,
    };
    let (texts, secrets) = secrets::check(&deployment).await;
    let (queues, clocks, alarms, cxone, embedding, database, webhook) = tokio::join!(
        queues::check(&deployment),
        clocks::check(&deployment),
        alarms::check(&deployment),
        Box::pin(cxone(&deployment, &texts)),
        Box::pin(embedding::check(&deployment, &texts)),
        database::check(&deployment, &lambda),
        webhook::check(&deployment, &texts),
    );
    step.done("done");
    let lines = [
        (
            "stack",
            stack::judge(&deployment.stack, &deployment.template),
        ),
        ("functions", functions::judge(&deployment, unknown)),
        ("queues", queues),
        ("clocks", clocks),
        ("secrets", secrets),
        ("alarms", alarms),
        ("webhook", webhook),
        ("database", database),
        ("embedding", embedding),
        ("CXone", cxone),
    ];
    Ok(lines.map(|(what, found)| about(what, found)).concat())
}

async fn connect(flags: &cli::Doctor) -> SdkConfig {
    let timeouts = TimeoutConfig::builder().operation_timeout(PATIENCE).build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts);
    if let Some(profile) = &flags.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &flags.region {
        loader = loader.region(Region::new(region.clone()));
    }
    loader.load().await
}

fn no_stack(name: &str, trouble: Trouble) -> Finding {
    match trouble {
        Trouble::Missing => fail(
            format!("there is no stack {name} in this account and region"),
            "check --stack, --profile and --region, or deploy it: docs/deploy.md",
        )
        .meaning("nothing is deployed there under this name"),
        other => {
            let mut told = other.told(&format!("the stack {name}"));
            told.verdict = Verdict::Fail;
            told
        }
    }
}

/// The tenant, where the deployment has one.
async fn cxone(deployment: &Deployment, secrets: &Texts) -> Vec<Finding> {
    let function = deployment.functions.get(CALLS_CXONE);
    let Some(profile) = function.and_then(|function| function.variable("CXONE_PROFILE")) else {
        return Vec::new();
    };
    let Some(credentials) = secrets.get("CXONE_SECRET_ID") else {
        let what = "CXone was not tried: the credentials could not be read";
        let next = "see the secret of CXONE_SECRET_ID above";
        return vec![warn(what, next).meaning("nobody knows whether CXone lets us in")];
    };
    let listens = deployment.stack.parameter("AssistListening") == Some("true");
    tenant::check_deployed(profile, credentials.clone(), listens).await
}
