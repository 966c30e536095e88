//! Foreign JSON, read with its limits: bad syntax and too deep nesting are the sender's mistakes, not ours.
//!
//! Documents are never made into a tree: a few megabytes of brackets would become hundreds.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::error::Error;

/// Deeper nesting serves no payload and costs stack.
pub const MAX_DEPTH: usize = 64;

/// The fields of an object by name, each still as it was written. Of a name that stands twice, the last counts.
pub type Fields<'doc> = BTreeMap<String, &'doc RawValue>;

/// One JSON document, as it was written. What the client reads says where it is wrong, never what stood there.
pub fn parse(bytes: &[u8]) -> Result<&RawValue, Error> {
    if depth(bytes) > MAX_DEPTH {
        return Err(Error::invalid(
            "",
            format!("nests deeper than {MAX_DEPTH} levels"),
        ));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        Error::invalid(
            "",
            format!(
                "is not JSON: line {}, column {}",
                error.line(),
                error.column()
            ),
        )
    })
}

/// The document's fields, if it is an object.
pub fn fields(document: &RawValue) -> Option<Fields<'_>> {
    document
        .get()
        .starts_with('{')
        .then(|| serde_json::from_str(document.get()).ok())
        .flatten()
}

/// The text of a string; `None` for anything else.
pub fn text(value: &RawValue) -> Option<String> {
    value
        .get()
        .starts_with('"')
        .then(|| serde_json::from_str(value.get()).ok())
        .flatten()
}

/// One text per document: keys sorted, no spaces, strings escaped one way. Numbers stay as they were written, because two
/// numbers that a float cannot tell apart are two numbers.
pub fn canonical(document: &RawValue) -> Result<String, Error> {
    let mut out = String::with_capacity(document.get().len());
    let unreadable = |_| Error::invalid("", "holds a string that is no Unicode text");
    write(document, &mut out).map_err(unreadable)?;
    Ok(out)
}

/// The SHA-256 of a document's canonical form: the same for every spelling of it.
pub fn digest(bytes: &[u8]) -> Result<[u8; 32], Error> {
    let canonical = canonical(parse(bytes)?)?;
    Ok(Sha256::digest(canonical).into())
}

fn write(value: &RawValue, out: &mut String) -> serde_json::Result<()> {
    match value.get().as_bytes().first() {
        Some(b'{') => {
            let fields: Fields = serde_json::from_str(value.get())?;
            write_list(out, ['{', '}'], fields, |(name, value), out| {
                out.push_str(&serde_json::to_string(&name)?);
                out.push(':');
                write(value, out)
            })
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(value.get())?;
            write_list(out, ['[', ']'], items, write)
        }
        Some(b'"') => {
            let text: String = serde_json::from_str(value.get())?;
            out.push_str(&serde_json::to_string(&text)?);
            Ok(())
        }
        _ => {
            out.push_str(value.get());
            Ok(())
        }
    }
}

fn write_list<T>(
    out: &mut String,
    [open, close]: [char; 2],
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(T, &mut String) -> serde_json::Result<()>,
) -> serde_json::Result<()> {
    out.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out)?;
    }
    out.push(close);
    Ok(())
}

/// How deep brackets nest outside of strings. Right for every valid document; for others the parser has the last word.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn canonical_of(text: &str) -> String {
        canonical(parse(text.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn a_digest_is_the_hash_of_the_canonical_form() {
        // `printf '{"a":1,"b":2}' | sha256sum`
        let expected = "43258cff783fe7036d8a43033f830adfc60ec037382473548ac742b888292777";
        let spelled = digest(b" { \"b\" : 2, \"\\u0061\":1 }").unwrap();
        assert_eq!(crate::domain::hex(&spelled), expected);
    }

    #[test]
    fn the_limit_is_exact() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert!(parse(nested(MAX_DEPTH + 1).as_bytes()).is_err());
        assert!(parse(nested(1_000_000).as_bytes()).is_err());
    }

    #[test]
    fn brackets_in_strings_do_not_count() {
        let text = format!("{{\"a\": \"{}\\\"{}\"}}", "[".repeat(100), "{".repeat(100));
        assert_eq!(depth(text.as_bytes()), 1);
        assert!(parse(text.as_bytes()).is_ok());
        assert_eq!(
            depth(b"[[],[],{},[{}]]"),
            3,
            "what was closed does not count"
        );
        assert_eq!(
            depth(b"\\[[\\[["),
            4,
            "outside of strings a backslash is nothing"
        );
    }

    #[test]
    fn spacing_order_and_escapes_do_not_matter() {
        let one =
            canonical_of(" {\"b\": [1, {\"y\": null, \"x\": \"\\u00e9\"} ], \"\\u0061\": 1.5} ");
        assert_eq!(one, canonical_of(r#"{"a":1.5,"b":[1,{"x":"é","y":null}]}"#));
        assert_eq!(one, r#"{"a":1.5,"b":[1,{"x":"é","y":null}]}"#);
    }

    #[test]
    fn what_differs_stays_different() {
        for (one, two) in [
            ("123456789012345678901", "123456789012345678902"),
            ("0.1", "0.10000000000000000001"),
            ("1e999", "1e998"),
            ("\"1\"", "1"),
            ("[\"a,b\"]", "[\"a\",\"b\"]"),
            ("{\"a\":{}}", "{\"a\":[]}"),
            ("\"\\u0000\"", "\"\""),
        ] {
            assert_ne!(canonical_of(one), canonical_of(two));
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_the_senders_mistake() {
        let document = parse(br#"{"a": "\ud800"}"#).unwrap();
        assert!(matches!(canonical(document), Err(Error::Invalid(_))));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(document) = parse(&bytes) {
                let _ = canonical(document);
            }
        }

        #[test]
        fn the_canonical_form_is_its_own_canonical_form(text in "[\\[\\]{}:,\"a0 .e\\\\]{0,60}") {
            if let Ok(document) = parse(text.as_bytes()) && let Ok(once) = canonical(document) {
                prop_assert_eq!(canonical_of(&once), once);
            }
        }
    }
}
