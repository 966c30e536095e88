//! What each answer comes to.

use super::*;

use AfterLostAnswer::{Hold, LookUp, SendAgain};

fn tried(number: u32, after_lost_answer: AfterLostAnswer) -> Try {
    Try {
        number,
        is_in_doubt: false,
        is_alone: false,
        after_lost_answer,
        took: Duration::from_millis(5),
        random: 1.0,
    }
}

/// What came of it: the state, whether the try counts, whether it may have arrived, and the pause.
fn told(outcome: &Outcome) -> (State, bool, bool, u64) {
    match outcome {
        Outcome::Injected { .. } => (State::Injected, true, false, 0),
        Outcome::Again {
            wait,
            is_in_doubt,
            counts,
            ..
        } => (State::Pending, *counts, *is_in_doubt, wait.as_secs()),
        Outcome::Over {
            state, is_in_doubt, ..
        } => (*state, true, *is_in_doubt, 0),
    }
}

fn broken() -> Error {
    Error::transient("CXone", "gone")
}

#[test]
fn every_answer_has_its_outcome() {
    let (pending, unknown) = (State::Pending, State::OutcomeUnknown);
    let told_s = |seconds| Some(Duration::from_secs(seconds));
    let refused = || Posted::Refused {
        status: 400,
        why: None,
    };
    for (after, posted, expected) in [
        (SendAgain, refused(), (State::Refused, true, false, 0)),
        (
            SendAgain,
            Posted::Busy(told_s(7)),
            (pending, false, false, 0),
        ),
        (
            SendAgain,
            Posted::Failed(500, None),
            (pending, true, true, 10),
        ),
        (
            LookUp,
            Posted::Failed(503, told_s(99)),
            (pending, true, true, 99),
        ),
        (Hold, Posted::Failed(503, None), (pending, true, false, 10)),
        (Hold, Posted::Failed(504, None), (unknown, true, true, 0)),
        (
            SendAgain,
            Posted::Unsent(broken()),
            (pending, true, false, 10),
        ),
        (Hold, Posted::Unsent(broken()), (pending, true, false, 10)),
        (
            SendAgain,
            Posted::Unsure(broken()),
            (pending, true, true, 10),
        ),
        (LookUp, Posted::Unsure(broken()), (pending, true, true, 10)),
        (Hold, Posted::Unsure(broken()), (unknown, true, true, 0)),
    ] {
        let said = format!("{after:?} {posted:?}");
        let (outcome, _) = tried(1, after).judge(Ok(posted));
        assert_eq!(told(&outcome), expected, "{said}");
    }
}

#[test]
fn what_is_not_the_transcripts_fault_does_not_count_and_ends_the_run() {
    let closed = Err(Error::misconfigured("the scope is missing"));
    let (outcome, effect) = tried(12, SendAgain).judge(closed);
    assert_eq!(told(&outcome), (State::Pending, false, false, 360));
    assert!(matches!(effect, Effect::Trouble(span, _) if span.as_secs() == 300));
    let (outcome, effect) = tried(12, SendAgain).judge(Err(broken()));
    assert_eq!(told(&outcome), (State::Pending, false, false, 0));
    assert!(matches!(effect, Effect::Stop(_)));
    let (_, effect) = tried(12, SendAgain).judge(Ok(Posted::Busy(None)));
    assert!(matches!(effect, Effect::Pause(span) if span == Duration::from_secs(45)));
}

#[test]
fn one_that_alone_is_turned_away_counts_its_tries_and_stops_nobody_else() {
    for (number, expected) in [
        (1, (State::Pending, true, false, 360)),
        (8, (State::Pending, true, false, 1_280)),
        (12, (State::Dead, true, false, 0)),
    ] {
        let alone = Try {
            is_alone: true,
            ..tried(number, SendAgain)
        };
        let (outcome, effect) = alone.judge(Err(Error::misconfigured("HTTP 404")));
        assert_eq!(told(&outcome), expected);
        assert!(matches!(effect, Effect::Stop(_)));
        let (Outcome::Again { reason, .. } | Outcome::Over { reason, .. }) = outcome else {
            unreachable!()
        };
        assert!(
            is_turned_away(&reason) && reason.ends_with("HTTP 404"),
            "{reason}"
        );
    }
}

#[test]
fn pauses_grow_and_the_last_try_ends_it() {
    let pause = |number| {
        let (outcome, _) = tried(number, SendAgain).judge(Ok(Posted::Unsure(broken())));
        told(&outcome)
    };
    let pauses: Vec<_> = (1..12).map(|number| pause(number).3).collect();
    let expected = [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600];
    assert_eq!(pauses, expected);
    assert_eq!(pause(12), (State::Dead, true, true, 0));
}
