//! A report as people read it.

use serde_json::Value;

use super::report::{BrokenLinks, Conflict, Line, Report};
use crate::console::{Ink, paint, table};

/// So many lines of one kind; `--json` has them all.
const MOST: usize = 20;

/// Prints everything that a person wants to know of a run.
pub(in crate::commands) fn show(report: &Report) {
    say!("\n{}", paint(Ink::Bold, "Run"));
    table(&head(report));
    for (title, lines) in groups(report) {
        show_group(title, &lines);
    }
    let hidden = report.broken_links.count - report.broken_links.links.len() as u64;
    if hidden > 0 {
        say!("  … and {hidden} more broken links");
    }
}

/// Prints what would change.
pub(in crate::commands) fn show_changes(changes: &[Line]) {
    let lines: Vec<_> = changes.iter().map(describe).collect();
    show_group("Would change", &lines);
}

fn show_group(title: &str, lines: &[String]) {
    let count = lines.len();
    say!("\n{}", paint(Ink::Bold, &format!("{title}: {count}")));
    for line in lines.iter().take(MOST) {
        say!("  {line}");
    }
    if count > MOST {
        say!("  … and {} more (--json has all)", count - MOST);
    }
}

fn head(report: &Report) -> Vec<(&str, String)> {
    let time = |time: &Option<String>| time.clone().unwrap_or("–".to_owned());
    let mut rows = vec![
        ("run", report.run_id.clone()),
        ("kind", report.kind.clone()),
        ("state", report.state.clone()),
        ("asked for", report.requested_at.clone()),
        ("begun", time(&report.started_at)),
        ("ended", time(&report.finished_at)),
    ];
    rows.extend(report.error.iter().map(|why| ("because", why.clone())));
    let counts = report.counts.iter();
    rows.extend(counts.map(|(name, count)| (name.as_str(), count.to_string())));
    rows
}

/// What changed, what was skipped, what is in conflict, what is broken; each with its lines.
fn groups(report: &Report) -> [(&'static str, Vec<String>); 4] {
    let of = |words: &[&str]| {
        let lines = report.changes.iter();
        let wanted = lines.filter(|line| words.contains(&line.change.as_str()));
        wanted.map(describe).collect()
    };
    [
        ("Changed", of(&["added", "updated", "metadata", "gone"])),
        ("Skipped", of(&["left_out", "flawed", "failed"])),
        ("In conflict", report.conflicts.iter().map(oppose).collect()),
        ("Broken links", links(&report.broken_links)),
    ]
}

fn describe(line: &Line) -> String {
    let article = line.article.as_deref().unwrap_or("(without a name)");
    let detail = line.detail.as_ref().map(words).unwrap_or_default();
    format!("{:<9} {article}  {detail}", line.change.replace('_', " "))
}

/// The fields of an object in one line.
fn words(detail: &Value) -> String {
    let fields = detail.as_object().into_iter().flatten();
    let pairs = fields.map(|(name, value)| match value {
        Value::String(text) => format!("{name} {text}"),
        other => format!("{name} {other}"),
    });
    pairs.collect::<Vec<_>>().join(", ")
}

fn oppose(conflict: &Conflict) -> String {
    let side = |side: &Value| {
        let modified = side["modified"].as_str().unwrap_or("–");
        format!("{modified} version {}", side["version"])
    };
    format!(
        "{} {}: ours {}, CXone's {} ({})",
        conflict.article,
        conflict.kind.replace('_', " "),
        side(&conflict.local),
        side(&conflict.remote),
        conflict.policy
    )
}

fn links(broken: &BrokenLinks) -> Vec<String> {
    let links = broken.links.iter();
    let line = links.map(|link| {
        let status = link.status.map(|status| status.to_string());
        let why = link.why.clone().unwrap_or_default();
        let articles = link.articles.join(", ");
        format!(
            "{:<4} {}  {why}; in {articles}",
            status.unwrap_or("–".to_owned()),
            link.url
        )
    });
    line.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_line_of_a_report_stands_in_its_group() {
        let line = |change: &str, article: &str, detail: Value| json!({ "id": 1, "article": article, "change": change, "detail": detail, "at": "" });
        let report: Report = serde_json::from_value(json!({
            "run_id": "r", "kind": "full", "state": "held", "accept_removals": false, "requested_at": "now",
            "started_at": null, "finished_at": null, "counts": { "added": 1 }, "error": "too many", "next": null,
            "changes": [
                line("added", "a-1", json!({ "documents": 2 })),
                line("left_out", "a-2", json!({ "why": "status" })),
                line("conflict", "a-3", json!({ "kind": "older" })),
                line("gone", "a-4", Value::Null),
                { "id": 5, "article": null, "change": "flawed", "detail": { "what": "no name" }, "at": "" },
            ],
            "conflicts": [{ "id": 1, "article": "a-3", "kind": "same_date", "policy": "skip", "run": "r", "found_at": "",
                "local": { "modified": "2026-01-02", "version": 2 }, "remote": { "modified": "2026-01-01", "version": 1 } }],
            "broken_links": { "count": 1, "links": [{ "url": "https://x.example/", "status": 404, "why": "is not there", "articles": ["a-1"] }] },
        }))
        .unwrap();
        let [changed, skipped, opposed, broken] = groups(&report).map(|(_, lines)| lines);
        assert_eq!(changed, ["added     a-1  documents 2", "gone      a-4  "]);
        assert_eq!(
            skipped,
            [
                "left out  a-2  why status",
                "flawed    (without a name)  what no name"
            ]
        );
        assert_eq!(
            opposed,
            ["a-3 same date: ours 2026-01-02 version 2, CXone's 2026-01-01 version 1 (skip)"]
        );
        assert_eq!(broken, ["404  https://x.example/  is not there; in a-1"]);
        let head = head(&report);
        assert!(head.contains(&("because", "too many".to_owned())));
        assert!(head.contains(&("added", "1".to_owned())));
    }
}
