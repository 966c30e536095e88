//! The subjects of all topics, counted through.

use std::ops::Range;

use super::material::{SUBJECTS_OF_TOPIC, Subject, TOPICS, Topic};

/// How many subjects there are in all topics together.
pub(super) const SUBJECTS: usize = TOPICS.len() * SUBJECTS_OF_TOPIC;

pub(super) fn topic(subject: usize) -> &'static Topic {
    &TOPICS[subject / SUBJECTS_OF_TOPIC % TOPICS.len()]
}

pub(super) fn subject(number: usize) -> &'static Subject {
    &topic(number).subjects[number % SUBJECTS_OF_TOPIC]
}

/// All subjects of the topic of one of them.
pub(super) fn of_same_topic(subject: usize) -> Range<usize> {
    let first = subject / SUBJECTS_OF_TOPIC * SUBJECTS_OF_TOPIC;
    first..first + SUBJECTS_OF_TOPIC
}

/// The name of a subject in links.
pub(super) fn slug(number: usize) -> String {
    let title = subject(number).title[0].to_lowercase();
    title.replace(|letter: char| !letter.is_alphanumeric(), "-")
}
