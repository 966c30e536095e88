//! What invokes functions by itself: the queues that feed them, and their schedules.

use serde_json::Value;

use super::super::finding::{Finding, fail, or_fine, warn};
use super::Deployment;
use super::ask::{Trouble, get};
use crate::event_sources::{Mapping, Schedule};
use crate::template::Trigger;

/// So many pages of schedules are enough for any account.
const MOST_PAGES: usize = 50;
const DEPLOY: &str = "switch it on again, or deploy: docs/deploy.md, step 4";

/// What is wrong with them.
pub(super) async fn check(deployment: &Deployment) -> Vec<Finding> {
    let schedules = fetch_schedules(deployment).await;
    let (mut found, mut count) = (Vec::new(), 0);
    for trigger in deployment
        .template
        .functions
        .iter()
        .flat_map(|one| &one.triggers)
    {
        match (trigger, &schedules) {
            (Trigger::Queue(mapping), _) => found.extend(feeding(deployment, mapping).await),
            (Trigger::Schedule(schedule), Ok(all)) => {
                found.extend(ticking(deployment, schedule, all));
            }
            (Trigger::Schedule(_), Err(_)) => {}
            (Trigger::Http { .. }, _) => continue,
        }
        count += 1;
    }
    if let Err(trouble) = schedules {
        found.push(trouble.told("the list of schedules"));
    }
    or_fine(
        found,
        format!("{count} queues and schedules invoke their functions"),
    )
}

/// Whether the queue feeds its function.
async fn feeding(deployment: &Deployment, mapping: &Mapping) -> Option<Finding> {
    let Mapping {
        function, queue, ..
    } = mapping;
    let name = deployment.stack.own(function);
    let path = format!("/2015-03-31/event-source-mappings?FunctionName={name}");
    let answer = get(
        &deployment.aws,
        "lambda",
        &path,
        "lambda:ListEventSourceMappings",
    )
    .await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(trouble) => return Some(trouble.told(&format!("what feeds {function}"))),
    };
    let all = answer["EventSourceMappings"].as_array();
    let ending = format!(":{}", deployment.stack.own(queue));
    let is_it = |one: &&Value| {
        one["EventSourceArn"]
            .as_str()
            .is_some_and(|arn| arn.ends_with(&ending))
    };
    let Some(found) = all.into_iter().flatten().find(is_it) else {
        let what = format!("no queue feeds {function}: {queue} should");
        return Some(
            fail(what, "deploy again: docs/deploy.md, step 4")
                .meaning("what waits in the queue is not worked on"),
        );
    };
    let state = found["State"].as_str().unwrap_or("in an unknown state");
    let what = format!("the queue {queue} feeds {function}, and is {state}");
    let last = found["LastProcessingResult"].as_str().unwrap_or_default();
    match state {
        "Enabled" if last.starts_with("PROBLEM") => {
            let what = format!("the queue {queue} cannot feed {function}: {last}");
            Some(
                fail(
                    what,
                    "mend what it says, often a right of the function's role",
                )
                .meaning("what waits in the queue is not worked on"),
            )
        }
        "Enabled" => None,
        "Creating" | "Enabling" | "Updating" => Some(
            warn(what, "wait a minute, then run this again").meaning("messages wait until then"),
        ),
        _ => Some(
            fail(what, DEPLOY).meaning("what comes into the queue waits, and nobody works on it"),
        ),
    }
}

async fn fetch_schedules(deployment: &Deployment) -> Result<Vec<Value>, Trouble> {
    let (mut all, mut path) = (Vec::new(), "/schedules?MaxResults=100".to_owned());
    for _ in 0..MOST_PAGES {
        let answer = get(
            &deployment.aws,
            "scheduler",
            &path,
            "scheduler:ListSchedules",
        )
        .await?;
        all.extend(answer["Schedules"].as_array().cloned().unwrap_or_default());
        let Some(token) = answer["NextToken"]
            .as_str()
            .filter(|token| !token.is_empty())
        else {
            break;
        };
        let next = reqwest::Url::parse_with_params(
            "http://page/schedules",
            [("MaxResults", "100"), ("NextToken", token)],
        );
        path = match next {
            Ok(url) => format!("/schedules?{}", url.query().unwrap_or_default()),
            Err(_) => break,
        };
    }
    Ok(all)
}

/// Whether the schedule runs. It is called after its function and its event.
fn ticking(deployment: &Deployment, wanted: &Schedule, all: &[Value]) -> Option<Finding> {
    let Schedule { function, name, .. } = wanted;
    let own = deployment.stack.own(function);
    let is_it = |one: &&Value| {
        let target = one["Target"]["Arn"].as_str().unwrap_or_default();
        let is_of_function = target.split(':').nth(6) == Some(own.as_str());
        is_of_function
            && one["Name"]
                .as_str()
                .is_some_and(|one| one.ends_with(name.as_str()))
    };
    let means = format!("what {function} does by the clock is not done");
    let what = format!("the schedule {name} of {function}");
    match all.iter().find(is_it).map(|one| one["State"].as_str()) {
        Some(Some("ENABLED")) => None,
        Some(_) => Some(fail(format!("{what} is switched off"), DEPLOY).meaning(means)),
        None => Some(
            fail(
                format!("{what} is not there"),
                "deploy again: docs/deploy.md, step 4",
            )
            .meaning(means),
        ),
    }
}
