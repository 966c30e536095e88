//! What makes a FIFO queue one: the memory of what was sent, and the groups that have a message in flight.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

/// For how long a FIFO queue remembers what was sent.
const WINDOW: Duration = Duration::from_mins(5);

/// What a FIFO queue answers when the same deduplication id comes again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FirstAnswer {
    pub(crate) id: String,
    pub(crate) sequence_number: Option<String>,
}

/// The deduplication ids of the last five minutes, whatever became of their messages.
#[derive(Default)]
pub(crate) struct Deduplication {
    answers: HashMap<String, FirstAnswer>,
    forget: BTreeSet<(Instant, String)>,
}

/// How many messages of each group are in flight.
#[derive(Default)]
pub(crate) struct BusyGroups(HashMap<String, usize>);

impl Deduplication {
    pub(crate) fn remember(&mut self, now: Instant, id: String, answer: FirstAnswer) {
        self.forget.insert((now + WINDOW, id.clone()));
        self.answers.insert(id, answer);
    }

    /// What was answered when this id came within the window.
    pub(crate) fn recall(&mut self, now: Instant, id: &str) -> Option<FirstAnswer> {
        while self.forget.first().is_some_and(|(at, _)| *at <= now) {
            if let Some((_, id)) = self.forget.pop_first() {
                self.answers.remove(&id);
            }
        }
        self.answers.get(id).cloned()
    }
}

impl BusyGroups {
    pub(crate) fn contains(&self, group: &str) -> bool {
        self.0.contains_key(group)
    }

    pub(crate) fn enter(&mut self, group: String) {
        *self.0.entry(group).or_insert(0) += 1;
    }

    pub(crate) fn leave(&mut self, group: &str) {
        if let Some(count) = self.0.get_mut(group) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(group);
            }
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_remembered_for_five_minutes() {
        let mut deduplication = Deduplication::default();
        let now = Instant::now();
        let answer = FirstAnswer {
            id: "first".to_owned(),
            sequence_number: None,
        };
        deduplication.remember(now, "a".to_owned(), answer.clone());
        let just_before = now + Duration::from_millis(299_999);
        assert_eq!(deduplication.recall(just_before, "a"), Some(answer));
        assert_eq!(deduplication.recall(just_before, "b"), None);
        let after = now + Duration::from_mins(5);
        assert_eq!(deduplication.recall(after, "a"), None);
    }

    #[test]
    fn a_group_is_busy_until_its_last_message_left() {
        let mut groups = BusyGroups::default();
        groups.enter("a".to_owned());
        groups.enter("a".to_owned());
        groups.leave("a");
        assert!(groups.contains("a") && !groups.contains("b"));
        groups.leave("a");
        assert!(!groups.contains("a"));
    }
}
