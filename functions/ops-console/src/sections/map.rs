//! What recent conversations are about, as a map: those of like meaning are neighbours.

use std::collections::BTreeMap;

use maud::{Markup, html};
use shared::db::console::{ConversationMap, Dot};

use super::{behind, empty, part};
use crate::chart::{Group, MOST_GROUPS, Picture, dots};
use crate::facts::Facts;
use crate::words::{clock, count, counted, figure, percent};

pub(super) fn section(facts: &Facts) -> Markup {
    let inside = if facts.map.dots.is_empty() {
        empty(
            "No conversation is on the map: none has a vector of the model that search uses. It is drawn every ten minutes, and at once for another model.",
        )
    } else {
        picture(&facts.map)
    };
    part("map", "What conversations are about", &inside)
}

fn picture(map: &ConversationMap) -> Markup {
    let intents = intents(&map.dots);
    let all = number(map.dots.len());
    let most = intents.first().map_or_else(String::new, |(name, dots)| {
        let share = figure(percent(number(dots.len()), all));
        format!(" The most frequent intent: {name}, {share} %.")
    });
    let said = format!(
        "The last {}, by meaning.{most}",
        counted(all, "conversation")
    );
    let picture = Picture {
        id: "map-picture",
        title: "Recent conversations by meaning and intent",
        description: format!("{said} Each is a dot; those of like meaning lie close together."),
        unit: figure,
    };
    let row = |(name, dots): &(String, Vec<&Dot>)| {
        let own = number(dots.len());
        let share = format!("{} %", figure(percent(own, all)));
        vec![name.clone(), count(own), share]
    };
    let rows: Vec<_> = intents.iter().map(row).collect();
    html! {
        p { (said) " Close together is alike; the axes have no meaning of their own." }
        (dots(&picture, &groups(intents)))
        (behind("Conversations on the map by intent", &["Intent", "Conversations", "Share"], &rows))
        @if let Some(at) = map.drawn_at { p class="note" { "Drawn at " (clock(at)) "." } }
    }
}

/// The conversations of each intent, the most frequent first.
fn intents(dots: &[Dot]) -> Vec<(String, Vec<&Dot>)> {
    let mut intents: BTreeMap<String, Vec<&Dot>> = BTreeMap::new();
    for dot in dots {
        let name = dot.intent.as_deref().unwrap_or("no intent");
        intents.entry(name.replace('_', " ")).or_default().push(dot);
    }
    let mut intents: Vec<_> = intents.into_iter().collect();
    intents.sort_by_key(|(_, dots)| std::cmp::Reverse(dots.len()));
    intents
}

/// As many groups as can be told apart. Where there are more intents, the rarest share the last one.
fn groups(mut intents: Vec<(String, Vec<&Dot>)>) -> Vec<Group> {
    if intents.len() > MOST_GROUPS {
        let rare = intents.split_off(MOST_GROUPS - 1);
        let name = format!("{} rarer intents", rare.len());
        let dots = rare.into_iter().flat_map(|(_, dots)| dots);
        intents.push((name, dots.collect()));
    }
    intents.into_iter().map(group).collect()
}

fn group((name, dots): (String, Vec<&Dot>)) -> Group {
    let place = |dot: &&Dot| (dot.place.x.into(), dot.place.y.into());
    Group {
        name: format!("{name}: {}", count(number(dots.len()))),
        places: dots.iter().map(place).collect(),
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use shared::domain::Place;

    fn all(intents: &[usize]) -> Vec<Dot> {
        let dot = |intent: &usize| Dot {
            intent: (*intent > 0).then(|| format!("intent_{intent}")),
            place: Place { x: 0.5, y: -0.25 },
        };
        intents.iter().map(dot).collect()
    }

    proptest! {
        #[test]
        fn every_conversation_is_in_one_group_and_the_frequent_have_their_own(numbers in prop::collection::vec(0_usize..12, 1..80)) {
            let dots = all(&numbers);
            let intents = intents(&dots);
            prop_assert_eq!(intents.iter().map(|(_, dots)| dots.len()).sum::<usize>(), dots.len());
            prop_assert!(intents.windows(2).all(|pair| pair[0].1.len() >= pair[1].1.len()));
            let groups = groups(intents.clone());
            prop_assert_eq!(groups.len(), intents.len().min(MOST_GROUPS));
            prop_assert_eq!(groups.iter().map(|group| group.places.len()).sum::<usize>(), dots.len());
            for (group, (name, own)) in groups.iter().zip(&intents).take(MOST_GROUPS - 1) {
                prop_assert!(group.name.starts_with(name.as_str()) && group.places.len() == own.len());
            }
        }
    }
}
