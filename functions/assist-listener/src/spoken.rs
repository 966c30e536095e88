//! Who spoke how often. A side that is never heard, or nobody by name, is a profile that does not fit the tenant, and nothing else shows it.

use shared::domain::Speaker;
use shared::transcript::Utterance;

/// How many utterances were heard, by who spoke.
#[derive(Default)]
pub(crate) struct Spoken {
    pub(crate) customer: u64,
    pub(crate) agent: u64,
    pub(crate) unknown: u64,
}

impl Spoken {
    /// Counts these.
    pub(crate) fn count(&mut self, said: &[Utterance]) {
        for one in said {
            *match one.speaker {
                Speaker::Customer => &mut self.customer,
                Speaker::Agent => &mut self.agent,
                Speaker::Unknown => &mut self.unknown,
            } += 1;
        }
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
        let mut spoken = Spoken::default();
        spoken.count(&said);
        spoken.count(&said[..1]);
        assert_eq!((spoken.customer, spoken.agent, spoken.unknown), (2, 2, 3));
    }
}
