//! Which room of `shared` may know which: imports flow one way.

use std::collections::BTreeSet;

use crate::{files, is_test, text};

/// A room knows only those of the tiers before its own.
const TIERS: [&[&str]; 8] = [
    &["aws", "config", "fail_point", "validation"],
    &["error"],
    &["deadline", "json", "net_guard", "retry"],
    &["domain", "links", "outbound", "telemetry"],
    &[
        "auth",
        "batch",
        "injection",
        "ranking",
        "text",
        "transcript",
    ],
    &["assist", "audit", "queue", "search", "secrets"],
    &["cxone", "db", "embedding", "http", "mirror"],
    &["callback", "retrieval", "task"],
];

/// What is pure of the audit stands below the database, and keeping its anchors above.
const ABOVE: [&str; 1] = ["shared/src/audit/anchoring.rs"];

/// Tests, and what dies in them, may know all.
const TESTING: &str = "testing";

fn tier(room: &str) -> Option<usize> {
    TIERS.iter().position(|tier| tier.contains(&room))
}

/// The rooms that code names, `code` being without its comments and tests. Each import names one.
fn named(code: &str) -> BTreeSet<&str> {
    let mut rooms = BTreeSet::new();
    for path in code.split("crate::").skip(1) {
        let end = path.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        rooms.insert(match &path[..end.unwrap_or(path.len())] {
            // What the crate gives out of a room at its root.
            "Error" | "Kind" => "error",
            room => room,
        });
    }
    rooms
}

fn code(path: &str) -> String {
    let whole = text(path);
    let own = whole.split("#[cfg(test)]\nmod tests {").next();
    let lines = own.unwrap_or_default().lines();
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    lines.filter(is_code).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_room_of_shared_has_one_tier() {
    let lib = text("shared/src/lib.rs");
    let rooms = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let rooms: BTreeSet<_> = rooms.filter(|room| *room != TESTING).collect();
    let placed: Vec<_> = TIERS.into_iter().flatten().copied().collect();
    assert_eq!(placed.len(), rooms.len());
    assert_eq!(placed.into_iter().collect::<BTreeSet<_>>(), rooms);
}

#[test]
fn imports_of_shared_flow_one_way() {
    assert_eq!(
        named("use crate::db::x;\nfn f() -> crate::Error { crate::json }"),
        BTreeSet::from(["db", "error", "json"])
    );
    let mut seen = 0;
    for path in files("shared/src", "rs") {
        let room = path.strip_prefix("shared/src/").unwrap_or_default();
        let room = room.split(['/', '.']).next().unwrap_or_default();
        if is_test(&path) || ABOVE.contains(&&*path) || ["lib", TESTING].contains(&room) {
            continue;
        }
        let own = tier(room).unwrap_or_else(|| panic!("{path} stands in no tier"));
        let code = code(&path);
        for known in named(&code) {
            if known == room || known == TESTING {
                continue;
            }
            seen += 1;
            let before = tier(known).is_some_and(|other| other < own);
            assert!(before, "{path} knows {known:?}, which is not before {room}");
        }
    }
    assert!(seen > 500, "{seen} imports were looked at");
}
