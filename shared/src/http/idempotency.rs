//! The name of a request that whoever asks may give it, so that a repeat is known. Pure.

use super::Headers;
use crate::error::Error;

/// The header, by its lower-case name.
const HEADER: &str = "idempotency-key";
const MOST: usize = 255;

/// The key of a request, if it has one.
pub fn idempotency_key(headers: &Headers) -> Result<Option<&str>, Error> {
    let key = headers.get(HEADER);
    let is_fit = |key: &str| {
        (1..=MOST).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    if key.is_none_or(is_fit) {
        Ok(key)
    } else {
        let rule = "must be 1 to 255 visible ASCII characters";
        Err(Error::invalid("/header/idempotency-key", rule))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_visible_and_short() {
        let long = "k".repeat(256);
        for (key, taken) in [
            ("k-1", true),
            ("\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", true),
            (&long[..255], true),
            (&long, false),
            ("", false),
            ("a b", false),
            ("ü", false),
        ] {
            let headers = Headers::from_pairs([("Idempotency-Key", key)]);
            let read = idempotency_key(&headers).ok().flatten();
            assert_eq!(read, taken.then_some(key), "{key}");
        }
        assert!(matches!(idempotency_key(&Headers::default()), Ok(None)));
    }
}
