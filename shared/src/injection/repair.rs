//! What is done to messages so that they keep the rules between messages, if whoever sends them asks for it.

use std::collections::HashSet;

use jiff::SignedDuration;

use super::check::Placed;
use crate::domain::body::{Flaws, value};

/// Between two messages, at least.
const STEP: SignedDuration = SignedDuration::from_millis(1);

/// Sorts by time; of messages of one time the earlier stays in front. Says how many stand in another place than before.
pub(super) fn sort(messages: &mut [Placed<'_>]) -> usize {
    let before: Vec<_> = messages.iter().map(|message| message.place).collect();
    messages.sort_by_key(|message| message.line.at);
    let places = messages.iter().map(|message| message.place);
    places
        .zip(before)
        .filter(|(now, before)| now != before)
        .count()
}

/// Gives an id to every message without one, by its place; one that is taken gets a further number. Says how many there were.
pub(super) fn name(messages: &mut [Placed<'_>], taken: &HashSet<&str>) -> usize {
    let nameless = messages.iter_mut().enumerate();
    let nameless = nameless.filter(|(_, message)| message.line.id.is_none());
    let mut count = 0;
    for (place, message) in nameless {
        let mut id = format!("msg_{place}");
        // Ids that are made end in different places, so that only those that were sent can be in the way.
        let mut further = 1;
        while taken.contains(id.as_str()) {
            id = format!("msg_{place}_{further}");
            further += 1;
        }
        message.id = id.into();
        count += 1;
    }
    count
}

/// Moves every message that is not later than the one before right behind it. Says how many.
pub(super) fn part(messages: &mut [Placed<'_>]) -> Result<usize, Flaws> {
    let mut earlier = None;
    let mut moved = 0;
    for message in messages {
        if let Some(earlier) = earlier.filter(|earlier| message.line.at <= *earlier) {
            let place = message.place;
            let next = jiff::Timestamp::checked_add(earlier, STEP).map_err(|_| {
                let mut flaws = Flaws::default();
                flaws.add(&format!("/{place}/timestamp"), value::STORABLE);
                flaws
            });
            message.line.at = next?;
            moved += 1;
        }
        earlier = Some(message.line.at);
    }
    Ok(moved)
}
