//! `application/x-www-form-urlencoded` bodies, read as strictly as real tenants read them.

use axum::{extract::Query, http::Uri};
use serde::de::DeserializeOwned;

/// Reads a form; `None` when it is malformed, which includes a bare `=` in a value.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(body).ok()?;
    if text.split('&').any(|pair| pair.matches('=').count() > 1) {
        return None;
    }
    // A query has the syntax of a form, and axum reads queries.
    let uri = Uri::builder()
        .path_and_query(format!("/?{text}"))
        .build()
        .ok()?;
    Query::try_from_uri(&uri).ok().map(|Query(form)| form)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn values_are_decoded_and_a_bare_equals_sign_is_refused() {
        let form: HashMap<String, String> = parse(b"scope=a%3Ab+c%3Ad&key=x%3D%3D").unwrap();
        assert_eq!(
            (form["scope"].as_str(), form["key"].as_str()),
            ("a:b c:d", "x==")
        );
        for bad in [&b"key=x=="[..], b"key=\xff", b"key=a b"] {
            assert!(parse::<HashMap<String, String>>(bad).is_none(), "{bad:?}");
        }
    }
}
