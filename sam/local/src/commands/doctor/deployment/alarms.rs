//! The alarms that ring now: those of the stack, and those of its database; and whether anybody hears them.

use serde_json::Value;

use super::super::finding::{Finding, fail, fine, warn};
use super::Deployment;
use super::ask::query;

/// What the stack of alarms calls its own, after the application's name.
const OBSERVED: [&str; 2] = ["database-", "password-rotation"];

/// A finding for each that rings.
pub(super) async fn check(deployment: &Deployment) -> Vec<Finding> {
    let (mut found, mut token) = (Vec::new(), String::new());
    let prefix = deployment.stack.own("");
    loop {
        let mut form = vec![
            ("Action", "DescribeAlarms"),
            ("Version", "2010-08-01"),
            ("AlarmNamePrefix", prefix.as_str()),
            ("StateValue", "ALARM"),
            ("MaxRecords", "100"),
        ];
        if !token.is_empty() {
            form.push(("NextToken", &token));
        }
        let right = "cloudwatch:DescribeAlarms";
        let answer = match query(&deployment.aws, "monitoring", right, &form).await {
            Ok(answer) => answer,
            Err(trouble) => {
                found.push(trouble.told("the alarms"));
                break;
            }
        };
        let result = &answer["DescribeAlarmsResult"];
        let alarms = result["MetricAlarms"].as_array().into_iter().flatten();
        found.extend(alarms.filter_map(|alarm| judge(deployment, alarm)));
        match result["NextToken"].as_str() {
            Some(next) if !next.is_empty() => next.clone_into(&mut token),
            _ => break,
        }
    }
    if found.is_empty() {
        found.push(fine("none rings"));
    }
    found.extend(heard(deployment).await);
    found
}

/// Who is subscribed to the topic of the alarms. That there is none was said of the stack.
async fn heard(deployment: &Deployment) -> Option<Finding> {
    let topic = deployment.stack.parameter("AlarmTopicArn")?;
    let form = [
        ("Action", "ListSubscriptionsByTopic"),
        ("Version", "2010-03-31"),
        ("TopicArn", topic),
    ];
    let right = "sns:ListSubscriptionsByTopic";
    let answer = query(&deployment.aws, "sns", right, &form).await;
    let subscriptions = match answer {
        Ok(answer) => answer["ListSubscriptionsByTopicResult"]["Subscriptions"].clone(),
        Err(trouble) => return Some(trouble.told("who hears the alarms")),
    };
    let all = subscriptions.as_array().into_iter().flatten();
    let is_confirmed = |one: &&Value| {
        let arn = one["SubscriptionArn"].as_str();
        arn.is_some_and(|arn| arn.starts_with("arn:"))
    };
    let (confirmed, waiting): (Vec<_>, Vec<_>) = all.partition(is_confirmed);
    Some(judge_heard(confirmed.len(), waiting.len()))
}

fn judge_heard(confirmed: usize, waiting: usize) -> Finding {
    let next = "open the mail that AWS sent, and confirm it; if it has ended, deploy the alarms again: docs/deploy.md, step 3";
    match (confirmed, waiting) {
        (0, 0) => warn(
            "nobody is subscribed to the alarms",
            "subscribe to the topic of AlarmTopicArn: docs/deploy.md, step 3",
        )
        .meaning("alarms ring, and nobody hears them"),
        (0, _) => warn("nobody has confirmed the mail of the alarms", next)
            .meaning("alarms ring, and nobody hears them"),
        (_, 0) => fine(format!("{confirmed} hear them")),
        _ => warn(
            format!("{confirmed} hear the alarms, and {waiting} have not confirmed their mail"),
            next,
        )
        .meaning("whoever has not confirmed hears none"),
    }
}

/// What it means and where to look, its description says.
fn judge(deployment: &Deployment, alarm: &Value) -> Option<Finding> {
    let text = |name: &str| alarm[name].as_str().unwrap_or_default();
    let own = text("AlarmName").strip_prefix(&deployment.stack.own(""))?;
    let is_ours = deployment.template.alarms.iter().any(|name| name == own)
        || OBSERVED.iter().any(|name| own.starts_with(name));
    if !is_ours || text("StateValue") != "ALARM" {
        return None;
    }
    let what = format!("{own} rings: {}", text("StateReason"));
    let said = text("AlarmDescription");
    let (means, next) = match said.split_once("docs/runbooks.md") {
        Some((means, place)) => (means.trim(), format!("docs/runbooks.md{place}")),
        None => (said, "docs/runbooks.md".to_owned()),
    };
    let means = if means.is_empty() {
        "its description does not say"
    } else {
        means
    };
    Some(fail(what, next).meaning(means))
}
