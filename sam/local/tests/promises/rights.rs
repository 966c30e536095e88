//! Rights: a role names what it may do and to which resources.

use serde_json::{Value, json};

use crate::stacks::{Complaints, Stacks, choices, functions, resources};
use crate::{app, promise, seen};

/// What stands in the templates with its reason: EC2 asks for it of every function in a network.
const EXPLAINED: [(&str, &str, &[&str]); 2] = [
    (
        "SeeTheVpc",
        "*",
        &["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"],
    ),
    (
        "EnterTheVpc",
        "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:*/*",
        &[
            "ec2:AssignPrivateIpAddresses",
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:UnassignPrivateIpAddresses",
        ],
    ),
];

/// No wildcard in a role, and no role that somebody else wrote.
pub(crate) fn roles_have_no_wildcard(stacks: &Stacks) -> Complaints {
    let mut complaints = Vec::new();
    for (name, resource) in stacks.all().into_iter().flat_map(resources) {
        let properties = &resource["Properties"];
        let kind = resource["Type"].as_str().unwrap_or_default();
        if kind.starts_with("AWS::IAM::") && kind != "AWS::IAM::Role" {
            complaints.push(format!("{name}: rights stand in roles only"));
        }
        if kind == "AWS::IAM::Role" {
            if !properties["ManagedPolicyArns"].is_null() {
                complaints.push(format!("{name} takes rights that AWS writes"));
            }
            for policy in choices(&properties["Policies"]) {
                let statements = choices(&policy["PolicyDocument"]["Statement"]);
                let wide = statements
                    .into_iter()
                    .filter(|statement| is_wide(statement));
                complaints.extend(
                    wide.map(|statement| format!("{name} may too much: {}", statement["Sid"])),
                );
            }
        }
    }
    complaints
}

fn is_wide(statement: &Value) -> bool {
    let texts = |value| choices(value).into_iter().map(written).collect::<Vec<_>>();
    let (actions, places) = (texts(&statement["Action"]), texts(&statement["Resource"]));
    let is_explained = EXPLAINED.iter().any(|(sid, place, few)| {
        let fits = statement["Sid"] == **sid && places.iter().all(|own| own == place);
        fits && actions.iter().all(|action| few.contains(action))
    });
    let has_wildcard = [&actions[..], &places[..]]
        .concat()
        .iter()
        .any(|text| text.contains('*'));
    let turns_round = !statement["NotAction"].is_null() || !statement["NotResource"].is_null();
    turns_round || places.is_empty() || (has_wildcard && !is_explained)
}

/// The text of a value, as far as one is written; a reference has none.
fn written(value: &Value) -> &str {
    value
        .as_str()
        .or(value["Fn::Sub"].as_str())
        .unwrap_or_default()
}

/// Each function has its own role, which no other has.
pub(crate) fn each_function_has_its_role(stacks: &Stacks) -> Complaints {
    let mut roles = Vec::new();
    let mut complaints = Vec::new();
    for (name, function) in functions(&stacks.application) {
        let properties = &function["Properties"];
        let role = properties["Role"]["Fn::GetAtt"][0]
            .as_str()
            .unwrap_or_default();
        if role.is_empty() || roles.contains(&role) || !properties["Policies"].is_null() {
            complaints.push(format!("{name} has no role of its own"));
        }
        roles.push(role);
    }
    complaints
}

/// What lets others in names who they are.
pub(crate) fn nobody_lets_everybody_in(stacks: &Stacks) -> Complaints {
    let mut complaints = Vec::new();
    for (name, resource) in stacks.all().into_iter().flat_map(resources) {
        let properties = &resource["Properties"];
        for document in ["PolicyDocument", "KeyPolicy", "AssumeRolePolicyDocument"] {
            for statement in choices(&properties[document]["Statement"]) {
                let who = &statement["Principal"];
                let everybody = who == "*" || who["AWS"] == "*";
                if everybody && statement["Effect"] != "Deny" {
                    complaints.push(format!("{name} lets everybody in"));
                }
            }
        }
    }
    complaints
}

#[test]
fn no_role_has_a_wildcard() {
    const READS: &str =
        "/Resources/DataActionWebhookRole/Properties/Policies/0/PolicyDocument/Statement/1";
    let statement = |action: &str, place: &str| json!({ "Sid": "ReadItsKeys", "Effect": "Allow", "Action": action, "Resource": place });
    let explained = json!({ "Sid": "SeeTheVpc", "Effect": "Allow", "Action": ["ec2:DescribeSubnets", "s3:ListBuckets"], "Resource": "*" });
    promise(
        roles_have_no_wildcard,
        &[
            app(READS, statement("secretsmanager:*", "arn:x"), "ReadItsKeys"),
            app(
                READS,
                statement("secretsmanager:GetSecretValue", "*"),
                "ReadItsKeys",
            ),
            app(
                READS,
                statement("sqs:SendMessage", "arn:aws:sqs:*:1:q"),
                "ReadItsKeys",
            ),
            app(
                READS,
                json!({ "Sid": "All", "Effect": "Allow", "NotAction": "iam:x", "Resource": "arn:x" }),
                "All",
            ),
            app(READS, explained, "SeeTheVpc"),
        ],
    );
    promise(
        each_function_has_its_role,
        &[
            app(
                "/Resources/SearchFunction/Properties/Role",
                json!({ "Fn::GetAtt": ["SnippetRankerRole", "Arn"] }),
                "SnippetRanker",
            ),
            app(
                "/Resources/SearchFunction/Properties/Role",
                Value::Null,
                "SearchFunction",
            ),
        ],
    );
    promise(
        nobody_lets_everybody_in,
        &[
            app(
                "/Resources/KnowledgeQueuePolicy/Properties/PolicyDocument/Statement/0/Effect",
                json!("Allow"),
                "KnowledgeQueuePolicy",
            ),
            seen(
                "/Resources/AlarmTopicPolicy/Properties/PolicyDocument/Statement/0/Principal",
                json!("*"),
                "AlarmTopicPolicy",
            ),
        ],
    );
}
