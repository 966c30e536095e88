//! Events a minute, over the last hour.

use maud::{Markup, html};
use shared::db::console::Minute;

use super::{behind, empty, part, short, value};
use crate::chart::{Picture, columns};
use crate::facts::Facts;
use crate::words::{clock, count, counted, span};

const HEADING: &str = "Events stored, minute by minute";

pub(super) fn section(facts: &Facts) -> Markup {
    let minutes = facts.minutes();
    let inside = if minutes.iter().all(|one| one.events == 0) {
        let last = facts.history.hours.iter().rev().find(|one| one.events > 0);
        let quiet = "No event was stored in the last hour. If calls or chats ended in that time, look whether CXone's Data Action \
                     still reaches the webhook.";
        html! {
            (empty(quiet))
            @if let Some(hour) = last {
                p { "The last ones came in the hour from " (clock(hour.at)) ": " (count(hour.events)) "." }
            }
        }
    } else {
        picture(&minutes)
    };
    part("events", HEADING, &inside)
}

fn picture(minutes: &[Minute]) -> Markup {
    let total: i64 = minutes.iter().map(|one| one.events).sum();
    let peak = minutes.iter().max_by_key(|one| one.events);
    let said = peak.map_or_else(String::new, |peak| {
        let (total, most) = (counted(total, "event"), count(peak.events));
        format!(
            "{total} in 60 minutes; at most {most} in one, at {}.",
            clock(peak.at)
        )
    });
    let picture = Picture {
        id: "events-picture",
        title: "Events stored in each of the last 60 minutes",
        description: said.clone(),
        unit: short,
    };
    let values: Vec<_> = minutes
        .iter()
        .map(|one| (clock(one.at), value(one.events)))
        .collect();
    let row = |one: &Minute| vec![clock(one.at), count(one.events), span(one.longest_wait_s)];
    let rows: Vec<_> = minutes
        .iter()
        .rev()
        .filter(|one| one.events > 0)
        .map(row)
        .collect();
    html! {
        p { (said) }
        (columns(&picture, &values))
        (behind("Minutes with events (UTC)", &["Minute", "Events", "Longest wait"], &rows))
    }
}
