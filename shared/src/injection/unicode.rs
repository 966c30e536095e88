//! Whether a body is Unicode text at all; if not, its sender is told which mistake it is, and where.

use crate::error::Error;

/// Whether a body may be JSON: UTF-8, without a byte order mark, without NUL.
pub(super) fn check(body: &[u8]) -> Result<(), Error> {
    flaw(body).map_or(Ok(()), |detail| Err(Error::invalid("", detail)))
}

fn flaw(body: &[u8]) -> Option<String> {
    match body {
        [0xef, 0xbb, 0xbf, ..] => return Some("begins with a byte order mark".to_owned()),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            return Some("is UTF-16 or UTF-32; UTF-8 is read".to_owned());
        }
        _ => {}
    }
    if let Some(place) = body.iter().position(|byte| *byte == 0) {
        return Some(format!("holds a NUL byte at byte {place}"));
    }
    let error = std::str::from_utf8(body).err()?;
    let place = error.valid_up_to();
    let mistake = match body.get(place..).unwrap_or_default() {
        [0xed, 0xa0..=0xbf, 0x80..=0xbf, ..] => "holds half a surrogate pair, encoded by itself,",
        [0xc0, 0x80, ..] => "holds a NUL character, encoded in two bytes,",
        _ if error.error_len().is_none() => "ends within a character that begins",
        _ => "is not UTF-8",
    };
    Some(format!("{mistake} at byte {place}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_has_its_own_words() {
        for (body, told) in [
            (&b"\xef\xbb\xbf{}"[..], "begins with a byte order mark"),
            (b"\xff\xfe{\0}\0", "is UTF-16 or UTF-32; UTF-8 is read"),
            (b"\xfe\xff\0{\0}", "is UTF-16 or UTF-32; UTF-8 is read"),
            (b"{\0}\0", "holds a NUL byte at byte 1"),
            (b"{\"a\":\"\0\"}", "holds a NUL byte at byte 6"),
            (
                b"\"\xed\xa0\xbd\xed\xb8\x80\"",
                "holds half a surrogate pair, encoded by itself, at byte 1",
            ),
            (
                b"\"\xc0\x80\"",
                "holds a NUL character, encoded in two bytes, at byte 1",
            ),
            (
                b"\"ab\xf0\x9f\x98",
                "ends within a character that begins at byte 3",
            ),
            (b"\"ab\xf0\x9f\x98\"", "is not UTF-8 at byte 3"),
            (b"\"\xe4\"", "is not UTF-8 at byte 1"),
            (b"\"\x80\"", "is not UTF-8 at byte 1"),
            (b"\"\xf5\x80\x80\x80\"", "is not UTF-8 at byte 1"),
        ] {
            assert_eq!(flaw(body).as_deref(), Some(told), "{body:?}");
        }
    }

    #[test]
    fn text_is_text() {
        for text in ["", "{}", "\"ü€😀\"", "\"\u{feff}\"", "\"\u{10ffff}\""] {
            assert_eq!(flaw(text.as_bytes()), None, "{text}");
        }
    }
}
