//! One queue: an ordered store whose messages are ready, delayed or in flight. Time comes in as an argument.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::sqs::attributes::Settings;
use crate::sqs::fifo::{BusyGroups, Deduplication, FirstAnswer};
use crate::sqs::message::{Hidden, Message, now_ms};

pub(crate) struct Queue {
    pub(crate) number: u64,
    pub(crate) arn: String,
    pub(crate) created_ms: u64,
    pub(crate) modified_ms: u64,
    pub(crate) settings: Settings,
    /// Told whenever a message may have become ready.
    pub(crate) changed: Arc<Notify>,
    messages: BTreeMap<u64, Message>,
    ready: BTreeSet<u64>,
    hidden: BTreeSet<(Instant, u64)>,
    busy_groups: BusyGroups,
    deduplication: Deduplication,
    next: u64,
}

impl Queue {
    pub(crate) fn new(number: u64, arn: String, settings: Settings) -> Self {
        Self {
            number,
            arn,
            created_ms: now_ms(),
            modified_ms: now_ms(),
            settings,
            changed: Arc::new(Notify::new()),
            messages: BTreeMap::new(),
            ready: BTreeSet::new(),
            hidden: BTreeSet::new(),
            busy_groups: BusyGroups::default(),
            deduplication: Deduplication::default(),
            next: 1,
        }
    }

    pub(crate) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.values()
    }

    pub(crate) fn message(&self, number: u64) -> Option<&Message> {
        self.messages.get(&number)
    }

    pub(crate) fn len(&self) -> usize {
        self.messages.len()
    }

    /// How many messages are ready, delayed and in flight.
    pub(crate) fn census(&self) -> (usize, usize, usize) {
        let delayed = |message: &&Message| matches!(message.hidden, Hidden::Delayed(_));
        let delayed = self.messages.values().filter(delayed).count();
        let ready = self.ready.len();
        (ready, delayed, self.hidden.len() - delayed)
    }

    /// The number that the next sent message carries in a FIFO queue.
    pub(crate) fn next_sequence_number(&self) -> Option<String> {
        self.settings.fifo.then(|| format!("{:020}", self.next))
    }

    /// What was answered when a message with this deduplication id came before; only a FIFO queue asks.
    pub(crate) fn sent_before(&mut self, now: Instant, id: Option<&str>) -> Option<FirstAnswer> {
        let id = id.filter(|_| self.settings.fifo)?;
        self.deduplication.recall(now, id)
    }

    /// Takes in a message that was sent.
    pub(crate) fn push_sent(&mut self, now: Instant, message: Message) {
        if let (true, Some(id)) = (self.settings.fifo, message.deduplication_id.clone()) {
            let answer = FirstAnswer {
                id: message.id.clone(),
                sequence_number: message.sequence_number.clone(),
            };
            self.deduplication.remember(now, id, answer);
        }
        self.push(message);
    }

    /// Takes in a message, behind all others.
    pub(crate) fn push(&mut self, message: Message) {
        let number = self.next;
        self.next += 1;
        self.index(number, message.hidden);
        self.messages.insert(number, message);
        self.changed.notify_waiters();
    }

    /// Brings back the messages whose time has come; says when the next one's comes.
    pub(crate) fn advance(&mut self, now: Instant) -> Option<Instant> {
        while let Some((until, number)) = self.hidden.first().copied() {
            if until > now {
                return Some(until);
            }
            self.hide(number, Hidden::No);
        }
        None
    }

    /// Takes up to `limit` messages; those received `receives` times before are handed over as dead.
    pub(crate) fn receive(
        &mut self,
        now: Instant,
        limit: usize,
        visibility: Duration,
        receives: u32,
    ) -> (Vec<u64>, Vec<Message>) {
        self.advance(now);
        let (taken, dead) = self.choose(limit, receives);
        for number in &taken {
            if let Some(message) = self.messages.get_mut(number) {
                message.receive_count += 1;
                message.first_received_ms.get_or_insert_with(now_ms);
            }
            self.hide(*number, Hidden::InFlight(now + visibility));
        }
        self.advance(now);
        let dead = dead.iter().filter_map(|number| self.remove(*number));
        (taken, dead.collect())
    }

    /// Which messages to hand out and which to bury. A FIFO group that has a message in flight waits.
    fn choose(&self, limit: usize, receives: u32) -> (Vec<u64>, Vec<u64>) {
        let (mut taken, mut dead) = (Vec::new(), Vec::new());
        for number in &self.ready {
            let Some(message) = self.messages.get(number) else {
                continue;
            };
            if self
                .group(message)
                .is_some_and(|group| self.busy_groups.contains(group))
            {
                continue;
            }
            let chosen = if message.receive_count < receives {
                &mut taken
            } else {
                &mut dead
            };
            chosen.push(*number);
            if taken.len() == limit {
                break;
            }
        }
        (taken, dead)
    }

    fn group<'a>(&self, message: &'a Message) -> Option<&'a str> {
        message.group.as_deref().filter(|_| self.settings.fifo)
    }

    /// Puts a message into another state, and keeps the sets by which it is found.
    pub(crate) fn hide(&mut self, number: u64, hidden: Hidden) {
        let Some(message) = self.messages.get_mut(&number) else {
            return;
        };
        let before = std::mem::replace(&mut message.hidden, hidden);
        let group = message.group.as_deref().filter(|_| self.settings.fifo);
        match before {
            Hidden::No => drop(self.ready.remove(&number)),
            Hidden::Delayed(until) | Hidden::InFlight(until) => {
                self.hidden.remove(&(until, number));
            }
        }
        if let (Hidden::InFlight(_), Some(group)) = (before, group) {
            self.busy_groups.leave(group);
        }
        if let (Hidden::InFlight(_), Some(group)) = (hidden, group) {
            self.busy_groups.enter(group.to_owned());
        }
        self.index(number, hidden);
    }

    fn index(&mut self, number: u64, hidden: Hidden) {
        match hidden {
            Hidden::No => drop(self.ready.insert(number)),
            Hidden::Delayed(until) | Hidden::InFlight(until) => {
                self.hidden.insert((until, number));
            }
        }
    }

    /// Takes a message out, whatever its state.
    pub(crate) fn remove(&mut self, number: u64) -> Option<Message> {
        self.hide(number, Hidden::No);
        self.ready.remove(&number);
        self.messages.remove(&number)
    }

    /// Deletes every message.
    pub(crate) fn purge(&mut self) {
        self.messages.clear();
        self.ready.clear();
        self.hidden.clear();
        self.busy_groups.clear();
    }
}
