//! What was read is read again, and what becomes of the old value.

use std::sync::atomic::{AtomicU8, Ordering};

use super::*;
use crate::error::Reason;

#[tokio::test]
async fn what_cannot_be_understood_leaves_the_old_value_in_force_for_an_hour() {
    let at = |seconds| Timestamp::from_second(seconds).unwrap();
    let read = AtomicU8::new(0);
    let parse = move |_: &_| match read.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(0),
        1..=3 => Err(Error::misconfigured("not JSON")),
        number => Ok(number),
    };
    let secret = Secret::of(Source::Text("".into()), SignedDuration::from_secs(5), parse);
    let got = async |seconds| secret.get(at(seconds)).await.ok().map(|it| *it);
    for (seconds, expected) in [
        (0, Some(0)),
        (6, Some(0)),
        (3_599, Some(0)),
        (3_601, None),
        (3_610, Some(4)),
    ] {
        assert_eq!(got(seconds).await, expected, "{seconds}");
    }
}

#[tokio::test]
async fn who_may_hold_a_newer_key_is_looked_up_once_more_and_not_for_ever() {
    let now = Timestamp::UNIX_EPOCH;
    for (reason, fits, reads) in [
        (Reason::WrongKey, 0, 1),
        (Reason::WrongKey, 1, 2),
        (Reason::NoKeys, 1, 2),
        (Reason::WrongKey, 2, 2),
        (Reason::Expired, 1, 1),
        (Reason::Stale, 1, 1),
    ] {
        let read = Arc::new(AtomicU8::new(0));
        let count = Arc::clone(&read);
        let parse = move |_: &_| Ok(count.fetch_add(1, Ordering::SeqCst));
        let secret = Secret::of(Source::Text("".into()), SignedDuration::MAX, parse);
        let ask = |key: &u8| {
            (*key >= fits)
                .then_some(())
                .ok_or(Error::Unauthorized(reason))
        };
        for again in 0..2 {
            let refused = secret.ask(now, ask).await.err();
            let expected = (reads <= fits).then_some(reason);
            let refused = refused.map(|error| match error {
                Error::Unauthorized(reason) => reason,
                other => panic!("{other:?}"),
            });
            assert_eq!(refused, expected, "{reason} {fits} {again}");
            assert_eq!(
                read.load(Ordering::SeqCst),
                reads,
                "{reason} {fits} {again}"
            );
        }
    }
}
