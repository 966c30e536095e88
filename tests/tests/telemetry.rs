//! What is said of metrics, alarms and log lines in the docs, held equal to the code and the templates; `WRITE_DOCS=1` writes it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod telemetry {
    pub(crate) mod alarms;
    pub(crate) mod events;
}

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::read_to_string;
use std::path::{Path, PathBuf};

use shared::telemetry::{FUNCTION, METRICS, NAMESPACE};
use shared::testing;

use crate::telemetry::alarms::{Alarm, alarms, filters};
use crate::telemetry::events::{Event, events};

pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap().to_owned()
}

pub(crate) fn text(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below a folder that ends like this.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let (mut found, mut waiting) = (Vec::new(), vec![root().join(folder)]);
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let inside = std::fs::read_dir(&path).unwrap();
            waiting.extend(inside.map(|entry| entry.unwrap().path()));
        } else if path.to_str().unwrap().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        writeln!(table, "| {} |", row.join(" | ")).unwrap();
    }
    table
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

fn metrics_table() -> String {
    let rows = METRICS.iter().map(|metric| {
        let dimension = metric.dimension.map(code).unwrap_or_default();
        let (name, unit) = (code(metric.name), metric.unit.to_owned());
        vec![name, unit, dimension, metric.meaning.to_owned()]
    });
    table(&["metric", "unit", "also by", "meaning"], rows)
}

fn filters_table() -> String {
    let rows = filters()
        .into_iter()
        .map(|one| vec![code(&one.metric), code(&one.pattern)]);
    table(&["metric", "counts lines with"], rows)
}

fn alarms_table() -> String {
    let rows = alarms().into_iter().map(|alarm| {
        let Alarm {
            name,
            means,
            section,
            ..
        } = alarm;
        let section = section.unwrap_or_else(|| {
            panic!("{name}: its AlarmDescription names no section of docs/runbooks.md")
        });
        vec![
            code(&name),
            means,
            format!("[run book](runbooks.md#{section})"),
        ]
    });
    table(&["alarm", "means", "do"], rows)
}

fn events_table() -> String {
    let rows = events().into_iter().map(|event| {
        let fields: Vec<_> = event.fields.iter().map(|field| code(field)).collect();
        vec![event.place, event.message, event.level, fields.join(", ")]
    });
    table(&["in", "message", "level", "fields"], rows)
}

#[test]
fn the_docs_say_what_the_code_does() {
    let path = "docs/telemetry.md";
    let docs = text(path);
    let mut written = docs.clone();
    for (name, table) in [
        ("metrics", metrics_table()),
        ("filters", filters_table()),
        ("alarms", alarms_table()),
        ("events", events_table()),
    ] {
        let mark = format!("<!-- table {name} -->\n");
        let (before, rest) = written.split_once(&mark).unwrap();
        let (_, after) = rest.split_once("<!-- end -->").unwrap();
        written = format!("{before}{mark}{table}<!-- end -->{after}");
    }
    if testing::setting("WRITE_DOCS").is_some() {
        return std::fs::write(root().join(path), written).unwrap();
    }
    let missing = || {
        written
            .lines()
            .filter(|line| !docs.lines().any(|other| other == *line))
    };
    let stale = || {
        docs.lines()
            .filter(|line| !written.lines().any(|other| other == *line))
    };
    assert!(
        docs == written,
        "{path} is not what the code says; WRITE_DOCS=1 writes it.\nMissing:\n{}\nNot so any more:\n{}",
        missing().collect::<Vec<_>>().join("\n"),
        stale().collect::<Vec<_>>().join("\n"),
    );
    assert!(docs.contains(&code(NAMESPACE)) && docs.contains(&code(FUNCTION)));
}

#[test]
fn every_metric_is_a_field_of_some_line_beside_its_dimension() {
    let events = events();
    for metric in METRICS.iter().filter(|metric| metric.name != "failures") {
        let has = |event: &&Event| event.fields.contains(metric.name);
        let lines: Vec<_> = events.iter().filter(has).collect();
        assert!(!lines.is_empty(), "no line counts {}", metric.name);
        for line in lines {
            assert_ne!(line.level, "debug", "{}: {}", metric.name, line.message);
            let is_there = metric
                .dimension
                .is_none_or(|name| line.fields.contains(name));
            assert!(
                is_there,
                "{}: the line {} has no {:?}",
                metric.name, line.message, metric.dimension
            );
        }
    }
    let names: BTreeSet<_> = METRICS.iter().map(|metric| metric.name).collect();
    assert_eq!(names.len(), METRICS.len(), "each name once");
}

/// What `CloudWatch` waits for is a field or a message of some line.
#[test]
fn every_filter_finds_a_line() {
    let events = events();
    let words: BTreeSet<_> = events
        .iter()
        .flat_map(|event| &event.fields)
        .map(String::as_str)
        .collect();
    for filter in filters() {
        let field = filter.pattern.trim_matches(['%', '{', ' ', '"', '\'']);
        let field = field
            .trim_start_matches("$.")
            .split([' ', '='])
            .next()
            .unwrap();
        let field = field.split("..").next().unwrap();
        let is_message = field == "message"
            && events
                .iter()
                .any(|event| filter.pattern.contains(&format!("\"{}\"", event.message)));
        assert!(
            words.contains(field) || is_message,
            "nothing says {field}: {}",
            filter.pattern
        );
    }
}

#[test]
fn every_function_works_within_an_invocation() {
    for main in files("functions", "src/main.rs") {
        assert!(
            text(&main).contains("telemetry::invocation("),
            "{}",
            main.display()
        );
    }
}

/// The sections of the run books by their anchors, each with the alarms that it is for.
fn sections() -> BTreeMap<String, String> {
    let books = text("docs/runbooks.md");
    let sections = books.split("\n## ").skip(1).map(|section| {
        let (title, body) = section.split_once('\n').unwrap();
        let kept = |c: &char| c.is_alphanumeric() || *c == ' ' || *c == '-';
        let anchor: String = title.to_lowercase().chars().filter(kept).collect();
        (anchor.replace(' ', "-"), body.to_owned())
    });
    sections.collect()
}

#[test]
fn every_alarm_has_its_run_book_and_every_run_book_its_alarms() {
    let (alarms, sections) = (alarms(), sections());
    assert!(alarms.len() >= 30, "{}", alarms.len());
    for alarm in &alarms {
        let section = alarm
            .section
            .as_ref()
            .unwrap_or_else(|| panic!("{}: its AlarmDescription names no run book", alarm.name));
        let body = sections
            .get(section)
            .unwrap_or_else(|| panic!("docs/runbooks.md has no section {section}"));
        let (list, _) = body.split_once("\n- ").unwrap();
        assert!(
            list.contains(&code(&alarm.name)),
            "{section} does not list {}",
            alarm.name
        );
    }
    for (anchor, body) in &sections {
        let (list, advice) = body.split_once("\n- ").unwrap();
        for part in ["**Means**", "- **Look**", "- **Do**", "- **Over**"] {
            assert!(advice.contains(part), "{anchor} does not say {part}");
        }
        for listed in list.split('`').skip(1).step_by(2) {
            // Alarms of the database come with the stacks of infra/.
            let is_known = alarms.iter().any(|alarm| alarm.name == listed);
            assert!(
                is_known || files("infra", ".yaml").is_empty(),
                "{anchor} lists {listed}, which is no alarm"
            );
        }
    }
}
