//! Rules over parameters: CloudFormation refuses a whole template whose rules use a function of other places.

use serde_json::{Value, json};

use crate::stacks::{Complaints, Stacks, root};
use crate::{Broken, app, promise};

/// What may stand inside a rule; `Fn::If` is none of them.
const OF_RULES: [&str; 11] = [
    "Ref",
    "Fn::And",
    "Fn::Contains",
    "Fn::EachMemberEquals",
    "Fn::EachMemberIn",
    "Fn::Equals",
    "Fn::Not",
    "Fn::Or",
    "Fn::RefAll",
    "Fn::ValueOf",
    "Fn::ValueOfAll",
];

/// Everything that is computed in there.
fn called(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().flat_map(called).collect(),
        Value::Object(members) => {
            let inner = members.values().flat_map(called);
            members.keys().map(String::as_str).chain(inner).collect()
        }
        _ => Vec::new(),
    }
}

/// What a template has in its rules that is not of rules.
fn alien(template: &Value) -> Complaints {
    let mut complaints = Vec::new();
    for (name, rule) in template["Rules"].as_object().into_iter().flatten() {
        let assertions = rule["Assertions"].as_array().into_iter().flatten();
        let places = assertions
            .map(|one| &one["Assert"])
            .chain([&rule["RuleCondition"]]);
        let called = places.flat_map(called);
        let alien = called.filter(|function| !OF_RULES.contains(function));
        complaints.extend(alien.map(|function| format!("the rule {name} uses {function}")));
    }
    complaints
}

pub(crate) fn rules_use_their_own_functions(stacks: &Stacks) -> Complaints {
    stacks.all().into_iter().flat_map(alien).collect()
}

#[test]
fn a_rule_uses_functions_of_rules_only() {
    let joined = json!({"Fn::Equals": [{"Fn::Join": ["", {"Ref": "ExistingSubnetIds"}]}, ""]});
    promise(
        rules_use_their_own_functions,
        &[
            Broken(
                "network",
                "/Rules/AnExistingNetworkComesWithSubnets/Assertions/0/Assert",
                json!({"Fn::Not": [joined]}),
                "uses Fn::Join",
            ),
            app(
                "/Rules/SubnetsComeWithSecurityGroups/RuleCondition",
                json!({"Fn::If": ["HasDatabase", true, false]}),
                "uses Fn::If",
            ),
        ],
    );
}

/// The layer's too, and whatever comes.
#[test]
fn every_template_is_looked_at() {
    let mut count = 0;
    for folder in ["sam", "infra"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "yaml") {
                let text = std::fs::read_to_string(&path).unwrap();
                let template = local::template::yaml::parse(&text).unwrap();
                assert_eq!(alien(&template), Complaints::new(), "{}", path.display());
                count += 1;
            }
        }
    }
    assert!(count >= 5, "{count}");
}
