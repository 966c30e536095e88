//! What a block holds, and what is left when several become one.

use std::collections::BTreeSet;

use super::*;

#[test]
fn a_block_holds_what_it_was_made_of() {
    let (one, other, none) = (
        terms(&[("parcel", 2), ("refund", 1)]),
        terms(&[("parcel", 1)]),
        terms(&[]),
    );
    let block = build_block(&[(Doc(9), &other), (Doc(4), &one), (Doc(1), &none)]).unwrap();
    assert_eq!((block.chunks, block.length, block.mask), (2, 4, 0));
    assert_eq!((block.first, block.last), (Doc(4), Doc(9)));
    assert_eq!(postings_of(&block, "parcel"), [(4, 2, 3), (9, 1, 1)]);
    assert_eq!(postings_of(&block, "refund"), [(4, 1, 3)]);
    for absent in ["", "a", "parce", "parcels", "zzz"] {
        assert_eq!(postings_of(&block, absent), [], "{absent}");
    }
}

/// Blocks of these bytes are stored.
#[test]
fn the_bytes_never_change() {
    let (one, other) = (terms(&[("b", 200), ("ü", 1)]), terms(&[("b", 1)]));
    let block = build_block(&[(Doc(300), &one), (Doc(302), &other)]).unwrap();
    #[rustfmt::skip]
    let bytes = vec![
        0xac, 2, // The first document is 300.
        1, b'b', 2, 8, 0, 0xc8, 1, 0xc9, 1, 2, 1, 1,
        2, 0xc3, 0xbc, 1, 4, 0, 1, 0xc9, 1,
    ];
    assert_eq!(block.buckets, [(0, bytes)]);
}

#[test]
fn without_terms_there_is_no_block() {
    let none = terms(&[]);
    assert_eq!(build_block(&[]), None);
    assert_eq!(build_block(&[(Doc(1), &none)]), None);
    let nothing: [&[u8]; 0] = [];
    assert_eq!(fold(&nothing, &BTreeSet::new()), Ok(None));
    let one = terms(&[("parcel", 1)]);
    let block = build_block(&[(Doc(1), &one)]).unwrap();
    assert_eq!(
        fold(&buckets_of(&[block]), &BTreeSet::from([Doc(1)])),
        Ok(None)
    );
}

#[test]
fn there_are_as_many_buckets_as_postings_ask_for() {
    let words: Vec<_> = (0..1_000).map(|number| format!("word{number}")).collect();
    for (count, mask) in [
        (1, 0),
        (48, 0),
        (49, 1),
        (96, 1),
        (97, 3),
        (193, 7),
        (1_000, 31),
    ] {
        let counts: Vec<_> = words[..count]
            .iter()
            .map(|word| (word.as_str(), 1))
            .collect();
        let block = build_block(&[(Doc(1), &terms(&counts))]).unwrap();
        assert_eq!(block.mask, mask, "{count}");
        assert!(block.buckets.is_sorted_by(|one, next| one.0 < next.0));
        let within = |(number, _): &(i32, Vec<u8>)| (0..=mask).contains(number);
        assert!(block.buckets.iter().all(within));
    }
}

#[test]
fn blocks_that_contradict_each_other_are_not_folded() {
    let (one, longer) = (terms(&[("a", 1)]), terms(&[("b", 2)]));
    let block = |words| build_block(&[(Doc(1), words)]).unwrap();
    let twice = [block(&one), block(&one)];
    assert!(fold(&buckets_of(&twice), &BTreeSet::new()).is_err());
    let two_lengths = [block(&one), block(&longer)];
    assert!(fold(&buckets_of(&two_lengths), &BTreeSet::new()).is_err());
}
