//! Numbers of few bytes: seven bits in each, the lowest first, and a bit that says whether more follow.

use super::Damaged;

const MORE: u8 = 0x80;

pub(super) fn write(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= u64::from(MORE) {
        bytes.push(number.to_le_bytes()[0] | MORE);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

/// Takes a number off the front.
#[inline]
pub(super) fn read(bytes: &mut &[u8]) -> Result<u64, Damaged> {
    match bytes {
        [byte, rest @ ..] if *byte < MORE => {
            *bytes = rest;
            Ok(u64::from(*byte))
        }
        _ => read_long(bytes),
    }
}

/// Takes a number off the front that must fit into 32 bits.
#[inline]
pub(super) fn read_small(bytes: &mut &[u8]) -> Result<u32, Damaged> {
    u32::try_from(read(bytes)?).map_err(|_| Damaged("a number is too large"))
}

fn read_long(bytes: &mut &[u8]) -> Result<u64, Damaged> {
    let mut number = 0;
    for (place, byte) in bytes.iter().enumerate().take(10) {
        let bits = u64::from(byte & !MORE);
        if place == 9 && bits > 1 {
            break;
        }
        number |= bits << (7 * place);
        if byte & MORE == 0 {
            *bytes = &bytes[place + 1..];
            return Ok(number);
        }
    }
    Err(Damaged("a number does not end"))
}
