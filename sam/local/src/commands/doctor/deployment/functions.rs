//! The functions: whether each is there, can run, and was given what it needs.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use shared::config::Env;

use super::super::finding::{Finding, fail, or_fine, warn};
use super::Deployment;
use super::ask::{Trouble, get};
use super::stack::Stack;
use crate::commands::signed::Signed;
use crate::template::{Function, Template, Variable};

const RIGHT: &str = "lambda:GetFunction";
const DEPLOY: &str = "deploy again: docs/deploy.md, step 4; and ask who changed it by hand";

/// What Lambda says of a function.
#[derive(Debug, Clone, Default)]
pub(super) struct Deployed {
    state: String,
    reason: String,
    update: String,
    update_reason: String,
    pub(super) timeout: Duration,
    /// How many may run at once, where that was reserved.
    reserved: Option<u64>,
    pub(super) has_layers: bool,
    variables: BTreeMap<String, String>,
}

/// Every function of the template that can be looked at, and what cannot.
pub(super) async fn fetch_all(
    aws: &Signed,
    stack: &Stack,
    template: &Template,
) -> (BTreeMap<String, Deployed>, Vec<Finding>) {
    let (mut functions, mut unknown) = (BTreeMap::new(), Vec::new());
    for function in &template.functions {
        match fetch(aws, &stack.own(&function.name)).await {
            Ok(deployed) => {
                functions.insert(function.name.clone(), deployed);
            }
            Err(trouble) => unknown.push(trouble.told(&format!("the function {}", function.name))),
        }
    }
    (functions, unknown)
}

async fn fetch(aws: &Signed, name: &str) -> Result<Deployed, Trouble> {
    let path = format!("/2015-03-31/functions/{name}");
    let answer = get(aws, "lambda", &path, RIGHT).await?;
    let configuration = &answer["Configuration"];
    let text = |name: &str| configuration[name].as_str().unwrap_or_default().to_owned();
    let variables = configuration["Environment"]["Variables"].as_object();
    let variable = |(name, value): (&String, &Value)| {
        let value = value.as_str().unwrap_or_default();
        (name.clone(), value.to_owned())
    };
    Ok(Deployed {
        state: text("State"),
        reason: text("StateReason"),
        update: text("LastUpdateStatus"),
        update_reason: text("LastUpdateStatusReason"),
        timeout: Duration::from_secs(configuration["Timeout"].as_u64().unwrap_or_default()),
        reserved: answer["Concurrency"]["ReservedConcurrentExecutions"].as_u64(),
        has_layers: configuration["Layers"]
            .as_array()
            .is_some_and(|all| !all.is_empty()),
        variables: variables.into_iter().flatten().map(variable).collect(),
    })
}

impl Deployed {
    /// A variable that says something.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    pub(super) fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// As the function reads it.
    pub(super) fn env(&self) -> Env {
        Env::from_pairs(self.variables.iter())
    }
}

/// What is wrong with those that are there.
pub(super) fn judge(deployment: &Deployment, unknown: Vec<Finding>) -> Vec<Finding> {
    let mut found = unknown;
    for function in &deployment.template.functions {
        if let Some(deployed) = deployment.functions.get(&function.name) {
            found.extend(state(&function.name, deployed));
            found.extend(lacks(&deployment.stack, function, deployed));
        }
    }
    let count = deployment.functions.len();
    or_fine(
        found,
        format!("{count} are active, and have their settings"),
    )
}

fn state(name: &str, deployed: &Deployed) -> Vec<Finding> {
    let Deployed {
        state,
        reason,
        update,
        update_reason,
        ..
    } = deployed;
    let mut found = Vec::new();
    match state.as_str() {
        // Lambda puts what nobody calls to sleep, and wakes it by the first call.
        "Active" | "Inactive" => {}
        "Pending" => found.push(
            warn(
                format!("{name} is being made: {reason}"),
                "wait a minute, then run this again",
            )
            .meaning("it answers nobody yet"),
        ),
        _ => found.push(
            fail(
                format!("{name} is {state}: {reason}"),
                "mend what it says (often a subnet, a role or a layer), then deploy again",
            )
            .meaning("it cannot run"),
        ),
    }
    match update.as_str() {
        "" | "Successful" => {}
        "InProgress" => found.push(
            warn(
                format!("{name} is being changed"),
                "wait a minute, then run this again",
            )
            .meaning("some calls still meet the code before"),
        ),
        _ => found.push(
            fail(
                format!("the last change of {name} is {update}: {update_reason}"),
                "mend what it says, then deploy again",
            )
            .meaning("the code or the settings before it run"),
        ),
    }
    if deployed.reserved == Some(0) {
        found.push(
            fail(
                format!("{name} is switched off: 0 of it may run at once"),
                format!("ask who did it; then aws lambda delete-function-concurrency, or {DEPLOY}"),
            )
            .meaning("every call is refused, and what waits grows old"),
        );
    }
    found
}

/// Queues, secrets and the database must be named; everything else has a default.
fn lacks(stack: &Stack, function: &Function, deployed: &Deployed) -> Vec<Finding> {
    let mut found = Vec::new();
    for (name, wanted) in &function.variables {
        let own = &function.name;
        let given = deployed.variable(name);
        let is_needed = match wanted {
            Variable::Queue(_) | Variable::Secret(_) => true,
            Variable::Text(text) => name.ends_with("_SECRET_ID") && !text.is_empty(),
        };
        match (given, wanted) {
            (None, _) if is_needed => found.push(
                fail(
                    format!("{own} has no {name}"),
                    format!("docs/settings.md says what it is; {DEPLOY}"),
                )
                .meaning("the function ends at its start, and says so in its log"),
            ),
            (Some(url), Variable::Queue(queue)) if last(url) != stack.own(queue) => found.push(
                warn(
                    format!("{name} of {own} names the queue {}", last(url)),
                    format!("it should name {}; {DEPLOY}", stack.own(queue)),
                )
                .meaning("messages go elsewhere than the template says"),
            ),
            _ => {}
        }
    }
    found
}

/// The last part of an URL.
fn last(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// What the settings call required is looked for.
    #[test]
    fn what_must_be_set_is_what_the_settings_say() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let settings = std::fs::read_to_string(root.join("docs/settings.md")).unwrap();
        let mut required = BTreeSet::new();
        for row in settings.lines().filter(|row| row.starts_with("| `")) {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            let kinds: Vec<_> = cells[4].split("; ").collect();
            for (place, function) in cells[3].split(", ").enumerate() {
                if *kinds.get(place).unwrap_or(&kinds[0]) == "required" {
                    required.insert((function.to_owned(), cells[1].trim_matches('`').to_owned()));
                }
            }
        }
        let template = Template::load(&root.join("sam/template.yaml")).unwrap();
        let is_named = |(_, wanted): &(&String, &Variable)| !matches!(wanted, Variable::Text(_));
        let named = template.functions.iter().flat_map(|function| {
            let named = function.variables.iter().filter(is_named);
            named.map(|(name, _)| (function.name.clone(), name.clone()))
        });
        let named: BTreeSet<_> = named.collect();
        let lacking: Vec<_> = required.difference(&named).collect();
        assert!(
            required.len() > 20 && lacking.is_empty(),
            "nobody looks for {lacking:?}"
        );
    }
}
