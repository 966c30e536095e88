//! The body of `POST /assist/sessions/{session_id}/ranking`.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::snippet::Snippet;
use crate::domain::body::{Flaws, Object, value};
use crate::domain::query::Limit;
use crate::domain::{CallbackUrl, SessionId, SnippetId, words};
use crate::error::Error;

/// A longer body ranks nothing. Five hundred snippets with two kilobytes each fit.
const MOST_BYTES: usize = 1 << 20;
/// More snippets are not ranked at once.
const MOST_SNIPPETS: usize = 500;

words!(
    /// What happens to scores before boosts are applied.
    Normalization {
        /// They stay as they are.
        None = "none",
        /// They are stretched, so that the lowest is 0 and the highest 1.
        MinMax = "min-max",
    }
);

/// A body as most are, read in one pass. What it takes [`RankingRequest::examine`] takes too; a test holds the two equal.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    session_id: Option<String>,
    max_result_window: Option<u64>,
    snippets: Vec<Snippet>,
    callback_url: Option<String>,
    normalization: Option<Normalization>,
    expected_version: Option<i64>,
}

/// Snippets that are to be ordered for a session.
#[derive(Debug, Clone, PartialEq)]
pub struct RankingRequest {
    /// The session.
    pub session_id: SessionId,
    /// How many snippets are shown at most.
    pub max_result_window: Limit,
    /// The snippets, each id once. Of those that fit equally well the earlier stays in front.
    pub snippets: Vec<Snippet>,
    /// Where somebody wants to be told of the ranking.
    pub callback_url: Option<CallbackUrl>,
    /// What happens to scores before boosts are applied.
    pub normalization: Normalization,
    /// The version that the session must have, if it matters.
    pub expected_version: Option<i64>,
}

impl RankingRequest {
    /// Reads the body of a request about this session.
    pub fn parse(session: &SessionId, body: &[u8]) -> Result<Self, Error> {
        match Self::glance(session, body) {
            Some(request) => Ok(request),
            None => Self::examine(session, body),
        }
    }

    /// Reads a body in one pass, if nothing is wrong or unusual about it.
    pub(super) fn glance(session: &SessionId, body: &[u8]) -> Option<Self> {
        if body.len() > MOST_BYTES {
            return None;
        }
        let text = std::str::from_utf8(body).ok()?;
        let draft: Draft = serde_json::from_str(text).ok()?;
        let is_sound = draft.session_id.is_none_or(|id| id == session.as_str())
            && draft.expected_version.is_none_or(|version| version >= 0)
            && (1..=MOST_SNIPPETS).contains(&draft.snippets.len())
            && are_distinct(&draft.snippets);
        let window = draft.max_result_window.map(Limit::parse).transpose();
        let callback_url = draft.callback_url.as_deref().map(CallbackUrl::parse);
        let request = Self {
            session_id: session.clone(),
            max_result_window: window.ok()?.unwrap_or(Limit::DEFAULT),
            snippets: draft.snippets,
            callback_url: callback_url.transpose().ok()?,
            normalization: draft.normalization.unwrap_or(Normalization::None),
            expected_version: draft.expected_version,
        };
        is_sound.then_some(request)
    }

    /// Reads a body field by field, and says everything that is wrong with it.
    pub(super) fn examine(session: &SessionId, body: &[u8]) -> Result<Self, Error> {
        let mut object = Object::of_body(body, MOST_BYTES)?;
        object.take("session_id", |one| {
            value::parsed(one, |text| same(session, text))
        });
        let window = object.take("max_result_window", Limit::read);
        let snippets = object.require("snippets", snippets);
        let callback_url =
            object.take("callback_url", |one| value::parsed(one, CallbackUrl::parse));
        let normalization = object.take("normalization", |one| value::parsed(one, normalization));
        let expected_version = object.take("expected_version", version);
        let request = snippets.map(|snippets| Self {
            session_id: session.clone(),
            max_result_window: window.unwrap_or(Limit::DEFAULT),
            snippets,
            callback_url,
            normalization: normalization.unwrap_or(Normalization::None),
            expected_version,
        });
        Ok(object.end(request)?)
    }
}

fn same(session: &SessionId, text: &str) -> Result<(), &'static str> {
    let is_same = session.as_str() == text;
    is_same
        .then_some(())
        .ok_or("must be the session of the path")
}

fn are_distinct(snippets: &[Snippet]) -> bool {
    let mut seen = HashSet::with_capacity(snippets.len());
    let mut ids = snippets.iter().map(|snippet| snippet.snippet_id.as_str());
    ids.all(|id| seen.insert(id))
}

fn snippets(written: &RawValue) -> Result<Vec<Snippet>, Flaws> {
    let mut seen: HashSet<SnippetId> = HashSet::new();
    let rule = "must hold 1 to 500 snippets";
    value::list(written, 1..=MOST_SNIPPETS, rule, |one| {
        Snippet::read(one, |id| seen.insert(id.clone()))
    })
}

fn normalization(word: &str) -> Result<Normalization, &'static str> {
    Normalization::parse(word).ok_or("must be none or min-max")
}

fn version(written: &RawValue) -> Result<i64, Flaws> {
    let number = value::whole(written).and_then(|number| i64::try_from(number).ok());
    number.ok_or_else(|| "must be a whole number of 0 or more".into())
}
