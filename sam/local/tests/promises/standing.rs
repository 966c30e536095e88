//! A stack over data that stand: another database is brought up as well, and what belongs to the data belongs to them still.

use serde_json::{Value, json};

use crate::stacks::{Complaints, Stacks, choices};
use crate::{app, promise};

/// CloudFormation runs the migrator only where a property of its resource changes: with another build, and with another database.
pub(crate) fn another_database_is_migrated(stacks: &Stacks) -> Complaints {
    let resources = &stacks.application["Resources"];
    let properties = &resources["DatabaseSchema"]["Properties"];
    let migrator = &resources["SchemaMigratorFunction"]["Properties"];
    let database = choices(&migrator["Environment"]["Variables"]["DATABASE_SECRET_ID"]);
    let rules = [
        (
            properties["SchemaVersion"] == json!({ "Ref": "SchemaMigratorFunction.Version" }),
            "a new build of the migrator does not run",
        ),
        (
            database == [&properties["Database"]],
            "another database gets no schema",
        ),
    ];
    let broken = rules.into_iter().filter(|(holds, _)| !holds);
    broken.map(|(_, complaint)| complaint.to_owned()).collect()
}

/// Secrets that belong to the data: without them a database that was used before is not what it was. Each with the parameter that names
/// one that stands.
const OF_THE_DATA: [(&str, &str); 2] = [
    ("ErasureKey", "ErasureKeySecretArn"),
    ("AuditAnchors", "AuditAnchorsSecretArn"),
];

/// Each of them outlives its stack, can be given to the next one, and is told, so that it can be.
pub(crate) fn what_belongs_to_the_data_can_be_given(stacks: &Stacks) -> Complaints {
    let stack = &stacks.application;
    let mut complaints = Vec::new();
    for (secret, parameter) in OF_THE_DATA {
        let made = &stack["Resources"][secret];
        let condition = &made["Condition"];
        let is_empty = json!({ "Fn::Equals": [{ "Ref": parameter }, ""] });
        let whichever = json!({ "Fn::If": [condition, { "Ref": secret }, { "Ref": parameter }] });
        let rules = [
            (
                stack["Parameters"][parameter]["Default"] == "",
                "is not made by itself",
            ),
            (
                condition
                    .as_str()
                    .is_some_and(|name| stack["Conditions"][name] == is_empty),
                "is made although one is given",
            ),
            (
                made["DeletionPolicy"] == "RetainExceptOnCreate",
                "goes with its stack",
            ),
            (
                stack["Outputs"][parameter]["Value"] == whichever,
                "is not told",
            ),
            (
                is_always(&stack["Resources"], secret, &whichever),
                "is used although another is given",
            ),
        ];
        let broken = rules.into_iter().filter(|(holds, _)| !holds);
        complaints.extend(broken.map(|(_, what)| format!("{secret} {what}")));
    }
    complaints
}

/// Whether the secret is named nowhere but in that choice.
fn is_always(value: &Value, secret: &str, whichever: &Value) -> bool {
    match value {
        value if value == whichever => true,
        Value::Object(members) => {
            members.get("Ref").is_none_or(|name| name != secret)
                && members
                    .values()
                    .all(|one| is_always(one, secret, whichever))
        }
        Value::Array(items) => items.iter().all(|one| is_always(one, secret, whichever)),
        _ => true,
    }
}

#[test]
fn keys_of_data_that_stand_can_be_given_to_another_stack() {
    promise(
        what_belongs_to_the_data_can_be_given,
        &[
            app(
                "/Parameters/ErasureKeySecretArn",
                Value::Null,
                "ErasureKey is not made by itself",
            ),
            app(
                "/Resources/AuditAnchors/Condition",
                Value::Null,
                "AuditAnchors is made although",
            ),
            app(
                "/Conditions/MakesErasureKey",
                json!({ "Fn::Equals": [{ "Ref": "AuditAnchorsSecretArn" }, ""] }),
                "ErasureKey is made although",
            ),
            app(
                "/Resources/ErasureKey/DeletionPolicy",
                json!("Delete"),
                "ErasureKey goes",
            ),
            app(
                "/Outputs/ErasureKeySecretArn",
                Value::Null,
                "ErasureKey is not told",
            ),
            app(
                "/Resources/TranscriptIntakeFunction/Properties/Environment/Variables/ERASURE_KEY_SECRET_ID",
                json!({ "Ref": "ErasureKey" }),
                "ErasureKey is used",
            ),
            app(
                "/Resources/SnippetRankerRole/Properties/Policies/0/PolicyDocument/Statement/2/Resource",
                json!({ "Ref": "AuditAnchors" }),
                "AuditAnchors is used",
            ),
        ],
    );
}

#[test]
fn the_migrator_runs_for_a_new_build_and_for_another_database() {
    promise(
        another_database_is_migrated,
        &[
            app(
                "/Resources/DatabaseSchema/Properties/Database",
                Value::Null,
                "another database",
            ),
            app(
                "/Resources/DatabaseSchema/Properties/Database",
                json!({ "Ref": "DatabaseSubnetIds" }),
                "another database",
            ),
            app(
                "/Resources/DatabaseSchema/Properties/SchemaVersion",
                json!("1"),
                "a new build",
            ),
        ],
    );
}
