//! The sentences that articles are made of, in both languages. They are HTML already; only titles are plain text.
//!
//! `{product}`, `{days}`, `{hours}`, `{minutes}`, `{percent}`, `{amount}`, `{version}` and `{code}` are filled in later.

mod billing;
mod developers;
mod mobile;
mod network;
mod payments;
mod privacy;
mod returns;
mod security;
mod shipping;
mod subscriptions;
mod troubleshooting;
mod warranty;

/// The same text in English and in German.
pub(super) type Both = [&'static str; 2];

/// A category of the knowledge base.
pub(super) struct Topic {
    /// Its name in links.
    pub(super) slug: &'static str,
    pub(super) name: Both,
    /// Sentences that fit every article of the topic.
    pub(super) remarks: [Both; 3],
    pub(super) subjects: [Subject; SUBJECTS_OF_TOPIC],
}

/// What one article is mainly about.
pub(super) struct Subject {
    pub(super) title: Both,
    pub(super) facts: [Both; 3],
    pub(super) steps: [Both; 3],
    /// What can go wrong, and what to do about it.
    pub(super) symptom: Both,
    pub(super) remedy: Both,
}

/// How many subjects every topic has.
pub(super) const SUBJECTS_OF_TOPIC: usize = 4;

/// All topics.
pub(super) static TOPICS: [Topic; 12] = [
    billing::TOPIC,
    payments::TOPIC,
    shipping::TOPIC,
    returns::TOPIC,
    security::TOPIC,
    network::TOPIC,
    troubleshooting::TOPIC,
    mobile::TOPIC,
    subscriptions::TOPIC,
    warranty::TOPIC,
    privacy::TOPIC,
    developers::TOPIC,
];
