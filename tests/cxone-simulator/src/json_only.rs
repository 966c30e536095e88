//! Real tenants answer JSON only to those who ask for it.

use axum::{
    Extension,
    extract::FromRequestParts,
    http::{HeaderMap, header::ACCEPT, request::Parts},
    response::Html,
};

use crate::intercept::Undone;

/// Extracted from requests that say `Accept: application/json`; all others get a web page, with status 200.
pub(crate) struct JsonOnly;

impl<S: Send + Sync> FromRequestParts<S> for JsonOnly {
    type Rejection = (Extension<Undone>, Html<&'static str>);

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        if asks_for_json(&parts.headers) {
            Ok(Self)
        } else {
            let page = Html("<!doctype html><title>CXone</title><h1>Log in to CXone</h1>");
            Err((Extension(Undone), page))
        }
    }
}

fn asks_for_json(headers: &HeaderMap) -> bool {
    let accepted = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    accepted
        .flat_map(|value| value.split(','))
        .filter_map(|range| range.split(';').next())
        .any(|range| range.trim().eq_ignore_ascii_case("application/json"))
}
