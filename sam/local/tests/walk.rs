//! What the docs say to type is something that can be typed, and something runs it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{ArgMatches, Command, CommandFactory as _};
use local::cli::Cli;

/// What no test runs as a command, and why.
const NOT_RUN: [(&str, &str); 6] = [
    (
        "bench",
        "takes minutes, in release; whoever changes a figure runs it",
    ),
    ("chaos", "`test` runs the same test, for half a minute"),
    (
        "eval",
        "tests/evaluation measures the same by the same code, in a test of its own",
    ),
    (
        "model",
        "`up` and `test` write the model by the same code, and do not start without it",
    ),
    (
        "openapi",
        "tests/openapi writes the same document, and compares it with docs/openapi.json",
    ),
    (
        "reset",
        "wipes the stack of whoever runs it; it is `down`, and then a folder less",
    ),
];

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap().to_owned()
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let (mut found, mut waiting) = (Vec::new(), vec![root().join(folder)]);
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let inside = std::fs::read_dir(&path).unwrap();
            waiting.extend(inside.map(|entry| entry.unwrap().path()));
        } else if path.to_str().unwrap().ends_with(ending) {
            found.push(path);
        }
    }
    found
}

/// What stands in a text as code: lines of blocks, and what is between backticks.
fn code(markdown: &str) -> Vec<String> {
    let mut code = Vec::new();
    for (place, part) in markdown.split("```").enumerate() {
        if place % 2 == 1 {
            code.extend(part.lines().map(str::to_owned));
        } else {
            let spans = part.split('`').skip(1).step_by(2);
            code.extend(spans.map(|span| span.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    code
}

/// The words of a line; what stands in quotes is one.
fn split(code: &str) -> Vec<String> {
    let parts = code.split('"').enumerate();
    parts
        .flat_map(|(place, part)| match place % 2 {
            1 => vec![part.to_owned()],
            _ => part.split_whitespace().map(str::to_owned).collect(),
        })
        .collect()
}

/// The words after `cargo local`, if this is such a command: variables may stand before it, a remark or a pipe behind it.
fn words(code: &str) -> Option<Vec<String>> {
    let all = split(code);
    let mut words = all
        .iter()
        .map(String::as_str)
        .skip_while(|word| word.contains('='));
    if (words.next(), words.next()) != (Some("cargo"), Some("local")) {
        return None;
    }
    let ends = ["#", "|", ">", "&&", ";", "&"];
    let own = words.take_while(|word| !ends.contains(word) && !word.starts_with('>'));
    let own: Vec<_> = own
        .map(|word| word.trim_matches(['"', '\'', '…']).to_owned())
        .collect();
    (!own.is_empty()).then_some(own)
}

/// Every command of the docs, with the page that says it.
fn documented() -> Vec<(String, Vec<String>)> {
    let pages = [vec![root().join("README.md")], files("docs", ".md")].concat();
    let of_page = |page: &PathBuf| {
        let name = page.file_name().unwrap().to_str().unwrap().to_owned();
        let commands: Vec<_> = code(&text(page))
            .iter()
            .filter_map(|line| words(line))
            .collect();
        commands
            .into_iter()
            .map(move |words| (name.clone(), words))
            .collect::<Vec<_>>()
    };
    pages.iter().flat_map(of_page).collect()
}

/// The names of the command and of those below it.
fn names(matches: &ArgMatches) -> Vec<String> {
    let below = matches.subcommand();
    below.map_or_else(Vec::new, |(name, inner)| {
        [vec![name.to_owned()], names(inner)].concat()
    })
}

/// Which command these words are, or what clap says against them. Help is asked for in words, and shown as an error.
fn parse(words: &[String]) -> Result<Vec<String>, String> {
    let own = ["cargo local".to_owned()]
        .into_iter()
        .chain(words.iter().cloned());
    match Cli::command().try_get_matches_from(own) {
        Ok(matches) => Ok(names(&matches)),
        Err(error) if error.kind() == ErrorKind::DisplayHelp => Ok(Vec::new()),
        // A sentence may name a command without its arguments.
        Err(error)
            if error.kind() == ErrorKind::MissingRequiredArgument
                && words.iter().all(|word| !word.starts_with('-')) =>
        {
            Ok(words.to_vec())
        }
        Err(error) => Err(error.to_string()),
    }
}

/// The commands that do something, as they are typed.
fn commands(command: &Command, before: &str) -> Vec<String> {
    let shown = command
        .get_subcommands()
        .filter(|one| !one.is_hide_set() && one.get_name() != "help");
    let typed = |one: &Command| {
        let name = format!("{before}{}", one.get_name());
        if one.has_subcommands() {
            commands(one, &format!("{name} "))
        } else {
            vec![name]
        }
    };
    shown.flat_map(typed).collect()
}

/// A test with the other files of its folder, if it has one of its own.
fn whole(path: &Path, tests: &[PathBuf]) -> String {
    let folder = path.parent().filter(|folder| !folder.ends_with("tests"));
    let beside = |other: &&PathBuf| folder.is_some() && other.parent() == folder;
    let others = tests.iter().filter(beside).map(|other| text(other));
    text(path) + &others.collect::<String>()
}

/// Whether the walk or CI types it, or a test starts the binary with its words.
fn is_run(command: &str) -> bool {
    let typed = format!("cargo local {command}");
    let scripts = [root().join(".ci/walk"), root().join(".ci/run")];
    if scripts.iter().any(|script| {
        text(script)
            .lines()
            .any(|line| line.trim().starts_with(&typed))
    }) {
        return true;
    }
    let tests = [files("sam/local/tests", ".rs"), files("tests/tests", ".rs")].concat();
    let own = Path::new(file!()).file_name();
    tests
        .iter()
        .filter(|path| path.file_name() != own)
        .map(|path| whole(path, &tests))
        .any(|test| {
            let starts = test.contains("CARGO_BIN_EXE_local") || test.contains("binary(\"local\")");
            let mut words = command.split(' ');
            let first = words.next().unwrap_or_default();
            let is_typed = [format!("[\"{first}\""), format!("arg(\"{first}\"")];
            starts
                && is_typed.iter().any(|typed| test.contains(typed))
                && words.all(|word| test.contains(&format!("\"{word}\"")))
        })
}

#[test]
fn every_command_in_the_docs_can_be_typed() {
    let documented = documented();
    assert!(documented.len() > 10, "{documented:?}");
    for (page, words) in documented {
        if let Err(why) = parse(&words) {
            panic!("{page}: cargo local {}: {why}", words.join(" "));
        }
    }
    let flaw = |line: &str| parse(&words(line).unwrap()).is_err();
    assert!(flaw("cargo local serve") && flaw("A=1 cargo local up --ports 1 # never"));
}

#[test]
fn every_command_is_run_by_something_or_it_is_said_why_not() {
    let all = commands(&Cli::command(), "");
    assert!(
        all.contains(&"dlq ls".to_owned()) && all.len() > 15,
        "{all:?}"
    );
    for command in &all {
        let excuse = NOT_RUN.iter().find(|(name, _)| name == command);
        match (is_run(command), excuse) {
            (true, None) | (false, Some(_)) => {}
            (true, Some(_)) => panic!("{command} is run, and need not be excused"),
            (false, None) => {
                panic!("nothing runs cargo local {command}: put it into .ci/walk or a test")
            }
        }
    }
    assert!(
        NOT_RUN
            .iter()
            .all(|(name, _)| all.iter().any(|one| one == name))
    );
    let documented: BTreeSet<_> = documented()
        .iter()
        .filter_map(|(_, words)| parse(words).ok())
        .map(|names| names.join(" "))
        .collect();
    let is_known = |name: &String| name.is_empty() || all.contains(name);
    assert!(documented.iter().all(is_known), "{documented:?}");
}

/// The two commands that a newcomer reads first.
#[test]
fn ci_types_the_two_commands_of_the_readme() {
    let readme = text(&root().join("README.md"));
    let (_, rest) = readme.split_once("## Two commands").unwrap();
    let block = rest.split("```").nth(1).unwrap();
    let two: Vec<_> = block.lines().filter_map(words).collect();
    assert_eq!(two, [["up"], ["test"]]);
    assert!(two.iter().all(|words| is_run(&words.join(" "))));
    assert!(text(&root().join(".ci/run")).contains("\nbash .ci/walk\n"));
}
