//! What whoever forwards tells of itself, again and again.

use shared::domain::Speaker;
use shared::transcript::Utterance;

use crate::ears::Ears;

/// What was counted so far.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) forwarded: u64,
    /// Frames that were larger than is read, as far as was told.
    too_large: u64,
    // Who spoke how often. A side that is never heard, or nobody by name, is a profile that does not fit the tenant, and nothing else shows it.
    customer: u64,
    agent: u64,
    unknown: u64,
}

impl Tally {
    /// Counts these by who spoke.
    pub(crate) fn count(&mut self, said: &[Utterance]) {
        for one in said {
            *match one.speaker {
                Speaker::Customer => &mut self.customer,
                Speaker::Agent => &mut self.agent,
                Speaker::Unknown => &mut self.unknown,
            } += 1;
        }
    }

    /// Tells how it goes.
    pub(crate) fn tell(&mut self, ears: &Ears, interactions: usize, expired: u64) {
        let counts = ears.counts();
        let too_large = counts.too_large - self.too_large;
        if too_large > 0 {
            self.too_large = counts.too_large;
            tracing::warn!(
                frames.too_large = too_large,
                "frames are larger than is read; nothing more is heard of their interactions"
            );
        }
        if !ears.hears() {
            tracing::warn!(?counts, "nothing can be heard");
            return;
        }
        // Where this line stays away, an alarm rings.
        tracing::info!(
            ?counts,
            forwarded = self.forwarded,
            interactions,
            expired,
            utterances.customer = self.customer,
            utterances.agent = self.agent,
            utterances.unknown = self.unknown,
            "forwards"
        );
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use shared::transcript::Interaction;
    use shared::transcript::frame::Line;

    use super::*;

    #[test]
    fn each_utterance_counts_for_who_spoke() {
        let line = |(speaker, text): (Speaker, &str)| Line {
            transcript: text.to_owned(),
            speaker,
            ..Line::default()
        };
        let lines = [
            (Speaker::Customer, "Hello."),
            (Speaker::Agent, "Good day. What is it?"),
            (Speaker::Unknown, "One. Two. Three."),
        ];
        let said = Interaction::default().hear(&lines.map(line), Timestamp::UNIX_EPOCH);
        let mut tally = Tally::default();
        tally.count(&said);
        tally.count(&said[..1]);
        assert_eq!((tally.customer, tally.agent, tally.unknown), (2, 2, 3));
    }
}
