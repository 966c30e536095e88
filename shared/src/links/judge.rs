//! What several checks say together. Pure.

use jiff::{SignedDuration, Timestamp};

use super::verdict::Verdict;

/// So many checks in a row must find nothing before a link counts as broken.
const STRIKES: u8 = 3;
/// A link that was fine is not checked again for so long.
const FINE_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// No link is checked more often, so that strikes lie apart and a short outage is no three of them.
const APART: SignedDuration = SignedDuration::from_hours(1);

/// What is known of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkState {
    /// How many checks in a row found nothing, those aside that learnt nothing. Never more than three.
    pub strikes: u8,
    /// When it was last checked, whatever came of it.
    pub checked_at: Timestamp,
    /// When it was last fine.
    pub fine_at: Option<Timestamp>,
}

impl LinkState {
    /// Whether readers and editors should be told that it leads nowhere.
    pub fn is_broken(&self) -> bool {
        self.strikes >= STRIKES
    }
}

/// Whether a link should be checked now: never seen, or fine too long ago, or not fine when it was last checked. A clock that was
/// set back makes nothing wait longer than it would have.
pub fn is_due(previous: Option<&LinkState>, now: Timestamp) -> bool {
    let Some(previous) = previous else {
        return true;
    };
    let is_recent = |at: Timestamp, span: SignedDuration| now.duration_since(at).abs() < span;
    let was_fine =
        previous.strikes == 0 && previous.fine_at.is_some_and(|at| is_recent(at, FINE_FOR));
    !was_fine && !is_recent(previous.checked_at, APART)
}

/// What is known of a link after this check. A success clears it of everything; a check that learnt nothing changes nothing but its time.
pub fn judge(previous: Option<LinkState>, verdict: Verdict, now: Timestamp) -> LinkState {
    let strikes = previous.map_or(0, |previous| previous.strikes);
    let fine_at = previous.and_then(|previous| previous.fine_at);
    let (strikes, fine_at) = match verdict {
        Verdict::Fine => (0, Some(now)),
        Verdict::Broken(_) => (strikes.saturating_add(1).min(STRIKES), fine_at),
        Verdict::Unknown(_) => (strikes, fine_at),
    };
    LinkState {
        strikes,
        checked_at: now,
        fine_at,
    }
}
