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
