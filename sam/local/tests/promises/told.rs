//! What the docs tell people to type: it does what is said there, once, and gives no key away.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::CommandFactory as _;
use local::cli::Cli;
use serde_json::{Value, json};

use crate::stacks::{Complaints, Stacks, choices, functions, of_type, root, text};
use crate::{app, promise};

/// Every page that people read, with its text.
pub(crate) fn pages() -> Vec<(String, String)> {
    let docs = std::fs::read_dir(root().join("docs")).unwrap();
    let docs = docs.map(|entry| entry.unwrap().path());
    let docs = docs.filter(|path| path.extension().is_some_and(|end| end == "md"));
    let beside = ["README.md", "ARCHITECTURE.md", "infra/README.md"].map(|path| root().join(path));
    let page = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path.display().to_string(), text)
    };
    docs.chain(beside).map(page).collect()
}

/// Whatever setting the run books and the alarms name, whoever deploys can set it.
pub(crate) fn what_people_are_told_to_change_can_be_changed(stacks: &Stacks) -> Complaints {
    let stack = &stacks.application;
    let alarms = of_type(stack, "AWS::CloudWatch::Alarm");
    let alarms = alarms.map(|(_, alarm)| alarm["Properties"]["AlarmDescription"].to_string());
    let told = text("docs/runbooks.md") + &alarms.collect::<String>();
    let words: Vec<_> = told
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .collect();
    let mut complaints = Vec::new();
    for (function, one) in functions(stack) {
        let variables = one["Properties"]["Environment"]["Variables"].as_object();
        for (name, value) in variables.into_iter().flatten() {
            let is_set = choices(value)
                .into_iter()
                .any(|one| is_parameter(stack, one));
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

/// The names in backticks.
fn named(cell: &str) -> BTreeSet<String> {
    let names = cell.split('`').skip(1).step_by(2);
    names.map(str::to_owned).collect()
}

/// The parameters by which whoever deploys sets this variable of some function, or of all of them.
fn parameters(stack: &Value, variable: &str) -> BTreeSet<String> {
    let shared = &stack["Globals"]["Function"]["Environment"]["Variables"];
    let own = functions(stack).map(|(_, one)| &one["Properties"]["Environment"]["Variables"]);
    let values = own.chain([shared]).map(|all| &all[variable]);
    let leaves = values.flat_map(choices);
    let leaves = leaves.filter(|leaf| is_parameter(stack, leaf));
    leaves
        .filter_map(|leaf| leaf["Ref"].as_str())
        .map(str::to_owned)
        .collect()
}

/// An operator knows parameters, and the code knows variables: the page says which is which.
pub(crate) fn each_variable_names_its_parameter(stacks: &Stacks) -> Complaints {
    let page = text("docs/settings.md");
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let mut complaints = Vec::new();
    for row in rows {
        let mut cells = row.trim_matches('|').split(" | ");
        let (variables, told) = (cells.next().unwrap(), cells.next().unwrap());
        let wanted = named(variables);
        let wanted = wanted
            .iter()
            .map(|name| parameters(&stacks.application, name));
        let wanted: BTreeSet<_> = wanted.flatten().collect();
        if named(told) != wanted {
            complaints.push(format!("{variables} is set by {wanted:?}, not by {told}"));
        }
    }
    complaints
}

#[test]
fn settings_are_told_with_their_parameters() {
    const OF_LOGS: &str = "/Globals/Function/Environment/Variables/LOG_LEVEL";
    const OF_THE_KEEPER: &str =
        "/Resources/VectorKeeperFunction/Properties/Environment/Variables/MERGE_SEGMENTS";
    promise(
        each_variable_names_its_parameter,
        &[
            app("/Parameters/WebhookSchemes", Value::Null, "WEBHOOK_SCHEMES"),
            app(OF_LOGS, json!("info"), "LOG_LEVEL"),
            app(OF_THE_KEEPER, json!({ "Ref": "Bm25B" }), "MERGE_SEGMENTS"),
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

/// What stands behind a word of a line, each time.
fn behind<'a>(line: &'a str, word: &str) -> Vec<&'a str> {
    let pieces = line.split(word).skip(1);
    pieces
        .filter_map(|rest| rest.split_whitespace().next())
        .collect()
}

/// Whoever lists the processes of a machine sees their command lines.
#[test]
fn no_key_stands_on_a_command_line() {
    let given = |text: &str| {
        let lines = text.lines();
        let given = lines.flat_map(|line| behind(line, "--secret-string "));
        given.map(str::to_owned).collect::<Vec<_>>()
    };
    let mut all = Vec::new();
    for (path, text) in pages() {
        for given in given(&text) {
            assert_eq!(given, "file:///dev/stdin", "{path}");
            all.push(given);
        }
    }
    assert!(!all.is_empty(), "there is nothing to look at");
    assert_eq!(given("put-secret-value --secret-string \"$2\""), ["\"$2\""]);
}

/// The examples of a command and of those below it.
fn examples(command: &clap::Command) -> Vec<String> {
    let own = command.get_after_help().map(ToString::to_string);
    let below = command.get_subcommands().flat_map(examples);
    own.into_iter().chain(below).collect()
}

/// CloudFormation names secrets itself: whoever copies an invented name finds nothing.
#[test]
fn examples_name_secrets_by_what_the_stack_tells() {
    let stacks = Stacks::load();
    let outputs = &stacks.application["Outputs"];
    let mut looked_at = 0;
    for text in examples(&Cli::command()) {
        let lines = text.lines().filter(|line| line.contains("--aws"));
        let ids: Vec<_> = lines
            .flat_map(|line| behind(line, "--secret-id "))
            .collect();
        assert!(ids.iter().all(|id| *id == "ARN"), "{text}");
        if !ids.is_empty() {
            let told = behind(&text, "The ARN is the output ");
            assert!(told.iter().any(|name| !outputs[name].is_null()), "{text}");
            looked_at += 1;
        }
    }
    assert!(looked_at >= 4, "{looked_at}");
}

/// The commands of a page that people copy: blocks, and what stands in backticks. A bare name of a command is none.
fn copied(page: &str) -> Vec<&str> {
    let mut all = Vec::new();
    for (at, piece) in page.split("```").enumerate() {
        if at % 2 == 1 {
            all.push(piece);
        } else {
            all.extend(piece.split('`').skip(1).step_by(2));
        }
    }
    all.retain(|text| text.trim() != "sam deploy");
    all
}

/// Whether something deploys functions as their source. A layer is deployed as it lies there.
fn deploys_source(commands: &str) -> bool {
    let mut before = String::new();
    for piece in commands.split_inclusive("sam deploy") {
        let rest = &commands[before.len() + piece.len()..];
        before.push_str(piece);
        let is_layers = rest.trim_start().starts_with("-t minilm-layer.yaml");
        if piece.ends_with("sam deploy") && !is_layers && !before.contains("sam build") {
            return true;
        }
    }
    false
}

/// Without a build, sam sends what it finds in the folders of the functions: their source, which Lambda cannot start.
#[test]
fn whoever_deploys_has_built() {
    let mut count = 0;
    for (path, text) in pages() {
        for commands in copied(&text) {
            assert!(!deploys_source(commands), "{path}: {commands}");
            count += commands.matches("sam deploy").count();
        }
    }
    assert!(count >= 2, "there is nothing to look at");
    for (commands, is) in [
        ("sam build && sam deploy --stack-name n", false),
        ("sam deploy -t minilm-layer.yaml --stack-name n", false),
        ("(cd sam && sam deploy --stack-name n)", true),
        ("sam deploy\nsam build", true),
        (
            "sam deploy -t minilm-layer.yaml && sam deploy --stack-name n",
            true,
        ),
    ] {
        assert_eq!(deploys_source(commands), is, "{commands}");
    }
}
