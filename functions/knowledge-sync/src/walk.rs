//! Walks a listing page by page while it changes underneath. Pure.
//!
//! The listing's order is unknown, and every edit may move an article, so every page repeats the end of the one before. A page that
//! has something the page before had as well, unchanged, leaves nothing out between them: of what nobody touched, whatever stands
//! before that now stood before it then, and was seen; the rest is on this page or follows. A page without it is not taken, and the
//! walk goes back. What comes twice does no harm.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::domain::ArticleId;

/// How many entries of a page the next one repeats.
const OVERLAP: usize = 10;
/// How often a walk goes back before it says that the listing never stands still.
const MOST_BACK: u32 = 200;

/// An entry as one page had it. An edit makes it another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Entry {
    Told(Told),
    /// One that cannot be read, by its hash: where it stands says as much as where an article stands.
    Flawed {
        flawed: String,
    },
}

/// An article, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) id: ArticleId,
    pub(crate) modified: Timestamp,
}

/// How far a listing has been walked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Walk {
    /// Where the next page begins.
    pub(crate) offset: usize,
    /// The page before.
    before: Vec<Entry>,
    back: u32,
    /// In the conditional form: from when on changes are asked for.
    #[serde(default)]
    pub(crate) since: Option<Timestamp>,
}

/// What becomes of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is taken, and others follow.
    Take,
    /// It is taken, and is the last.
    Last,
    /// Something may lie between it and the page before: it is not taken.
    Back,
    /// The listing moves faster than it can be read.
    GiveUp,
}

impl Walk {
    /// Looks at the page at `offset`. `limit` is how many were asked for, at least two.
    pub(crate) fn look(&mut self, page: &[Entry], limit: usize) -> Step {
        if !self.follows(page) {
            self.offset = self.offset.saturating_sub(limit.max(1));
            self.back += 1;
            return if self.back > MOST_BACK {
                Step::GiveUp
            } else {
                Step::Back
            };
        }
        self.before = page.to_vec();
        if page.len() < limit {
            return Step::Last;
        }
        self.go_on(page.len());
        Step::Take
    }

    /// The page before.
    pub(crate) fn before(&self) -> &[Entry] {
        &self.before
    }

    /// Goes back as often as at first before it is given up again.
    pub(crate) fn take_heart(&mut self) {
        self.back = 0;
    }

    /// More follows after the page that was looked at, of so many entries.
    pub(crate) fn go_on(&mut self, entries: usize) {
        self.offset += entries - OVERLAP.min(entries / 2);
    }

    fn follows(&self, page: &[Entry]) -> bool {
        let is_shared = |entry: &Entry| has_place(entry, page) && has_place(entry, &self.before);
        self.offset == 0 || page.iter().any(is_shared)
    }
}

/// Whether a page has this entry, and in one place: unreadable ones that are alike may be any of them.
fn has_place(entry: &Entry, page: &[Entry]) -> bool {
    match entry {
        Entry::Told(_) => page.contains(entry),
        Entry::Flawed { .. } => page.iter().filter(|one| *one == entry).count() == 1,
    }
}

#[cfg(test)]
mod tests;
