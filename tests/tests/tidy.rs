//! The invariants of the code, held by a test: where SQL lives, what the rooms may import, that functions look alike, that
//! fixtures are used, that settings and routes are documented where people look.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod tidy {
    mod rooms;
}

use std::collections::BTreeSet;
use std::fs::read_to_string;
use std::path::{Path, PathBuf};

use syn::visit::Visit;

/// Rooms of `shared` that know neither the network nor the clock nor the environment.
const PURE: [&str; 15] = [
    "shared/src/assist",
    "shared/src/audit/anchor.rs",
    "shared/src/audit/entry.rs",
    "shared/src/audit/report.rs",
    "shared/src/audit/seal.rs",
    "shared/src/audit/verify.rs",
    "shared/src/domain",
    "shared/src/auth",
    "shared/src/injection",
    "shared/src/json.rs",
    "shared/src/ranking",
    "shared/src/search",
    "shared/src/text",
    "shared/src/transcript",
    "shared/src/validation.rs",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn text(path: &str) -> String {
    read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file below `folder` with this extension, by its path from the root.
fn files(folder: &str, extension: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![root().join(folder)];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let inside = std::fs::read_dir(&path)
                .unwrap()
                .map(|entry| entry.unwrap().path());
            waiting.extend(
                inside.filter(|path| !path.ends_with("target") && !path.ends_with(".aws-sam")),
            );
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(
                path.strip_prefix(root())
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned(),
            );
        }
    }
    found.sort();
    found
}

