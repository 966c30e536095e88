//! Whatever is done to a chain is found, and a chain that nobody touched is sound.

use proptest::prelude::*;

use super::entry::{GENESIS, Hash, Link, Position};
use super::{Anchor, Fault, Head, Report, SHARDS, Verifier};
use crate::domain::hex;

mod again;

const AT: &str = "2026-01-15T10:30:00Z";

/// A chain of this length as it is written, and its head.
fn chain(shard: i16, length: i64) -> (Vec<Link>, Head) {
    let (mut links, mut previous) = (Vec::new(), GENESIS);
    for number in 1..=length {
        let mut link = Link {
            position: Position { shard, number },
            at: Some(1_768_473_000_000_000 + number),
            kind: "ranking".to_owned(),
            subject: vec![7; 32],
            content: format!("{{\"number\":{number}}}"),
            previous: previous.to_vec(),
            hash: Vec::new(),
        };
        previous = link.hash().unwrap();
        link.hash = previous.to_vec();
        links.push(link);
    }
    let head = head(shard, length, &previous);
    (links, head)
}

fn head(shard: i16, entries: i64, hash: &Hash) -> Head {
    Head {
        shard,
        entries,
        hash: hash.to_vec(),
    }
}

/// The heads of a world in which only chain 0 has entries.
fn heads(of_chain: Head) -> Vec<Head> {
    let empty = (1..SHARDS).map(|shard| head(shard, 0, &GENESIS));
    std::iter::once(of_chain).chain(empty).collect()
}

fn verify(links: &[Link], of_chain: Head, anchor: Option<&Anchor>) -> Report {
    let mut verifier = Verifier::new(heads(of_chain), anchor);
    for link in links {
        verifier.take(link);
    }
    verifier.finish()
}

fn fault(links: &[Link], of_chain: &Head, anchor: Option<&Anchor>) -> Option<Fault> {
    let report = verify(links, of_chain.clone(), anchor);
    let (first, others) = report.chains.split_first().unwrap();
    assert!(others.iter().all(|chain| chain.fault.is_none()));
    first.fault
}

/// The anchor that was made when the chain had so many entries.
fn anchored(links: &[Link], entries: i64) -> Anchor {
    let last = usize::try_from(entries).unwrap().checked_sub(1);
    let hash = last.map_or(GENESIS, |last| links[last].hash().unwrap());
    Anchor::of(AT.parse().unwrap(), &heads(head(0, entries, &hash))).unwrap()
}

/// Makes every entry from this one on follow from the one before, and gives the head that fits.
fn tie_again(links: &mut [Link], from: usize) -> Head {
    for at in from..links.len() {
        let previous = at.checked_sub(1).map(|before| links[before].hash.clone());
        links[at].previous = previous.unwrap_or_else(|| GENESIS.to_vec());
        links[at].position.number = i64::try_from(at).unwrap() + 1;
        links[at].hash = links[at].hash().unwrap().to_vec();
    }
    let hash = links.last().map_or(GENESIS, |last| last.hash().unwrap());
    head(0, i64::try_from(links.len()).unwrap(), &hash)
}

/// Computed by another program, from the table in the module's documentation.
#[test]
fn the_layout_is_pinned() {
    let link = Link {
        position: Position {
            shard: 3,
            number: 1,
        },
        at: Some(1_768_473_001_000_001),
        kind: "ranking".to_owned(),
        subject: vec![7; 32],
        content: "{\"é\":1}".to_owned(),
        previous: GENESIS.to_vec(),
        hash: Vec::new(),
    };
    assert_eq!(
        hex(&link.hash().unwrap()),
        "0ca40aa782098f7964fb118526caf66164ed20dfb4592b92088ade5cb2f165fb"
    );
}

/// What was changed in an entry, without making it anew.
fn change(link: &mut Link, what: usize) {
    match what {
        0 => link.at = link.at.map(|at| at + 1),
        1 => link.at = None,
        2 => link.kind = "Ranking".to_owned(),
        3 => link.subject[31] ^= 1,
        4 => link.content.push(' '),
        5 => link.hash[0] ^= 1,
        6 => link.previous[0] ^= 1,
        // A byte goes from one part to its neighbour: the bytes in a row are the same.
        7 => {
            link.kind.push('\u{7}');
            link.subject.remove(0);
        }
        8 => {
            link.subject.push(b'{');
            link.content.remove(0);
        }
        _ => {
            link.content.insert(0, '\u{7}');
            link.subject.pop();
        }
    }
}

