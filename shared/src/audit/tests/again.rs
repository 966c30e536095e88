//! What is looked at again, and what is told beside what is wrong.

use jiff::SignedDuration;

use super::*;
use crate::audit::{Seen, Unanchored};

/// Looks at the whole chain again by steps of so many entries, each told by what is kept of the one before; says whether all was right.
fn look_by(links: &[Link], anchor: &Anchor, step: i64) -> bool {
    let mut anchor = anchor.clone();
    loop {
        let mut verifier = Verifier::again(&anchor);
        let (mut left, mut seen) = (step, None);
        for before in verifier.reached() {
            let rest = verifier.rest(before.shard);
            let taken = rest.min(left);
            let theirs = links
                .iter()
                .filter(|link| link.position.shard == before.shard);
            let next = theirs.filter(|link| link.position.number > before.number);
            let next: Vec<_> = next.take(usize::try_from(taken).unwrap()).collect();
            for link in &next {
                verifier.take(link);
            }
            // As where they are read: what ended too early is not left.
            if next.len() == usize::try_from(taken).unwrap() {
                verifier.leave(before.shard);
            }
            left -= taken;
            if taken < rest && seen.is_none() {
                seen = Some(verifier.seen(before.shard));
            }
        }
        if !verifier.finish().is_sound() {
            return false;
        }
        if seen.is_none() {
            return true;
        }
        anchor.seen = seen;
    }
}

#[test]
fn where_looking_was_left_is_read_as_it_was_written() {
    let (links, _) = chain(0, 3);
    let mut anchor = anchored(&links, 3);
    anchor.seen = Some(Seen {
        position: links[1].position,
        hash: links[1].hash().unwrap(),
    });
    anchor.faulty = vec![0, 7];
    assert_eq!(Anchor::parse(&anchor.write()), Ok(Some(anchor)));
    let wrong = r#"{"at": "2026-01-15T10:30:00Z", "heads": {}, "seen": [0, 1, "00"]}"#;
    assert!(Anchor::parse(wrong).is_err());
}

#[test]
fn an_entry_that_is_older_than_one_before_it_is_told() {
    let times = |times: &[i64]| {
        let (mut links, _) = chain(0, i64::try_from(times.len()).unwrap());
        for (link, seconds) in links.iter_mut().zip(times) {
            link.at = Some(1_768_473_000_000_000 + seconds * 1_000_000);
        }
        let end = tie_again(&mut links, 0);
        let report = verify(&links, end, None);
        assert!(report.is_sound(), "the chain is whole");
        assert_eq!(report.is_clean(), report.chains[0].backdated.is_none());
        report.chains[0].backdated
    };
    assert_eq!(times(&[0, 10, 10, 3_000]), None);
    assert_eq!(times(&[100, 40, 101]), None, "clocks are no better");
    assert_eq!(times(&[100, 39, 101]), Some(2));
    assert_eq!(times(&[100, 60, 20, 101]), Some(3), "step by step");
}

#[test]
fn entries_without_an_anchor_or_with_an_old_one_are_told() {
    let (links, end) = chain(0, 3);
    let now: jiff::Timestamp = AT.parse().unwrap();
    let of = |links: &[Link], end: &Head, anchor| {
        let report = verify(links, end.clone(), anchor);
        move |minutes| report.unanchored(now + SignedDuration::from_mins(minutes))
    };
    let anchor = anchored(&links, 2);
    let kept = of(&links, &end, Some(&anchor));
    assert_eq!((kept(0), kept(60)), (None, None));
    assert_eq!(kept(61), Some(Unanchored::Since(now)));
    assert_eq!(of(&links, &end, None)(0), Some(Unanchored::Never));
    assert_eq!(of(&[], &head(0, 0, &GENESIS), None)(0), None);
}

proptest! {
    #[test]
    fn whatever_was_anchored_is_seen_by_steps(
        length in 1_i64..30, more in 0_i64..5, step in 1_i64..9, seed: usize, upto: usize, what in 0_usize..4,
    ) {
        let (honest, _) = chain(0, length + more);
        let anchor = anchored(&honest, length);
        prop_assert!(look_by(&honest, &anchor, step));
        let mut links = honest;
        let count = usize::try_from(length).unwrap();
        let at = seed % count;
        match what {
            0 => links[at].content.push(' '),
            1 => drop(links.remove(at)),
            2 => {
                // Made anew up to an entry somewhere behind it, which stands as it was.
                links[at].content.push(' ');
                let end = at + 1 + upto % (count - at);
                tie_again(&mut links[..end], at);
            }
            _ => {
                links[at].content.push(' ');
                tie_again(&mut links, at);
            }
        }
        prop_assert!(!look_by(&links, &anchor, step), "nobody saw it");
    }
}
