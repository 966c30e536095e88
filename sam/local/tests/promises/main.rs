//! What the templates promise. Each rule holds for what is deployed, and is seen to fail where something is broken: a rule that
//! cannot fail would promise nothing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod alarms;
mod connections;
mod costs;
mod fitting;
mod keeping;
mod outputs;
mod queues;
mod refusals;
mod rights;
mod rules;
mod said;
mod stacks;
mod standing;
mod told;

use serde_json::Value;

use stacks::{Complaints, Stacks};

/// Something that is broken: in which stack, where, what stands there instead, and the word that the complaint must have.
pub(crate) struct Broken(&'static str, &'static str, Value, &'static str);

/// The rule holds; each broken place breaks it.
pub(crate) fn promise(rule: fn(&Stacks) -> Complaints, broken: &[Broken]) {
    let stacks = Stacks::load();
    assert_eq!(rule(&stacks), Complaints::new());
    for Broken(stack, place, instead, word) in broken {
        let mut stacks = stacks.clone();
        let stack = match *stack {
            "application" => &mut stacks.application,
            "network" => &mut stacks.network,
            "database" => &mut stacks.database,
            _ => &mut stacks.observability,
        };
        let found = stack.pointer_mut(place);
        *found.unwrap_or_else(|| panic!("there is no {place}")) = instead.clone();
        let complaints = rule(&stacks);
        let is_seen = complaints.iter().any(|complaint| complaint.contains(word));
        assert!(
            is_seen,
            "{place} is broken, and only this was said: {complaints:?}"
        );
    }
}

/// Of the application.
pub(crate) fn app(place: &'static str, instead: Value, word: &'static str) -> Broken {
    Broken("application", place, instead, word)
}

/// Of the database.
pub(crate) fn db(place: &'static str, instead: Value, word: &'static str) -> Broken {
    Broken("database", place, instead, word)
}

/// Of what is watched.
pub(crate) fn seen(place: &'static str, instead: Value, word: &'static str) -> Broken {
    Broken("observability", place, instead, word)
}
