//! How fresh knowledge is, and what the last runs changed.

use maud::{Markup, html};
use shared::db::console::{Knowledge, Run};

use super::{empty, part, table};
use crate::facts::Facts;
use crate::words::{ago, count, moment, span};

const COLUMNS: [&str; 7] = [
    "Asked for",
    "Run",
    "State",
    "Took",
    "New",
    "Changed",
    "Removed",
];

pub(super) fn section(facts: &Facts) -> Markup {
    let knowledge = &facts.knowledge;
    let inside = html! {
        (stand(facts, knowledge))
        @if knowledge.runs.is_empty() {
            (empty("No run of the sync yet. It runs by its schedule, once CXone's credentials and profile are set."))
        } @else {
            (table("The last runs of the sync (UTC)", &COLUMNS, &knowledge.runs.iter().map(row).collect::<Vec<_>>()))
        }
    };
    part("knowledge", "Knowledge", &inside)
}

fn stand(facts: &Facts, knowledge: &Knowledge) -> Markup {
    let fresh = knowledge.fresh_until.map(|at| ago(at, facts.now));
    html! {
        dl class="facts" {
            div { dt { "In step with CXone" } dd { (fresh.unwrap_or_else(|| "never synced".to_owned())) } }
            div { dt { "Articles that search finds" } dd { (count(knowledge.live)) } }
            div { dt { "Kept from search by rules" } dd { (count(knowledge.left_out)) } }
            div { dt { "Open conflicts" } dd { (count(knowledge.conflicts)) } }
            div { dt { "Broken links" } dd { (count(knowledge.broken_links)) } }
        }
    }
}

fn row(run: &Run) -> Vec<String> {
    vec![
        moment(run.requested_at),
        run.kind.clone(),
        run.state.clone(),
        run.seconds.map_or_else(|| "–".to_owned(), span),
        count(run.added),
        count(run.changed),
        count(run.removed),
    ]
}
