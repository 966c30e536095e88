//! A call as the listener forwards it: sentence by sentence, each when it is over. Pure.

use jiff::{SignedDuration, Timestamp};
use shared::transcript::frame::Line;
use shared::transcript::{Interaction, Utterance};

use crate::calls::{Call, Speaker, Turn};

/// The same call with a turn for each utterance, which expects what its turn did.
#[must_use]
pub fn by_utterance(call: &Call) -> Call {
    let (mut interaction, mut lines) = (Interaction::default(), [Line::default(), Line::default()]);
    let mut turns = Vec::new();
    let mut since = 0;
    for turn in &call.turns {
        let line = match turn.speaker {
            Speaker::Customer => &mut lines[0],
            Speaker::Agent => &mut lines[1],
        };
        line.transcript = format!("{} {}", line.transcript, turn.text);
        let now = Timestamp::UNIX_EPOCH;
        let mut said = interaction.hear(&lines, now);
        said.extend(interaction.pause(SignedDuration::ZERO, now));
        turns.extend(spread(turn, since, said));
        since = turn.at_ms;
    }
    Call {
        turns,
        ..call.clone()
    }
}

/// Somebody who speaks evenly reaches the end of each utterance after its share of the turn's letters.
fn spread(turn: &Turn, since: u64, said: Vec<Utterance>) -> Vec<Turn> {
    let letters = |text: &str| u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    let whole: u64 = said.iter().map(|one| letters(&one.text)).sum();
    let time = turn.at_ms.saturating_sub(since);
    let mut done = 0;
    let utterance = |one: Utterance| {
        done += letters(&one.text);
        Turn {
            at_ms: since + time * done / whole.max(1),
            text: one.text,
            ..turn.clone()
        }
    };
    said.into_iter().map(utterance).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::Half;
    use crate::recorded::calls;

    /// So the figures of calls with names are those of a tenant that says who speaks first.
    #[test]
    fn who_speaks_first_tells_who_speaks_in_every_call() {
        let mut told = 0;
        for call in [Half::Tune, Half::Gate]
            .into_iter()
            .flat_map(|half| calls(half).unwrap())
        {
            let mut interaction = Interaction::default();
            let mut lines = [Speaker::Customer, Speaker::Agent].map(|_| Line {
                if_first: Some(shared::domain::Speaker::Agent),
                ..Line::default()
            });
            for turn in &call.turns {
                let (side, expected) = match turn.speaker {
                    Speaker::Customer => (0, shared::domain::Speaker::Customer),
                    Speaker::Agent => (1, shared::domain::Speaker::Agent),
                };
                lines[side].transcript = format!("{} {}", lines[side].transcript, turn.text);
                for one in interaction.hear(&lines, Timestamp::UNIX_EPOCH) {
                    assert_eq!(one.speaker, expected, "{}: {}", call.id, one.text);
                    told += 1;
                }
            }
        }
        assert!(told > 8_000, "{told}");
    }

    #[test]
    fn every_word_of_every_call_is_in_one_utterance_in_its_time() {
        let (mut turns, mut utterances) = (0, 0);
        for call in [Half::Tune, Half::Gate]
            .into_iter()
            .flat_map(|half| calls(half).unwrap())
        {
            let spoken = by_utterance(&call);
            let words = |call: &Call| {
                let words = call.turns.iter().flat_map(|turn| turn.text.split(' '));
                words.map(str::to_owned).collect::<Vec<_>>()
            };
            assert_eq!(words(&spoken), words(&call), "{}", call.id);
            turns += call.turns.len();
            utterances += spoken.turns.len();
            assert!(spoken.turns.is_sorted_by_key(|turn| turn.at_ms));
            let last = |call: &Call| call.turns.last().unwrap().at_ms;
            assert_eq!(last(&spoken), last(&call));
        }
        // Some calls have no full stops.
        assert!(utterances > turns, "{utterances} of {turns}");
    }
}
