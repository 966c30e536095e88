//! The database: only functions reach it, so that schema-migrator is asked. Its task `check` changes nothing.

use serde::Deserialize;
use serde_json::{Value, json};
use shared::db::migrate::MIGRATIONS;

use super::super::finding::{Finding, fail, fine, warn};
use super::Deployment;
use crate::commands::lambda::Lambda;
use crate::commands::segments::age;

/// Who can look.
const FUNCTION: &str = "schema-migrator";
/// A segment that waits for longer is not being sealed: vector-keeper comes every five minutes, and may take fifteen.
const SEALING_SECONDS: i64 = 3_600;
const MIGRATE: &str = "docs/runbooks.md#the-schema-is-not-up";

/// What the function answers.
#[derive(Debug, Deserialize)]
struct Checked {
    schema: Schema,
    segments: Option<Segments>,
}

#[derive(Debug, Deserialize)]
struct Schema {
    version: i32,
    newest: i32,
    pgvector: Option<String>,
    is_pgvector_sound: bool,
}

#[derive(Debug, Deserialize)]
struct Segments {
    closed: i64,
    oldest_s: i64,
}

/// Nothing where there is no database.
pub(super) async fn check(deployment: &Deployment, lambda: &Lambda) -> Vec<Finding> {
    if deployment.stack.parameter("DatabaseSecretArn").is_none() {
        return Vec::new();
    }
    match lambda.invoke(FUNCTION, &json!({"task": "check"})).await {
        Ok(answer) => judge(&answer),
        Err(failure) => {
            let why = [vec![failure.to_string()], failure.causes()].concat();
            let next = format!("{}; the log of schema-migrator says more", failure.advice());
            vec![
                fail(
                    format!("the database could not be looked at: {}", why.join(": ")),
                    next,
                )
                .meaning("if the function cannot reach the database, the others cannot either"),
            ]
        }
    }
}

fn judge(answer: &Value) -> Vec<Finding> {
    let Ok(Checked { schema, segments }) = Checked::deserialize(answer) else {
        let what = "the deployed schema-migrator does not know this question";
        return vec![warn(what, "deploy this checkout: docs/deploy.md, step 4").meaning("the deployed code is older than this command, and nobody knows how the database is")];
    };
    let mut found = vec![version(&schema), pgvector(&schema)];
    found.extend(segments.as_ref().and_then(waiting));
    found
}

fn version(schema: &Schema) -> Finding {
    let Schema {
        version, newest, ..
    } = schema;
    let here = MIGRATIONS.last().map_or(0, |step| step.version);
    let what = format!("the schema is at version {version}, and the deployed code wants {newest}");
    if version < newest {
        return fail(what, MIGRATE).meaning("functions ask for what is not there yet");
    }
    if version > newest {
        return warn(what, "deploy the newer code again, or leave it so: docs/deploy.md, Roll back")
            .meaning("older code runs on a newer schema, which works unless that version's notes say otherwise");
    }
    if *newest < here {
        return warn(
            format!("the schema is at version {version}, and this checkout knows {here}"),
            "deploy this checkout: docs/deploy.md, Upgrade",
        )
        .meaning("the deployed code is older than this checkout");
    }
    fine(format!("the schema is at version {version}, the newest"))
}

fn pgvector(schema: &Schema) -> Finding {
    let Some(version) = &schema.pgvector else {
        return fail("pgvector is not installed", MIGRATE).meaning("no vector can be stored");
    };
    let finding = fail(
        format!("pgvector {version} can corrupt indexes"),
        "take a newer EngineVersion: docs/deploy.md, Upgrade; then ALTER EXTENSION vector UPDATE",
    )
    .meaning("search may miss what is stored, without an error");
    if schema.is_pgvector_sound {
        fine(format!("pgvector {version}"))
    } else {
        finding
    }
}

fn waiting(segments: &Segments) -> Option<Finding> {
    let Segments { closed, oldest_s } = segments;
    let what = format!(
        "{closed} full segments wait to be sealed, the oldest for {}",
        age(*oldest_s)
    );
    let late = warn(what, "read the log of vector-keeper; docs/scale-out.md")
        .meaning("search reads them row by row, and gets slower");
    (*closed > 0 && *oldest_s > SEALING_SECONDS).then_some(late)
}

#[cfg(test)]
mod tests {
    use super::super::super::finding::Verdict::{self, Fail, Ok, Warn};
    use super::*;

    fn worst(
        version: i32,
        newest: i32,
        pgvector: Option<&str>,
        closed: i64,
        oldest_s: i64,
    ) -> (Verdict, String) {
        let is_sound = pgvector == Some("0.8.4");
        let answer = json!({
            "schema": {"version": version, "newest": newest, "pgvector": pgvector, "is_pgvector_sound": is_sound},
            "segments": {"closed": closed, "oldest_s": oldest_s},
        });
        let found = judge(&answer);
        let rank = |finding: &&Finding| {
            [Ok, Warn, Fail]
                .iter()
                .position(|one| *one == finding.verdict)
        };
        let worst = found.iter().rev().max_by_key(rank).unwrap();
        assert!(worst.is_fine() || worst.means.is_some() && worst.next.is_some());
        (worst.verdict, worst.what.clone())
    }

    #[test]
    fn each_state_of_the_database_is_judged() {
        let newest = MIGRATIONS.last().unwrap().version;
        let good = Some("0.8.4");
        for (at, wants, pgvector, closed, oldest, verdict, word) in [
            (newest, newest, good, 0, 0, Ok, "the newest"),
            (newest, newest, good, 2, 600, Ok, "the newest"),
            (newest, newest, good, 2, 3_601, Warn, "2 full segments"),
            (
                newest - 1,
                newest,
                good,
                0,
                0,
                Fail,
                "the deployed code wants",
            ),
            (
                newest,
                newest - 1,
                good,
                0,
                0,
                Warn,
                "the deployed code wants",
            ),
            (
                newest - 1,
                newest - 1,
                good,
                0,
                0,
                Warn,
                "this checkout knows",
            ),
            (newest, newest, None, 0, 0, Fail, "not installed"),
            (
                newest,
                newest,
                Some("0.8.3"),
                0,
                0,
                Fail,
                "0.8.3 can corrupt",
            ),
        ] {
            let (worst, what) = worst(at, wants, pgvector, closed, oldest);
            assert!(
                worst == verdict && what.contains(word),
                "{at} {wants}: {worst:?} {what}"
            );
        }
        let old = judge(&json!({"from": 17, "to": 17, "applied": [], "pgvector": "0.8.4"}));
        assert!(
            old[0].verdict == Warn && old[0].what.contains("does not know"),
            "{old:?}"
        );
    }
}
