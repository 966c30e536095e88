//! Foreign JSON, read with its limits: bad syntax and too deep nesting are the sender's mistakes, not ours.

use serde_json::Value;

use crate::error::Error;

/// Deeper nesting serves no payload and costs stack.
pub const MAX_DEPTH: usize = 64;

/// Parses one JSON document. What the client reads says where, never what stood there.
pub fn parse(bytes: &[u8]) -> Result<Value, Error> {
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

/// One text per value: keys sorted, no spaces. Written here, because whether `serde_json` keeps keys in order is decided by a
/// feature that any crate of a build can switch on.
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write_canonical(value, &mut text);
    text
}

fn write_canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| *name);
            write_list(text, '{', '}', fields, |(name, value), text| {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write_canonical(value, text);
            });
        }
        Value::Array(items) => write_list(text, '[', ']', items, write_canonical),
        plain => text.push_str(&plain.to_string()),
    }
}

fn write_list<T>(
    text: &mut String,
    open: char,
    close: char,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(T, &mut String),
) {
    text.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write(item, text);
    }
    text.push(close);
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
    }

    #[test]
    fn spacing_and_order_of_keys_do_not_matter() {
        let one = parse(br#"{"b": [1, {"y": null, "x": "\u00e9"}], "a": 1.5}"#).unwrap();
        let two = parse("{\"a\":1.5,\"b\":[1,{\"x\":\"é\",\"y\":null}]}".as_bytes()).unwrap();
        assert_eq!(canonical(&one), canonical(&two));
        assert_eq!(canonical(&one), r#"{"a":1.5,"b":[1,{"x":"é","y":null}]}"#);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = parse(&bytes);
        }
    }
}