fn functions() -> Vec<String> {
    let folders = std::fs::read_dir(root().join("functions")).unwrap();
    let mut names: Vec<_> = folders
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The string literals of a file, without those of its test modules.
#[derive(Default)]
struct Literals(Vec<String>);

impl<'ast> Visit<'ast> for Literals {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.ident != "tests" {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.0.push(literal.value());
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}

fn literals(path: &str) -> Vec<String> {
    let mut literals = Literals::default();
    literals.visit_file(
        &syn::parse_file(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}")),
    );
    literals.0
}

fn is_sql(text: &str) -> bool {
    let first: Vec<_> = text.split_whitespace().take(2).collect();
    match first[..] {
        ["SELECT" | "WITH", ..] | ["BEGIN" | "COMMIT"] => true,
        [verb, object] => {
            matches!(
                verb,
                "INSERT" | "DELETE" | "CREATE" | "ALTER" | "DROP" | "TRUNCATE"
            ) && object.chars().all(|c| c.is_ascii_uppercase())
                || verb == "UPDATE" && text.contains(" SET ")
        }
        _ => false,
    }
}

#[test]
fn sql_has_one_home() {
    assert!(
        is_sql("SELECT 1")
            && is_sql("INSERT INTO t")
            && !is_sql("Select a scope")
            && !is_sql("DELETE")
    );
    let sources = ["functions", "shared/src"]
        .into_iter()
        .flat_map(|folder| files(folder, "rs"));
    let homeless = sources.filter(|path| !path.starts_with("shared/src/db") && !is_test(path));
    for path in homeless.filter(|path| !path.starts_with("shared/src/testing")) {
        let sql: Vec<_> = literals(&path)
            .into_iter()
            .filter(|text| is_sql(text))
            .collect();
        assert!(
            sql.is_empty(),
            "{path} holds SQL, which lives in shared/src/db: {sql:?}"
        );
    }
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

#[test]
fn the_pure_rooms_import_no_io() {
    let forbidden = [
        "tokio",
        "reqwest",
        "aws_",
        "tokio_postgres",
        "deadpool",
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "SystemTime",
        "Instant",
        "::now()",
        "crate::db",
        "crate::queue",
        "crate::secrets",
        "crate::aws",
    ];
    for path in PURE
        .into_iter()
        .flat_map(|room| files(room, "rs"))
        .filter(|path| !is_test(path))
    {
        let code = text(&path);
        let code = code
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default();
        let lines = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in lines {
            let found = forbidden.iter().find(|word| line.contains(**word));
            assert!(
                found.is_none(),
                "{path} is pure, yet says {found:?}: {line}"
            );
        }
    }
}

/// The rooms of `shared` are drawn where people look first.
#[test]
fn every_room_of_shared_is_in_the_plan() {
    let plan = text("ARCHITECTURE.md");
    let plan = plan.split("## Rooms").nth(1).unwrap_or_default();
    let plan = plan.split("## Invariants").next().unwrap_or_default();
    let words: BTreeSet<_> = plan.split_whitespace().collect();
    let rooms = text("shared/src/lib.rs");
    let rooms = rooms
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let rooms: Vec<_> = rooms.collect();
    assert!(rooms.len() > 20, "{rooms:?}");
    for room in rooms {
        let is_there =
            words.contains(&*format!("{room}/")) || words.contains(&*format!("{room}.rs"));
        assert!(is_there, "ARCHITECTURE.md does not show shared/src/{room}");
    }
}

#[test]
fn functions_look_alike() {
    for name in functions() {
        let folder = format!("functions/{name}");
        for file in ["src/main.rs", "src/lib.rs", "src/app.rs", "src/handler.rs"] {
            assert!(
                root().join(&folder).join(file).is_file(),
                "{folder} has no {file}"
            );
        }
        let tests = ["tests/it.rs", "tests/it/main.rs"]
            .map(|file| root().join(&folder).join(file).is_file());
        assert!(tests.contains(&true), "{folder} has no tests/it");
        let main = text(&format!("{folder}/src/main.rs"));
        assert!(
            main.lines().count() <= 20,
            "{folder}/src/main.rs is not thin"
        );
        let contract = text(&format!("{folder}/src/lib.rs"));
        for word in [
            "**Trigger**",
            "**Guarantee**",
            "**Failure**",
            "| variable |",
        ] {
            assert!(
                contract.contains(word),
                "{folder}/src/lib.rs does not state its {word}"
            );
        }
        for path in files(&format!("{folder}/src"), "rs")
            .iter()
            .filter(|path| !path.ends_with("handler.rs"))
        {
            let knows = text(path).contains("LambdaEvent") && !path.ends_with("main.rs");
            assert!(!knows, "{path} knows Lambda's events; only handler.rs does");
        }
    }
}

#[test]
fn every_event_fixture_is_used() {
    let mut users = String::new();
    for folder in ["functions", "shared", "tests", "sam"] {
        for extension in ["rs", "sh", "py"] {
            for path in files(folder, extension) {
                users.push_str(&text(&path));
            }
        }
    }
    for path in files("events", "json") {
        let name = path.trim_start_matches("events/");
        assert!(users.contains(name), "nothing uses {path}");
    }
}

#[test]
fn sam_invokes_every_event_fixture() {
    let proof = text("sam/prove_events.py");
    for path in files("events", "json") {
        let name = path.trim_start_matches("events/");
        let event = format!("Event(\"{name}\"");
        assert!(proof.contains(&event), "sam/prove_events.py has no {event}");
    }
}

/// The names that a configuration reader is asked for.
fn settings() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let readers = [
        ".required(\"",
        ".optional(\"",
        ".or(\"",
        ".get(\"",
        ".document(\"",
    ];
    for path in ["functions", "shared/src"]
        .into_iter()
        .flat_map(|folder| files(folder, "rs"))
    {
        let code = text(&path);
        let code = code
            .split("#[cfg(test)]")
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect::<String>();
        let code = code.replace("::<String>", "");
        for piece in readers
            .iter()
            .filter(|_| !is_test(&path))
            .flat_map(|reader| code.split(reader).skip(1))
        {
            let name = piece.split('"').next().unwrap_or_default();
            if name.len() > 2 && name.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

#[test]
fn every_setting_is_in_the_docs_and_in_the_template() {
    let (docs, template) = (text("docs/settings.md"), text("sam/template.yaml"));
    let settings = settings();
    assert!(
        settings.contains("CONVERSATIONS_QUEUE_URL") && settings.len() >= 9,
        "{settings:?}"
    );
    for name in settings {
        assert!(
            docs.contains(&format!("`{name}`")),
            "{name} is missing in docs/settings.md"
        );
        assert!(
            template.contains(&format!("{name}:")),
            "{name} is missing in sam/template.yaml"
        );
    }
}

#[test]
fn the_local_routes_are_the_production_routes() {
    let manifest = text("Cargo.toml");
    let router = manifest
        .split("[workspace.metadata.lambda.watch.router]")
        .nth(1)
        .unwrap_or_default();
    let local: BTreeSet<_> = router
        .lines()
        .filter_map(|line| line.strip_prefix('"')?.split('"').next())
        .collect();
    let template = text("sam/template.yaml");
    let paths = template
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Path: "));
    assert_eq!(local, paths.collect::<BTreeSet<_>>());
}

#[test]
fn every_function_is_in_the_template_and_in_the_readme() {
    let (readme, template) = (text("README.md"), text("sam/template.yaml"));
    for name in functions() {
        assert!(
            template.contains(&name),
            "{name} is missing in sam/template.yaml"
        );
        assert!(
            readme.contains(&format!("`{name}`")),
            "{name} is missing in the README"
        );
    }
}

#[test]
fn the_released_webhook_links_neither_postgres_nor_a_model() {
    let mut tree = std::process::Command::new(env!("CARGO"));
    tree.args([
        "tree",
        "--locked",
        "--package",
        "data-action-webhook",
        "--edges",
        "normal",
        "--prefix",
        "none",
    ]);
    let output = tree.current_dir(root()).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let linked = String::from_utf8(output.stdout).unwrap();
    assert!(linked.contains("aws-sdk-sqs "));
    for heavy in [
        "tokio-postgres ",
        "deadpool",
        "reqwest ",
        "rten",
        "tokenizers",
        "bpe",
        "whatlang",
        "utoipa",
    ] {
        assert!(!linked.contains(heavy), "the webhook links {heavy}");
    }
}

#[test]
fn a_process_dies_at_every_named_place_in_some_test() {
    let tests: Vec<_> = files("tests/tests", "rs")
        .iter()
        .map(|path| text(path))
        .collect();
    for path in [files("shared/src", "rs"), files("functions", "rs")].concat() {
        let code = text(&path);
        for place in code.split("fail_point::reach(\"").skip(1) {
            let name = place.split('"').next().unwrap();
            let quoted = format!("\"{name}\"");
            let is_named = tests.iter().any(|test| test.contains(&quoted));
            assert!(is_named, "{path}: no test lets a process die at {name}");
        }
    }
}

/// The names of the tables that the migrations make.
fn tables() -> BTreeSet<String> {
    let mut tables = BTreeSet::new();
    for path in files("shared/src/db/migrations", "sql") {
        for line in text(&path).lines() {
            let words: Vec<_> = line.split_whitespace().collect();
            if let ["CREATE", "TABLE", name, ..] | ["CREATE", "UNLOGGED", "TABLE", name, ..] =
                words[..]
            {
                tables.insert(name.trim_end_matches('(').to_owned());
            }
        }
    }
    tables
}

#[test]
fn every_table_is_in_the_page_about_data_protection() {
    let page = text("docs/data-protection.md");
    let mut tables = tables();
    // Those that are made beside segments have their numbers in their names.
    tables.insert("conversation_signs_…".to_owned());
    assert!(
        tables.contains("transcripts") && tables.contains("embedding_claims"),
        "{tables:?}"
    );
    for name in tables {
        assert!(
            page.contains(&format!("`{name}`")),
            "docs/data-protection.md does not say what is personal in {name}"
        );
    }
}
