//! Who speaks, by who spoke first. Only two sides talk by turns: of a third nobody knows which it is on, and of two that are heard at once
//! for the first time nobody knows which was first.

use super::channels::{Channel, Found};
use super::frame::Line;
use super::words::says_something;
use crate::domain::Speaker;

/// Takes note of the channels in which something is said for the first time.
pub(super) fn note(channels: &mut [Channel], found: &[Found], lines: &[&Line]) {
    for (found, line) in found.iter().zip(lines) {
        if !line.transcript.contains(says_something) {
            take_back(channels, found.number);
        }
    }
    let before = channels.iter().filter(|one| one.was_heard()).count();
    for (found, line) in found.iter().zip(lines) {
        let channel = &mut channels[found.number];
        if !channel.was_heard() && line.transcript.contains(says_something) {
            channel.heard_after = Some(before);
        }
    }
}

/// What was a guess, of which nobody was told, was not heard: whoever came after comes before, and may be somebody else then.
fn take_back(channels: &mut [Channel], number: usize) {
    let Some(place) = channels[number].unhear() else {
        return;
    };
    for one in channels.iter_mut() {
        if let Some(after) = one.heard_after.filter(|after| *after > place) {
            one.heard_after = Some(after - 1);
            one.speaker = Speaker::Unknown;
        }
    }
}

/// Who speaks in a channel, where it was this one who spoke first.
pub(super) fn speaker(channels: &[Channel], number: usize, first: Speaker) -> Speaker {
    let after = channels[number].heard_after;
    let at_once = channels.iter().filter(|one| one.heard_after == after);
    match (after, at_once.count(), first) {
        (Some(0), 1, first) => first,
        (Some(1), 1, Speaker::Agent) => Speaker::Customer,
        (Some(1), 1, Speaker::Customer) => Speaker::Agent,
        _ => Speaker::Unknown,
    }
}
