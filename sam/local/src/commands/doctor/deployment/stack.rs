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
            "only the webhook and the migrator are deployed: conversations wait in their queue",
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
    } else if stack.parameter("CxoneProfile").is_some_and(names_nobody) {
        let next = "say who speaks, by stream.fields.speakers or first_speaker of the parameter CxoneProfile: docs/using.md, Assist";
        let means =
            "the agent's words call for cards like a customer's, and most of those are wrong";
        found.push(warn("nobody says who speaks in live interactions", next).meaning(means));
    }
    found
}

/// Whether a profile leaves open who speaks. One in a file cannot be read from here.
fn names_nobody(profile: &str) -> bool {
    serde_json::from_str::<Value>(profile).is_ok_and(|profile| {
        let stream = &profile["stream"];
        let fields = &stream["fields"];
        stream["dialect"] != "notices"
            && fields["speaker"].is_null()
            && fields["first_speaker"].is_null()
            && !names_the_customer(&fields["speakers"])
    })
}

fn names_the_customer(speakers: &Value) -> bool {
    let mut speakers = speakers.as_array().into_iter().flatten();
    speakers.any(|one| one == "customer")
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
    fn who_names_no_customer_names_nobody() {
        for (fields, is_nobody) in [
            ("{}", true),
            (r#"{"speakers": []}"#, true),
            (r#"{"speakers": ["unknown", "unknown"]}"#, true),
            (r#"{"speakers": ["agent"]}"#, true),
            (r#"{"speakers": ["agent", "customer"]}"#, false),
            (r#"{"speaker": "who"}"#, false),
            (r#"{"first_speaker": "agent"}"#, false),
        ] {
            let profile = |dialect| {
                format!(r#"{{"stream": {{"dialect": "{dialect}", "fields": {fields}}}}}"#)
            };
            assert_eq!(names_nobody(&profile("frames")), is_nobody, "{fields}");
            assert!(!names_nobody(&profile("notices")), "{fields}");
        }
        assert!(!names_nobody("@profile.json"));
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
            ("UPDATE_ROLLBACK_FAILED", Verdict::Fail),
            ("DELETE_FAILED", Verdict::Fail),
        ] {
            let stack = Stack {
                status: status.to_owned(),
                ..Stack::default()
            };
            assert_eq!(super::status(&stack).verdict, verdict, "{status}");
        }
    }
}
