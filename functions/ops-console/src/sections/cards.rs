//! What agents were shown, and what they used of it.

use maud::{Markup, html};
use shared::db::console::Position;

use super::{behind, empty, part};
use crate::chart::{Bar, Picture, bars};
use crate::facts::Facts;
use crate::words::{count, figure, percent};

/// Places that are drawn; the table has all.
const DRAWN: usize = 8;

pub(super) fn section(facts: &Facts) -> Markup {
    let positions = &facts.history.positions;
    let inside = html! {
        (of("card", "Cards", "cards-picture", positions,
            "No card was shown in the last 24 hours. Cards appear when agents' calls are listened to and an article answers what was said."))
        (of("ranking", "Ordered snippets", "ranking-picture", positions,
            "No snippets were ordered in the last 24 hours."))
    };
    part("cards", "Shown to agents, and used", &inside)
}

fn of(source: &str, name: &str, id: &str, positions: &[Position], nothing: &str) -> Markup {
    let own: Vec<_> = positions
        .iter()
        .filter(|one| one.source == source)
        .collect();
    let (shown, used) = own
        .iter()
        .fold((0, 0), |sums, one| (sums.0 + one.shown, sums.1 + one.used));
    if shown == 0 {
        return html! { h3 { (name) } (empty(nothing)) };
    }
    let said = format!(
        "{} shown in 24 hours, {} used: {} %.",
        count(shown),
        count(used),
        figure(percent(used, shown))
    );
    let title = format!("{name}: used of those shown, by place");
    let picture = Picture {
        id,
        title: &title,
        description: said.clone(),
        unit: figure,
    };
    let drawn: Vec<_> = own.iter().take(DRAWN).map(|one| bar(one)).collect();
    let row = |one: &&Position| {
        let share = format!("{} %", figure(percent(one.used, one.shown)));
        vec![
            one.position.to_string(),
            count(one.shown),
            count(one.used),
            share,
        ]
    };
    let rows: Vec<_> = own.iter().map(row).collect();
    html! {
        h3 { (name) }
        p { (said) }
        (bars(&picture, &drawn))
        (behind(&format!("{name} by place"), &["Place", "Shown", "Used", "Share"], &rows))
    }
}

fn bar(one: &Position) -> Bar {
    let share = percent(one.used, one.shown);
    Bar {
        name: format!("place {}", one.position),
        value: share,
        said: format!("{} % of {}", figure(share), count(one.shown)),
    }
}