#[test]
fn each_kind_of_tampering_has_its_name() {
    let (links, end) = chain(0, 9);
    let anchor = anchored(&links, 6);
    let found = |links: &[Link], end: &Head| fault(links, end, Some(&anchor));
    assert_eq!(found(&links, &end), None);

    let mut removed = links.clone();
    removed.drain(2..4);
    assert_eq!(
        found(&removed, &end),
        Some(Fault::Missing { from: 3, to: 4 })
    );

    let cut = &links[..7];
    assert_eq!(found(cut, &end), Some(Fault::Cut { from: 8, to: 9 }));
    let short = head(0, 4, &links[3].hash().unwrap());
    let whole_but_short = found(&links[..4], &short);
    assert_eq!(
        whole_but_short,
        Some(Fault::Cut { from: 5, to: 6 }),
        "by the anchor"
    );

    let mut swapped = links.clone();
    swapped.swap(2, 3);
    swapped[2].position.number = 3;
    swapped[3].position.number = 4;
    assert_eq!(found(&swapped, &end), Some(Fault::Changed { position: 3 }));

    let mut replaced = links.clone();
    replaced[3].content = "{}".to_owned();
    replaced[3].hash = replaced[3].hash().unwrap().to_vec();
    assert_eq!(
        found(&replaced, &end),
        Some(Fault::Unlinked { position: 5 })
    );

    let mut anew = links.clone();
    anew[3].content = "{}".to_owned();
    let fitting = tie_again(&mut anew, 3);
    assert_eq!(
        found(&anew, &fitting),
        Some(Fault::Rewritten { position: 6 })
    );
    assert_eq!(fault(&anew, &fitting, None), None, "only the anchor knows");

    for wrong in [head(0, 9, &GENESIS), head(0, 8, &links[7].hash().unwrap())] {
        assert_eq!(
            found(&links, &wrong),
            Some(Fault::HeadReplaced { position: 9 })
        );
    }

    let mut stray = links[0].clone();
    stray.position.number = 0;
    let with_stray: Vec<_> = std::iter::once(stray).chain(links.clone()).collect();
    assert_eq!(found(&with_stray, &end), Some(Fault::Stray { position: 0 }));
}

#[test]
fn a_chain_without_a_head_is_no_chain() {
    let (links, _) = chain(0, 2);
    let mut verifier = Verifier::new(Vec::new(), None);
    for link in &links {
        verifier.take(link);
    }
    let report = verifier.finish();
    assert_eq!(report.chains.len(), usize::try_from(SHARDS).unwrap());
    for chain in &report.chains {
        assert_eq!(chain.fault, Some(Fault::HeadMissing));
    }
    let (elsewhere, _) = chain(99, 1);
    let mut verifier = Verifier::new(heads(head(0, 0, &GENESIS)), None);
    verifier.take(&elsewhere[0]);
    let report = verifier.finish();
    let strange = report.chains.last().unwrap();
    assert_eq!(
        (strange.shard, strange.fault),
        (99, Some(Fault::HeadMissing))
    );
}

#[test]
fn anchors_are_read_as_they_were_written() {
    let (links, _) = chain(0, 3);
    let anchor = anchored(&links, 3);
    assert_eq!(Anchor::parse(&anchor.write()), Ok(Some(anchor)));
    assert_eq!(Anchor::parse("{}"), Ok(None));
    for wrong in [
        "",
        "[]",
        "null",
        r#"{"at": "2026-01-15T10:30:00Z", "heads": {"0": [1, "00"]}}"#,
        r#"{"at": "2026-01-15T10:30:00Z", "heads": {"x": [1, "00"]}}"#,
        r#"{"at": "yesterday"}"#,
    ] {
        assert!(Anchor::parse(wrong).is_err(), "{wrong}");
    }
    let unfit = Head {
        hash: vec![0; 31],
        ..head(0, 0, &GENESIS)
    };
    assert_eq!(Anchor::of(AT.parse().unwrap(), &[unfit]), None);
}

proptest! {
    #[test]
    fn what_nobody_touched_is_sound(length in 0_i64..40, share in 0.0..=1.0) {
        let (links, end) = chain(0, length);
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a part of a small number")]
        let entries = (length as f64 * share) as i64;
        let anchor = anchored(&links, entries);
        prop_assert_eq!(fault(&links, &end, Some(&anchor)), None);
    }

    #[test]
    fn a_changed_entry_is_named(length in 1_i64..40, seed: usize, what in 0_usize..10) {
        let (mut links, end) = chain(0, length);
        let at = seed % links.len();
        change(&mut links[at], what);
        let position = links[at].position.number;
        prop_assert_eq!(fault(&links, &end, None), Some(Fault::Changed { position }));
    }

    /// However it was done, and whatever was made to fit afterwards: up to the anchor nothing can be touched.
    #[test]
    fn nothing_before_the_anchor_can_be_made_anew(
        length in 2_i64..40, seed: usize, what in 0_usize..5, more in 0_i64..5,
    ) {
        let (honest, _) = chain(0, length + more);
        let anchor = anchored(&honest, length);
        let mut links = honest.clone();
        let at = seed % usize::try_from(length).unwrap();
        match what {
            0 => links[at].content.push(' '),
            1 => drop(links.remove(at)),
            2 => {
                let mut forged = links[at].clone();
                forged.content = "{}".to_owned();
                links.insert(at, forged);
            }
            3 => links.truncate(at),
            _ => {
                let other = (at + 1) % usize::try_from(length).unwrap();
                links.swap(at, other);
            }
        }
        let fitting = tie_again(&mut links, 0);
        prop_assert!(fault(&links, &fitting, Some(&anchor)).is_some());
    }
}
