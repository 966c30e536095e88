//! What the docs tell people to type: it does what is said there, once, and gives no key away.

use crate::stacks::{root, text};

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
