//! A gzip file that unpacks to a thousand times its size.

use flate2::{Compress, Compression, Crc, FlushCompress};

const PIECE: usize = 1 << 20;
/// Deflate, no name, no time, unknown system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// The last block, with nothing in it.
const LAST_BLOCK: [u8; 2] = [3, 0];

/// At least `bytes` spaces (white space, so that a JSON reader goes on and on), as one gzip member.
///
/// One mebibyte is packed once and repeated: a full flush leaves each piece aligned to a byte and free of references to earlier ones.
pub(super) fn of_spaces(bytes: usize) -> Vec<u8> {
    let spaces = vec![b' '; PIECE];
    let mut crc_of_piece = Crc::new();
    crc_of_piece.update(&spaces);
    let packed = pack(&spaces);
    let mut crc = Crc::new();
    let mut file = HEAD.to_vec();
    for _ in 0..bytes.div_ceil(PIECE) {
        file.extend_from_slice(&packed);
        crc.combine(&crc_of_piece);
    }
    file.extend_from_slice(&LAST_BLOCK);
    file.extend_from_slice(&crc.sum().to_le_bytes());
    file.extend_from_slice(&crc.amount().to_le_bytes());
    file
}

fn pack(piece: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(PIECE);
    // It cannot fail, with more room than any packing of a mebibyte of spaces takes.
    let _ = Compress::new(Compression::best(), false).compress_vec(
        piece,
        &mut packed,
        FlushCompress::Full,
    );
    packed
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn a_bomb_is_valid_gzip_and_a_thousand_times_larger_inside() {
        let bomb = of_spaces(5 * PIECE - 1);
        let mut unpacked = Vec::new();
        GzDecoder::new(&bomb[..])
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked.len(), 5 * PIECE);
        assert!(unpacked.iter().all(|byte| *byte == b' '));
        assert!(bomb.len() * 500 < unpacked.len(), "{}", bomb.len());
    }
}
