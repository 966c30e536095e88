//! What an agent did with a snippet that was shown.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::body::{Object, value};
use crate::domain::{SessionId, SnippetId, words};
use crate::error::Error;

/// A longer body is no click.
const MOST_BYTES: usize = 65_536;

words!(
    /// What was done with a snippet.
    Action {
        /// It was opened.
        Click = "click",
        /// Its text was copied.
        Copy = "copy",
        /// Its text was put into an answer.
        Insert = "insert",
        /// It was waved away.
        Dismiss = "dismiss",
    }
);

/// A place in an order, from 1, the first, to 50.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct RankPosition(u8);

impl RankPosition {
    /// The last place that an order can have.
    pub const LAST: Self = Self(50);

    /// Takes a number from 1 to 50.
    pub fn parse(number: u64) -> Result<Self, &'static str> {
        let place = u8::try_from(number).ok();
        let place = place.filter(|place| (1..=Self::LAST.0).contains(place));
        place.map(Self).ok_or("must be a whole number from 1 to 50")
    }

    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }

    /// The number, counted from 0.
    pub(super) fn index(self) -> usize {
        usize::from(self.0) - 1
    }
}

/// Something that an agent did with a snippet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Click {
    /// The session in which it was shown.
    pub session_id: SessionId,
    /// What was shown.
    pub snippet_id: SnippetId,
    /// Where it stood.
    pub rank_position: RankPosition,
    /// What was done with it.
    pub action: Action,
    /// When, if the sender says so.
    pub at: Option<Timestamp>,
}

impl Click {
    /// Reads the body of a request about this session.
    pub fn parse(session: &SessionId, body: &[u8]) -> Result<Self, Error> {
        let mut object = Object::of_body(body, MOST_BYTES)?;
        let snippet_id = object.require("snippet_id", |one| {
            value::parsed(one, |text| SnippetId::parse(text))
        });
        let rank_position = object.require("rank_position", |one| {
            // Zero is out of range, as is everything that is no whole number.
            Ok(RankPosition::parse(value::whole(one).unwrap_or(0))?)
        });
        let action = object.require("action", |one| {
            let read = |word: &str| Action::parse(word);
            value::parsed(one, |word| {
                read(word).ok_or("must be click, copy, insert or dismiss")
            })
        });
        let at = object.take("at", value::instant);
        let what = snippet_id.zip(rank_position).zip(action);
        let click = what.map(|((snippet_id, rank_position), action)| Self {
            session_id: session.clone(),
            snippet_id,
            rank_position,
            action,
            at,
        });
        Ok(object.end(click)?)
    }
}
