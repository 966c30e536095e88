//! What can come of a post, and the columns that it sets.

use std::time::Duration;

use super::State;
use crate::domain::ConversationId;

/// What came of a post.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// CXone has it.
    Injected {
        /// What it made of it.
        conversation: ConversationId,
        /// What it answered; none if it was found to be there already.
        status: Option<u16>,
        /// From the post to the answer; none if it was found to be there already.
        latency: Option<Duration>,
    },
    /// Another try may succeed, after this time.
    Again {
        /// How long to wait.
        wait: Duration,
        /// What CXone answered, if it did.
        status: Option<u16>,
        /// Why.
        reason: String,
        /// Whether this try, or one before it, may have arrived.
        is_in_doubt: bool,
        /// Whether the try counts: it does not if the fault is not the transcript's.
        counts: bool,
    },
    /// No other try is made.
    Over {
        /// `Refused`, `Dead` or `OutcomeUnknown`.
        state: State,
        /// What CXone answered, if it did.
        status: Option<u16>,
        /// Why.
        reason: String,
        /// Whether this try, or one before it, may have arrived.
        is_in_doubt: bool,
    },
}

/// The columns that an outcome sets.
pub(super) struct Columns<'a> {
    pub(super) state: State,
    pub(super) wait: Option<Duration>,
    pub(super) status: Option<i16>,
    pub(super) reason: Option<&'a str>,
    pub(super) conversation: Option<&'a str>,
    pub(super) latency_ms: Option<f32>,
    pub(super) is_in_doubt: bool,
    pub(super) counts: bool,
}

impl<'a> Columns<'a> {
    pub(super) fn of(outcome: &'a Outcome) -> Self {
        let small = |status: &Option<u16>| status.and_then(|it| i16::try_from(it).ok());
        let none = Self {
            state: State::Injected,
            wait: None,
            status: None,
            reason: None,
            conversation: None,
            latency_ms: None,
            is_in_doubt: false,
            counts: true,
        };
        match outcome {
            Outcome::Injected {
                conversation,
                status,
                latency,
            } => Self {
                status: small(status),
                conversation: Some(conversation.as_str()),
                latency_ms: latency.map(|it| it.as_secs_f32() * 1_000.0),
                ..none
            },
            Outcome::Again {
                wait,
                status,
                reason,
                is_in_doubt,
                counts,
            } => Self {
                state: State::Pending,
                wait: Some(*wait),
                status: small(status),
                reason: Some(reason),
                is_in_doubt: *is_in_doubt,
                counts: *counts,
                ..none
            },
            Outcome::Over {
                state,
                status,
                reason,
                is_in_doubt,
            } => Self {
                state: *state,
                status: small(status),
                reason: Some(reason),
                is_in_doubt: *is_in_doubt,
                ..none
            },
        }
    }
}
