//! Which map read a payload, kept with what it found, so that a payload is read again when its map has changed.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::map::{Field, Turns};
use super::path::Path;
use crate::domain::hex;

/// 16 hexadecimal digits. Maps that differ only in their spacing, or in an order that does not matter, have the same version.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MapVersion(String);

impl MapVersion {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The order of fields and turns is the order of the text; that of the required paths means nothing. The first part of a
    /// rule says how many follow, and each is hashed with its length, so that no two lists of rules give the same bytes.
    pub(super) fn of(
        fields: &[Field],
        turns: &[Turns],
        required: &[Path],
        supersedes: bool,
    ) -> Self {
        let mut rules: Vec<Vec<String>> = fields.iter().map(rule_of_field).collect();
        rules.extend(turns.iter().map(rule_of_turns));
        let mut required: Vec<_> = required.iter().map(Path::to_string).collect();
        required.sort_unstable();
        rules.extend(
            required
                .into_iter()
                .map(|path| vec!["required".to_owned(), path]),
        );
        rules.push(vec!["supersedes".to_owned(), supersedes.to_string()]);
        let mut hash = Sha256::new();
        for part in rules.iter().flatten() {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        Self(hex(&hash.finalize()[..8]))
    }
}

impl fmt::Display for MapVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn rule_of_field(field: &Field) -> Vec<String> {
    vec![
        "field".to_owned(),
        field.path.to_string(),
        field.label.clone(),
    ]
}

fn rule_of_turns(turns: &Turns) -> Vec<String> {
    let who = turns.who.as_ref().map_or_else(String::new, Path::to_string);
    vec![
        "turns".to_owned(),
        turns.each.to_string(),
        who,
        turns.what.to_string(),
        turns.label.clone(),
    ]
}
