//! What the docs tell people to type: it does what is said there, once, and gives no key away.

use serde_json::{Value, json};

use crate::stacks::{Complaints, Stacks, choices, functions, of_type, root, text};
use crate::{app, promise};

/// Every page that people read, with its text.
pub(crate) fn pages() -> Vec<(String, String)> {
    let docs = std::fs::read_dir(root().join("docs")).unwrap();
    let docs = docs.map(|entry| format!("docs/{}", entry.unwrap().file_name().display()));
    let docs = docs.filter(|path| path.ends_with(".md"));
    let beside = ["README.md", "ARCHITECTURE.md", "infra/README.md"].map(str::to_owned);
    let mut paths: Vec<_> = docs.chain(beside).collect();
    paths.sort();
    let page = |path: String| {
        let text = text(&path);
        (path, text)
    };
    paths.into_iter().map(page).collect()
}

/// Whatever setting the run books and the alarms name, whoever deploys can set it.
pub(crate) fn what_people_are_told_to_change_can_be_changed(stacks: &Stacks) -> Complaints {
    let stack = &stacks.application;
    let alarms = of_type(stack, "AWS::CloudWatch::Alarm");
    let alarms = alarms.map(|(_, alarm)| alarm["Properties"]["AlarmDescription"].to_string());
    let told = text("docs/runbooks.md") + &alarms.collect::<String>();
    let words: Vec<_> = told.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let mut complaints = Vec::new();
    for (function, one) in functions(stack) {
        let variables = one["Properties"]["Environment"]["Variables"].as_object();
        for (name, value) in variables.into_iter().flatten() {
            let is_set = choices(value).into_iter().any(|one| is_parameter(stack, one));
            if words.contains(&name.as_str()) && !is_set {
                complaints.push(format!("{function}: nobody can set {name}"));
            }
        }
    }
    complaints
}

fn is_parameter(stack: &Value, value: &Value) -> bool {
    let name = value["Ref"].as_str().unwrap_or_default();
    !stack["Parameters"][name].is_null()
}

#[test]
fn what_run_books_say_to_raise_can_be_raised() {
    const MEMORY: &str =
        "/Resources/VectorKeeperFunction/Properties/Environment/Variables/MAINTENANCE_MEMORY_MB";
    promise(
        what_people_are_told_to_change_can_be_changed,
        &[
            app(
                MEMORY,
                json!({ "Ref": "AWS::NoValue" }),
                "set MAINTENANCE_MEMORY_MB",
            ),
            app(
                "/Parameters/MaintenanceMemoryMb",
                Value::Null,
                "set MAINTENANCE_MEMORY_MB",
            ),
        ],
    );
}

/// What is wrong with a line that gives a function a task.
fn asks_twice(line: &str) -> bool {
    let is_asked_once = line.contains("AWS_MAX_ATTEMPTS=1 aws lambda invoke ");
    let is_waited_for = line.contains("--cli-read-timeout 0 ");
    line.contains("lambda invoke") && !(is_asked_once && is_waited_for)
}

/// The CLI gives up after a minute and asks again, although the function is still at it.
#[test]
fn a_task_by_hand_is_given_once_and_waited_for() {
    let mut lines = 0;
    for (path, text) in pages() {
        for line in text.lines().filter(|line| line.contains("lambda invoke")) {
            assert!(!asks_twice(line), "{path}: {line}");
            lines += 1;
        }
    }
    assert!(lines >= 2, "there is nothing to look at");
    for twice in [
        "aws lambda invoke --function-name f /dev/stdout",
        "AWS_MAX_ATTEMPTS=1 aws lambda invoke --function-name f /dev/stdout",
        "aws lambda invoke --cli-read-timeout 0 --function-name f /dev/stdout",
    ] {
        assert!(asks_twice(twice), "{twice}");
    }
}
