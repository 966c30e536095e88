//! The parts of the page, each from the same facts. Pure.

mod attention;
mod backlog;
mod cards;
mod embedding;
mod events;
mod glance;
mod knowledge;
mod map;
mod transcripts;

use maud::{Markup, html};

use crate::facts::Facts;

/// All of them, the most important first.
pub(crate) fn all(facts: &Facts) -> Markup {
    let problems = attention::problems(facts);
    html! {
        (glance::section(facts, &problems))
        (attention::section(&problems))
        div class="grid" {
            (events::section(facts))
            (backlog::section(facts))
            (map::section(facts))
            (embedding::section(facts))
            (cards::section(facts))
            (transcripts::section(facts))
            (knowledge::section(facts))
        }
    }
}

/// A part with its heading.
fn part(id: &str, heading: &str, inside: &Markup) -> Markup {
    html! {
        section class="part" aria-labelledby=(id) {
            h2 id=(id) { (heading) }
            (inside)
        }
    }
}

/// What a part says where there is nothing to show.
fn empty(text: &str) -> Markup {
    html! { p class="empty" { (text) } }
}

/// A table: what it shows, the names of its columns, its rows. The first column names the row.
fn table(caption: &str, columns: &[&str], rows: &[Vec<String>]) -> Markup {
    html! {
        div class="scroll" role="region" tabindex="0" aria-label=(caption) {
            table {
                caption { (caption) }
                thead { tr { @for column in columns { th scope="col" { (column) } } } }
                tbody {
                    @for row in rows {
                        tr {
                            @for (index, cell) in row.iter().enumerate() {
                                @if index == 0 { th scope="row" { (cell) } } @else { td { (cell) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The table of a picture, for who wants the figures.
fn behind(caption: &str, columns: &[&str], rows: &[Vec<String>]) -> Markup {
    html! {
        details {
            summary { "Table: " (caption) }
            (table(caption, columns, rows))
        }
    }
}

/// A picture's axis is as long as the numbers beside it, so they are short: `1500` is `1.5k`.
fn short(number: f64) -> String {
    let (number, unit) = match number {
        large if large >= 1e6 => (large / 1e6, "M"),
        large if large >= 1e3 => (large / 1e3, "k"),
        small => (small, ""),
    };
    let text = format!("{number:.1}");
    format!("{}{unit}", text.trim_end_matches(".0"))
}

/// A count as a value of a picture.
fn value(count: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a picture is not that exact")]
    let value = count as f64;
    value
}
