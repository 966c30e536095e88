//! What the routes have in common, as `OpenAPI` says it: answers to failures, and API keys.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::Modify;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, Header, OpenApi, Ref, RefOr, Response, ResponseBuilder};

use super::response::{PROBLEM, Problem, status, title};
use crate::error::Kind;

/// The name of the schema of every failure.
const NAME: &str = "Problem";
/// How every route that asks for an API key may fail.
const ALWAYS: [Kind; 5] = [
    Kind::Invalid,
    Kind::Unauthorized,
    Kind::Forbidden,
    Kind::Bug,
    Kind::Transient,
];

/// The body of an event of the gateway, as the tests and `sam local invoke` use it.
pub fn body(event: &str) -> Value {
    let event: Value = serde_json::from_str(event).unwrap_or_default();
    let body = event["body"].as_str().unwrap_or_default();
    serde_json::from_str(body).unwrap_or_default()
}

/// The failures of a route that asks for an API key: those that all of them have, and its own.
pub fn key_problems(own: &[Kind]) -> BTreeMap<String, RefOr<Response>> {
    problems(&[&ALWAYS[..], own].concat())
}

/// Names the failures of routes that ask for an API key, each with the kinds that other routes need not have.
#[macro_export]
macro_rules! route_problems {
    ($($name:ident: [$($own:ident),*];)+) => {
        $(
            struct $name;

            impl utoipa::IntoResponses for $name {
                fn responses()
                -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
                    $crate::http::openapi::key_problems(&[$($crate::error::Kind::$own),*])
                }
            }
        )+
    };
}

/// The answers to failures of these kinds, each under its status.
pub fn problems(kinds: &[Kind]) -> BTreeMap<String, RefOr<Response>> {
    kinds
        .iter()
        .map(|kind| (status(*kind).to_string(), problem(*kind).into()))
        .collect()
}

fn problem(kind: Kind) -> Response {
    let content = Content::new(Some(Ref::from_schema_name(NAME)));
    let response = ResponseBuilder::new()
        .description(title(kind))
        .content(PROBLEM, content);
    let text = |said| {
        let text = ObjectBuilder::new().schema_type(Type::String);
        Header::builder()
            .schema(Some(text))
            .description(Some(said))
            .build()
    };
    match kind {
        Kind::Transient | Kind::Misconfigured => response.header(
            "retry-after",
            text("Seconds to wait before it is sent again."),
        ),
        Kind::Unauthorized => response.header("www-authenticate", text("Always `Bearer`.")),
        _ => response,
    }
    .build()
}

/// Adds to a document what its failures and its API keys refer to.
pub struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut OpenApi) {
        let parts = document.components.get_or_insert_default();
        let mut schemas = vec![(
            NAME.to_owned(),
            <Problem<'_> as utoipa::PartialSchema>::schema(),
        )];
        <Problem<'_> as utoipa::ToSchema>::schemas(&mut schemas);
        parts.schemas.extend(schemas);
        let key = ApiKey::Header(ApiKeyValue::with_description("x-api-key", "`ID.SECRET`"));
        parts.add_security_scheme("api_key", SecurityScheme::ApiKey(key));
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The same key as a token."));
        parts.add_security_scheme("api_key_bearer", SecurityScheme::Http(bearer.build()));
    }
}
