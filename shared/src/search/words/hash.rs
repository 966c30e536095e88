//! Where a term stands. Blocks that are stored depend on it: it never changes.

/// The bucket of a term, before the mask of its block: 31 bits of FNV-1a.
pub fn bucket(term: &str) -> i32 {
    bucket_of(term.as_bytes())
}

pub(super) fn bucket_of(term: &[u8]) -> i32 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = term.iter().fold(0xcbf2_9ce4_8422_2325, step);
    #[expect(clippy::cast_possible_truncation, reason = "31 bits are kept")]
    let bits = (hash ^ (hash >> 32)) as i32;
    bits & i32::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_stay_where_stored_blocks_have_them() {
        for (term, place) in [
            ("", 1_339_080_641),
            ("a", 694_300_864),
            ("parcel", 849_113_063),
            ("refund", 1_441_695_522),
            ("設定", 2_022_964_747),
            ("ü", 1_037_700_589),
            ("iphone15s", 1_066_914_922),
            (&"x".repeat(64), 201_843_438),
        ] {
            assert_eq!(bucket(term), place, "{term}");
        }
    }
}
