//! The stack: whether it is there and whole, and what was left out of it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::finding::{Finding, fail, fine, warn};
use super::ask::{Trouble, query};
use crate::commands::signed::Signed;
use crate::template::Template;

const DEPLOY: &str = "deploy this checkout: docs/deploy.md, step 4";

/// What `CloudFormation` says of the stack.
#[derive(Debug, Clone, Default)]
pub(super) struct Stack {
    pub(super) name: String,
    pub(super) status: String,
    pub(super) outputs: BTreeMap<String, String>,
    pub(super) parameters: BTreeMap<String, String>,
}

pub(super) async fn fetch(aws: &Signed, name: &str) -> Result<Stack, Trouble> {
    let form = [
        ("Action", "DescribeStacks"),
        ("Version", "2010-05-15"),
        ("StackName", name),
    ];
    let right = "cloudformation:DescribeStacks";
    let answer = query(aws, "cloudformation", right, &form).await?;
    let stack = &answer["DescribeStacksResult"]["Stacks"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let pairs = |list: &str, key: &str, value: &str| {
        let list = stack[list].as_array().into_iter().flatten();
        list.map(|one| (text(&one[key]), text(&one[value])))
            .collect()
    };
    Ok(Stack {
        name: name.to_owned(),
        status: text(&stack["StackStatus"]),
        outputs: pairs("Outputs", "OutputKey", "OutputValue"),
        parameters: pairs("Parameters", "ParameterKey", "ParameterValue"),
    })
}

impl Stack {
    /// What a resource of the stack is called.
    pub(super) fn own(&self, name: &str) -> String {
        format!("{}-{name}", self.name)
    }

    /// A parameter that says something.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let value = self.parameters.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }
}

/// What is wrong with it.
pub(super) fn judge(stack: &Stack, template: &Template) -> Vec<Finding> {
    let mut found = vec![status(stack)];
    let is_missing = |name: &&String| !stack.outputs.contains_key(*name);
    let missing: Vec<_> = template.outputs.iter().filter(is_missing).collect();
    if !missing.is_empty() {
        let names: Vec<_> = missing.into_iter().map(String::as_str).collect();
        let what = format!("the stack does not tell {}", names.join(", "));
        found.push(fail(what, DEPLOY).meaning(
            "the deployed template is another than this checkout's, and the commands of the docs miss what they name",
        ));
    }
    found.extend(left_out(stack));
    found
}

/// What a parameter keeps out of it.
fn left_out(stack: &Stack) -> Vec<Finding> {
    let emptied = [
        (
            "DatabaseSecretArn",
            "only the webhook and the migrator are deployed: conversations wait in their queue, and are gone ten days after they came",
            "make the database, then deploy with its secret: docs/deploy.md, steps 2 and 4",
        ),
        (
            "CxoneProfile",
            "the clocks of CXone's functions stand still: no articles, no orders, no transcripts",
            "deploy with the tenant's profile: docs/deploy.md, step 5",
        ),
        (
            "AlarmTopicArn",
            "alarms change colour and tell nobody",
            "deploy the alarms, then the code with their topic: docs/deploy.md, steps 3 and 4",
        ),
    ];
    let emptied = emptied
        .into_iter()
        .filter(|(name, ..)| stack.parameter(name).is_none());
    let told =
        |(name, means, next)| warn(format!("the parameter {name} is empty"), next).meaning(means);
    let mut found: Vec<_> = emptied.map(told).collect();
    if stack.parameter("AssistListening") != Some("true") {
        let next =
            "where cards are wanted, deploy with AssistListening=true: docs/deploy.md, step 5";
        let means = "nobody listens to live interactions: agents see no cards";
        found.push(warn("the parameter AssistListening is not true", next).meaning(means));
    } else if let Some(profile) = stack.parameter("CxoneProfile") {
        found.extend(who_speaks(
            profile,
            stack.parameter("AssistRules").unwrap_or_default(),
        ));
    }
    found
}

/// What comes of a profile that does not name those whose words call for cards by these rules.
fn who_speaks(profile: &str, rules: &str) -> Option<Finding> {
    let rules: Value = serde_json::from_str(rules).unwrap_or_default();
    let (side, what, means) = match rules["trigger"].as_str() {
        Some("both") => return None,
        Some("agent") => (
            "agent",
            "nobody is known to be the agent in live interactions",
            "by the parameter AssistRules only an agent's words call for cards: none ever comes",
        ),
        _ => (
            "customer",
            "nobody says who speaks in live interactions",
            "the agent's words call for cards like a customer's, and most of those are wrong",
        ),
    };
    let next = "say who speaks, by stream.fields.speakers or first_speaker of the parameter CxoneProfile: docs/using.md, Assist";
    (!may_name(profile, side)).then(|| warn(what, next).meaning(means))
}

/// Whether by a profile somebody may be known to be on this side. One in a file cannot be read from here.
fn may_name(profile: &str, side: &str) -> bool {
    let Ok(profile) = serde_json::from_str::<Value>(profile) else {
        return true;
    };
    let stream = &profile["stream"];
    let fields = &stream["fields"];
    let mut places = fields["speakers"].as_array().into_iter().flatten();
    stream["dialect"] == "notices"
        || !fields["speaker"].is_null()
        || !fields["first_speaker"].is_null()
        || places.any(|one| one == side)
}

fn status(stack: &Stack) -> Finding {
    let Stack { name, status, .. } = stack;
    let what = format!("{name} is {status}");
    match status.as_str() {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" => fine(what),
        "UPDATE_ROLLBACK_COMPLETE" => warn(
            what,
            "read why: aws cloudformation describe-stack-events; mend it, and deploy again",
        )
        .meaning("the last deploy failed and was taken back: the code before it runs"),
        "ROLLBACK_COMPLETE" | "CREATE_FAILED" | "ROLLBACK_FAILED" => fail(
            what,
            format!("read why: aws cloudformation describe-stack-events --stack-name {name}; (cd sam && sam delete --stack-name {name}), mend it, then docs/deploy.md, step 4 again"),
        )
        .meaning("the first deploy failed: nothing is there, and such a stack takes no other deploy"),
        "UPDATE_ROLLBACK_FAILED" => fail(
            what,
            format!("read why: aws cloudformation describe-stack-events --stack-name {name}; mend it, then aws cloudformation continue-update-rollback --stack-name {name}"),
        )
        .meaning("the last deploy failed and could not be taken back: the code may be half old and half new, and nothing else can be deployed"),
        _ if status.ends_with("_IN_PROGRESS") => {
            warn(what, "wait for its end, then run this again")
                .meaning("something is being deployed: the rest may be half old and half new")
        }
        _ => fail(
            what,
            "read why: aws cloudformation describe-stack-events; docs/deploy.md says how to roll back",
        )
        .meaning("the last deploy failed, and left the stack so that it cannot be used or changed"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::finding::Verdict;
    use super::*;

    #[test]
    fn who_does_not_name_those_who_call_for_cards_is_warned() {
        let (customer, agent) = (
            "nobody says who speaks in live interactions",
            "nobody is known to be the agent in live interactions",
        );
        for (fields, customers, agents) in [
            ("{}", Some(customer), Some(agent)),
            (r#"{"speakers": []}"#, Some(customer), Some(agent)),
            (
                r#"{"speakers": ["unknown", "unknown"]}"#,
                Some(customer),
                Some(agent),
            ),
            (r#"{"speakers": ["agent"]}"#, Some(customer), None),
            (r#"{"speakers": ["customer"]}"#, None, Some(agent)),
            (r#"{"speakers": ["agent", "customer"]}"#, None, None),
            (r#"{"speaker": "who"}"#, None, None),
            (r#"{"first_speaker": "agent"}"#, None, None),
        ] {
            let profile = |dialect| {
                format!(r#"{{"stream": {{"dialect": "{dialect}", "fields": {fields}}}}}"#)
            };
            for (rules, expected) in [
                ("", customers),
                ("{}", customers),
                ("@rules.json", customers),
                (r#"{"trigger": "customer"}"#, customers),
                (r#"{"trigger": "agent"}"#, agents),
                (r#"{"trigger": "both"}"#, None),
            ] {
                let found = who_speaks(&profile("frames"), rules);
                let found = found.map(|found| found.what);
                assert_eq!(found.as_deref(), expected, "{fields}, {rules}");
                assert!(who_speaks(&profile("notices"), rules).is_none());
            }
        }
        assert!(who_speaks("@profile.json", "").is_none());
    }

    #[test]
    fn each_state_is_judged() {
        for (status, verdict) in [
            ("CREATE_COMPLETE", Verdict::Ok),
            ("UPDATE_COMPLETE", Verdict::Ok),
            ("UPDATE_ROLLBACK_COMPLETE", Verdict::Warn),
            ("UPDATE_IN_PROGRESS", Verdict::Warn),
            ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", Verdict::Warn),
            ("ROLLBACK_COMPLETE", Verdict::Fail),
            ("CREATE_FAILED", Verdict::Fail),
            ("UPDATE_ROLLBACK_FAILED", Verdict::Fail),
            ("DELETE_FAILED", Verdict::Fail),
        ] {
            let stack = Stack {
                status: status.to_owned(),
                ..Stack::default()
            };
            assert_eq!(super::status(&stack).verdict, verdict, "{status}");
        }
        for (status, word) in [
            ("ROLLBACK_COMPLETE", "sam delete"),
            ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback"),
            ("DELETE_FAILED", "describe-stack-events"),
        ] {
            let stack = Stack {
                status: status.to_owned(),
                ..Stack::default()
            };
            let next = super::status(&stack).next.unwrap();
            assert!(next.contains(word), "{status}: {next}");
        }
    }
}
