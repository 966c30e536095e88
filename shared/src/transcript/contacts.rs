//! The contacts that NICE's notification socket told of, each with all it said, as the stream of `v2` tells it: so whoever takes over
//! after a lost connection or another listener knows by the numbers what is new, and the rest of the way is the same.

use std::collections::{BTreeMap, HashMap};

use super::frame::{Heard, Line, MOST_TEXT};
use super::notice::Notice;
use crate::domain::{InteractionId, Speaker};

/// So many contacts are known at most. Beyond, the one goes that was told of least lately.
const MOST: usize = 10_000;
/// And so many bytes of all of them, likewise.
const MOST_BYTES: usize = 96 << 20;

/// What is known of contacts.
#[derive(Default)]
pub(super) struct Contacts {
    known: HashMap<InteractionId, Contact>,
    /// About what they take.
    bytes: usize,
    /// Counts what was told.
    told: u64,
}

#[derive(Default)]
struct Contact {
    /// By number. Should a tenant count each side of a contact on its own, two utterances may have one.
    lines: BTreeMap<(u64, Speaker), Line>,
    bytes: usize,
    last: u64,
}

/// What follows from a message.
#[derive(Default)]
pub(super) struct Told {
    /// How the contact stands now, if that is new.
    pub(super) heard: Option<Heard>,
    /// A contact that was not known before.
    pub(super) new: Option<InteractionId>,
    /// A contact that is over.
    pub(super) over: Option<InteractionId>,
}

impl Contacts {
    /// Takes a message.
    pub(super) fn take(&mut self, notice: Notice) -> Told {
        let mut told = Told::default();
        self.told += 1;
        match notice {
            Notice::Other => {}
            Notice::Present(id) => told.new = self.meet(id),
            Notice::Said(id, line) => {
                told.new = self.meet(id.clone());
                if let Some(contact) = self.known.get_mut(&id) {
                    self.bytes -= contact.size();
                    contact.add(line);
                    self.bytes += contact.size();
                    told.heard = Some(contact.heard(id, false));
                }
                // Who speaks now is the last one to go.
                while self.bytes > MOST_BYTES {
                    self.forget_oldest();
                }
            }
            Notice::Ended(id) => {
                let contact = self.known.remove(&id).unwrap_or_default();
                self.bytes -= contact.size();
                told.over = Some(id.clone());
                told.heard = Some(contact.heard(id, true));
            }
        }
        told
    }

    /// All that go on.
    pub(super) fn all(&self) -> impl Iterator<Item = &InteractionId> {
        self.known.keys()
    }

    /// Knows a contact from now on; gives it back if it is new.
    fn meet(&mut self, id: InteractionId) -> Option<InteractionId> {
        if let Some(known) = self.known.get_mut(&id) {
            known.last = self.told;
            return None;
        }
        if self.known.len() >= MOST {
            self.forget_oldest();
        }
        let contact = Contact {
            last: self.told,
            ..Contact::default()
        };
        self.known.insert(id.clone(), contact);
        Some(id)
    }

    fn forget_oldest(&mut self) {
        let oldest = self.known.iter().min_by_key(|(_, contact)| contact.last);
        let oldest = oldest.map(|(id, _)| id.clone());
        let gone = oldest.and_then(|id| self.known.remove(&id));
        self.bytes -= gone.map_or(self.bytes, |gone| gone.size());
    }
}

impl Contact {
    /// Keeps what was said, and forgets the oldest of it where it is more than a transcript of `v2` may hold: that was forwarded long ago.
    fn add(&mut self, line: Line) {
        self.bytes += line.transcript.len();
        let place = (line.number.unwrap_or_default(), line.speaker);
        if let Some(before) = self.lines.insert(place, line) {
            self.bytes -= before.transcript.len();
        }
        while self.bytes > MOST_TEXT {
            let Some((_, oldest)) = self.lines.pop_first() else {
                break;
            };
            self.bytes -= oldest.transcript.len();
        }
    }

    /// About what it takes.
    fn size(&self) -> usize {
        self.bytes + self.lines.len() * size_of::<Line>()
    }

    fn heard(&self, id: InteractionId, has_ended: bool) -> Heard {
        Heard {
            id,
            has_ended,
            lines: self.lines.values().cloned().collect(),
        }
    }
}
