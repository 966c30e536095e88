//! The few figures that say whether all is well.

use maud::{Markup, html};

use super::attention::Problem;
use crate::facts::Facts;
use crate::words::{ago, count, counted, dollars, figure, percent, span};

/// A figure with what it means.
struct Tile {
    name: &'static str,
    figure: String,
    note: String,
}

pub(super) fn section(facts: &Facts, problems: &[Problem]) -> Markup {
    let tiles = [
        attention(problems),
        events(facts),
        wait(facts),
        knowledge(facts),
        cards(facts),
        cost(facts),
    ];
    html! {
        section aria-labelledby="glance" {
            h2 id="glance" class="hidden" { "At a glance" }
            dl class="tiles" {
                @for (index, tile) in tiles.iter().enumerate() {
                    div class=(if index == 0 && !problems.is_empty() { "tile look" } else { "tile" }) {
                        dt { (tile.name) }
                        dd { span class="figure" { (tile.figure) } span class="note" { (tile.note) } }
                    }
                }
            }
        }
    }
}

fn attention(problems: &[Problem]) -> Tile {
    Tile {
        name: "Needs a person",
        figure: match problems.len() {
            0 => "✓ nothing".to_owned(),
            some => format!("▲ {some}"),
        },
        note: match problems.first() {
            None => "no failure waits".to_owned(),
            Some(first) => first.what.clone(),
        },
    }
}

fn events(facts: &Facts) -> Tile {
    let hour: i64 = facts.minutes().iter().map(|one| one.events).sum();
    let day: i64 = facts.history.hours.iter().map(|one| one.events).sum();
    Tile {
        name: "Events in the last hour",
        figure: count(hour),
        note: format!("{} in 24 hours", count(day)),
    }
}

fn wait(facts: &Facts) -> Tile {
    let waiting: i64 = facts.queues().iter().map(|one| one.waiting).sum();
    let longest = facts
        .minutes()
        .iter()
        .map(|one| one.longest_wait_s)
        .fold(0.0, f64::max);
    Tile {
        name: "Slowest event",
        figure: if longest > 0.0 {
            span(longest)
        } else {
            "–".to_owned()
        },
        note: format!(
            "from receipt to memory, last hour; {} waiting now",
            count(waiting)
        ),
    }
}

fn knowledge(facts: &Facts) -> Tile {
    let fresh = facts.knowledge.fresh_until.map(|at| ago(at, facts.now));
    Tile {
        name: "Knowledge in step with CXone",
        figure: fresh.unwrap_or_else(|| "never".to_owned()),
        note: counted(facts.knowledge.live, "article"),
    }
}

fn cards(facts: &Facts) -> Tile {
    let own = facts
        .history
        .positions
        .iter()
        .filter(|one| one.source == "card");
    let (shown, used) = own.fold((0, 0), |sums, one| (sums.0 + one.shown, sums.1 + one.used));
    Tile {
        name: "Cards that were used",
        figure: match shown {
            0 => "–".to_owned(),
            _ => format!("{} %", figure(percent(used, shown))),
        },
        note: format!("{} shown in 24 hours", count(shown)),
    }
}

fn cost(facts: &Facts) -> Tile {
    let cost = facts.cost();
    let is_known = cost.without_price.is_empty();
    Tile {
        name: "Cost of embedding conversations",
        figure: if is_known || cost.dollars > 0.0 {
            dollars(cost.dollars)
        } else {
            "no price".to_owned()
        },
        note: format!("{} tokens in 24 hours", count(cost.tokens)),
    }
}
