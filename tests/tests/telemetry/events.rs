//! The log lines that the code writes, read out of its source.

use std::collections::BTreeSet;
use std::path::Path;

use syn::visit::Visit;

use crate::{files, root, text};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Event {
    /// The function, or the room of `shared`.
    pub(crate) place: String,
    pub(crate) message: String,
    pub(crate) level: String,
    pub(crate) fields: BTreeSet<String>,
}

/// Collects the events of one file, but for those of its tests.
struct Events {
    place: String,
    found: Vec<Event>,
}

impl<'ast> Visit<'ast> for Events {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.ident != "tests" {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        let path: Vec<_> = called
            .path
            .segments
            .iter()
            .map(|part| part.ident.to_string())
            .collect();
        let [library, level] = path.as_slice() else {
            return;
        };
        if library != "tracing" || !["error", "warn", "info", "debug"].contains(&level.as_str()) {
            return;
        }
        let (mut message, mut fields) = ("…".to_owned(), BTreeSet::new());
        for part in parts(called) {
            if let Some(said) = part.strip_prefix('"') {
                said.trim_end_matches('"').clone_into(&mut message);
            } else {
                let name = part.split('=').next().unwrap_or_default();
                fields.insert(name.trim_start_matches(['?', '%', '&']).to_owned());
            }
        }
        // One that is computed.
        if message.contains('{') || fields.remove("message") {
            "…".clone_into(&mut message);
        }
        let (place, level) = (self.place.clone(), level.clone());
        self.found.push(Event {
            place,
            message,
            level,
            fields,
        });
    }
}

/// What stands between the commas of a macro's outermost level, without blanks except in literals.
fn parts(called: &syn::Macro) -> Vec<String> {
    let mut parts = vec![String::new()];
    for token in called.tokens.clone() {
        let token = token.to_string();
        if token == "," {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push_str(&token);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn place(path: &Path) -> String {
    let parts: Vec<_> = path
        .strip_prefix(root())
        .unwrap()
        .iter()
        .map(|part| part.to_str().unwrap())
        .collect();
    match parts.as_slice() {
        ["shared", "src", room, ..] => format!("shared/{}", room.trim_end_matches(".rs")),
        [_, function, ..] => (*function).to_owned(),
        _ => String::new(),
    }
}

/// Every event of the functions and of what they share, each once.
pub(crate) fn events() -> Vec<Event> {
    let mut found = BTreeSet::new();
    for path in [files("functions", ".rs"), files("shared/src", ".rs")].concat() {
        let name = path.to_str().unwrap();
        if name.contains("/tests/")
            || name.ends_with("tests.rs")
            || name.contains("/testing/")
            || name.contains("/target/")
        {
            continue;
        }
        let mut events = Events {
            place: place(&path),
            found: Vec::new(),
        };
        events.visit_file(&syn::parse_file(&text(&path)).unwrap());
        found.extend(events.found);
    }
    found.into_iter().collect()
}
