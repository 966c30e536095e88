//! Transcripts on their way to CXone.

use maud::{Markup, html};
use shared::db::console::Count;

use super::{behind, empty, part, value};
use crate::chart::{Bar, Picture, bars};
use crate::facts::Facts;
use crate::words::{count, figure};

/// States in the order in which a transcript may have them, with their names for people.
const STATES: [(&str, &str); 6] = [
    ("pending", "waiting"),
    ("sending", "being sent"),
    ("injected", "in CXone"),
    ("refused", "refused"),
    ("dead", "given up"),
    ("outcome_unknown", "outcome unknown"),
];

pub(super) fn section(facts: &Facts) -> Markup {
    let inside = if facts.transcripts.is_empty() {
        empty(
            "No transcript waits, and none ended in the last 24 hours. They are handed in with POST /transcripts.",
        )
    } else {
        picture(&facts.transcripts)
    };
    part("transcripts", "Transcripts for CXone", &inside)
}

fn picture(counts: &[Count]) -> Markup {
    let of = |state: &str| {
        let found = counts.iter().find(|one| one.state == state);
        found.map_or(0, |one| one.count)
    };
    let said = format!(
        "Of parts, of which a long transcript has several, put into CXone in 24 hours: {}. Waiting: {}. For somebody to look at: {}.",
        count(of("injected")),
        count(of("pending") + of("sending")),
        count(of("refused") + of("dead") + of("outcome_unknown"))
    );
    let picture = Picture {
        id: "transcripts-picture",
        title: "Parts of transcripts by state",
        description: said.clone(),
        unit: figure,
    };
    let bar = |(state, name): (&str, &str)| Bar {
        name: name.to_owned(),
        value: value(of(state)),
        said: count(of(state)),
    };
    let row = |(state, name): (&str, &str)| vec![name.to_owned(), count(of(state))];
    let rows: Vec<_> = STATES.into_iter().map(row).collect();
    html! {
        p { (said) }
        (bars(&picture, &STATES.map(bar)))
        (behind("Parts of transcripts by state", &["State", "Parts"], &rows))
    }
}
