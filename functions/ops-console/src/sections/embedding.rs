//! How long models take, and what they cost.

use std::collections::BTreeMap;

use jiff::Timestamp;
use maud::{Markup, html};
use shared::db::console::EmbeddingHour;

use super::{behind, empty, part};
use crate::chart::{Line, Picture, lines};
use crate::facts::Facts;
use crate::words::{clock, count, counted, dollars, span};

const COLUMNS: [&str; 7] = [
    "Hour",
    "Model",
    "Batches",
    "Texts",
    "Half within",
    "95 % within",
    "Cost",
];

pub(super) fn section(facts: &Facts) -> Markup {
    let hours = &facts.history.embeddings;
    let inside = if hours.is_empty() {
        empty(
            "No text was embedded in the last 24 hours: no new conversation came, or every text was known already.",
        )
    } else {
        picture(facts, hours)
    };
    part("embedding", "Embedding: time and cost", &inside)
}

fn picture(facts: &Facts, hours: &[EmbeddingHour]) -> Markup {
    let cost = facts.cost();
    let texts: i64 = hours.iter().map(|one| one.texts).sum();
    let slowest = hours.iter().map(|one| one.p95_ms).fold(0.0, f64::max);
    let said = format!(
        "{} in 24 hours. In the slowest hour, 95 % of the batches took {} or less.",
        counted(texts, "text"),
        span(slowest / 1_000.0)
    );
    let picture = Picture {
        id: "embedding-picture",
        title: "Time for a batch of texts, hour by hour",
        description: said.clone(),
        unit: milliseconds,
    };
    let axis = facts.hours();
    let names: Vec<_> = axis.iter().copied().map(clock).collect();
    let both = [
        line("half within", &axis, hours, |one| one.p50_ms),
        line("95 % within", &axis, hours, |one| one.p95_ms),
    ];
    let rows: Vec<_> = hours.iter().rev().map(|one| row(facts, one)).collect();
    html! {
        p { (said) }
        p {
            (count(cost.tokens)) " tokens of conversations, " strong { (dollars(cost.dollars)) }
            @if !cost.without_price.is_empty() {
                "; without " (cost.without_price.join(", ")) ", for which EMBEDDING_PRICES names no price"
            }
            ". What articles and questions cost is not counted."
        }
        (lines(&picture, &names, &both))
        (behind("Hours with batches (UTC)", &COLUMNS, &rows))
    }
}

/// Where two models were asked in an hour, the slower one counts.
fn line(
    name: &'static str,
    axis: &[Timestamp],
    hours: &[EmbeddingHour],
    pick: fn(&EmbeddingHour) -> f64,
) -> Line {
    let mut slowest: BTreeMap<Timestamp, f64> = BTreeMap::new();
    for hour in hours {
        let known = slowest.entry(hour.at).or_default();
        *known = known.max(pick(hour));
    }
    let values = axis.iter().map(|hour| slowest.get(hour).copied()).collect();
    Line { name, values }
}

fn row(facts: &Facts, hour: &EmbeddingHour) -> Vec<String> {
    let cost = facts.prices.cost(&hour.model, hour.tokens);
    vec![
        clock(hour.at),
        hour.model.clone(),
        count(hour.batches),
        count(hour.texts),
        span(hour.p50_ms / 1_000.0),
        span(hour.p95_ms / 1_000.0),
        cost.map_or_else(|| "no price".to_owned(), dollars),
    ]
}

fn milliseconds(number: f64) -> String {
    if number <= 0.0 {
        "0".to_owned()
    } else {
        span(number / 1_000.0)
    }
}
