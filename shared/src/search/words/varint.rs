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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_have_their_bytes() {
        for (number, written) in [
            (0, &[0][..]),
            (127, &[0x7f]),
            (128, &[0x80, 1]),
            (300, &[0xac, 2]),
            (u64::from(u32::MAX), &[0xff, 0xff, 0xff, 0xff, 0x0f]),
            (
                u64::MAX,
                &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
            ),
        ] {
            let mut bytes = Vec::new();
            write(&mut bytes, number);
            assert_eq!(bytes, written);
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for bytes in [
            &[][..],
            &[0x80],
            &[0xff; 9],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2],
            &[0x80; 11],
        ] {
            assert!(read(&mut &*bytes).is_err(), "{bytes:?}");
        }
        assert!(read_small(&mut &[0xff, 0xff, 0xff, 0xff, 0x1f][..]).is_err());
    }

    proptest! {
        #[test]
        fn a_number_is_read_as_it_was_written(numbers: Vec<u64>) {
            let mut bytes = Vec::new();
            for number in &numbers {
                write(&mut bytes, *number);
            }
            let mut rest = &bytes[..];
            for number in numbers {
                prop_assert_eq!(read(&mut rest), Ok(number));
            }
            prop_assert!(rest.is_empty());
        }
    }
}
