//! Where tokens come from: the three v2 paths, and the two styles of real tenants.

use std::collections::BTreeSet;

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    form,
    json_only::JsonOnly,
    settings::ALL_SCOPES,
    world::{Shared, World},
};

/// The paths that tokens come from.
pub(crate) const PREFIXES: &[&str] = &[
    "/oauth/token",
    "/as/token.oauth2",
    "/api/v2/oauth/token",
    "/auth/token",
    "/authentication/v1/token",
];

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/oauth/token", post(client_credentials))
        .route("/as/token.oauth2", post(client_credentials))
        .route("/api/v2/oauth/token", post(client_credentials))
        .route("/auth/token", post(password))
        .route("/authentication/v1/token/access-key", post(access_key))
}

/// Every field is optional so that what is missing is refused in OAuth's words.
#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenForm {
    grant_type: String,
    client_id: String,
    client_secret: String,
    scope: String,
    username: String,
    password: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AccessKeyBody {
    access_key_id: String,
    access_key_secret: String,
}

#[derive(Serialize)]
struct TokenAnswer {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    scope: String,
}

/// RFC 6749's errors, as far as CXone tells them apart.
#[derive(Debug, PartialEq, Eq)]
enum TokenError {
    Malformed,
    BadGrant,
    BadClient,
    BadScope(String),
}

type Answer = Result<Json<TokenAnswer>, TokenError>;

async fn client_credentials(_: JsonOnly, State(world): State<Shared>, body: Bytes) -> Answer {
    let form = read_form(&body, "client_credentials")?;
    let granted = scopes_of_client(&world, &form.client_id, &form.client_secret)?;
    let asked: BTreeSet<String> = form.scope.split_whitespace().map(str::to_owned).collect();
    if let Some(refused) = asked.difference(&granted).next() {
        return Err(TokenError::BadScope(refused.clone()));
    }
    let scopes = if asked.is_empty() { granted } else { asked };
    Ok(issue(&world, &form.client_id, scopes))
}

async fn password(
    _: JsonOnly,
    State(world): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let form = read_form(&body, "password")?;
    let (id, secret) = basic(&headers).ok_or(TokenError::BadClient)?;
    scopes_of_client(&world, &id, &secret)?;
    issue_to_user(&world, &form.username, &form.password)
}

async fn access_key(_: JsonOnly, State(world): State<Shared>, body: Bytes) -> Answer {
    let key: AccessKeyBody = serde_json::from_slice(&body).map_err(|_| TokenError::Malformed)?;
    issue_to_user(&world, &key.access_key_id, &key.access_key_secret)
}

fn read_form(body: &[u8], grant: &str) -> Result<TokenForm, TokenError> {
    let form: TokenForm = form::parse(body).ok_or(TokenError::Malformed)?;
    if form.grant_type == grant {
        Ok(form)
    } else {
        Err(TokenError::BadGrant)
    }
}

fn scopes_of_client(world: &World, id: &str, secret: &str) -> Result<BTreeSet<String>, TokenError> {
    let settings = world.settings();
    let mut clients = settings.clients.iter();
    let client = clients.find(|client| client.id == id && client.secret == secret);
    let scopes = client.map(|client| client.scopes.iter().cloned().collect());
    scopes.ok_or(TokenError::BadClient)
}

/// An access key stands for a user, whose roles here allow everything.
fn issue_to_user(world: &World, id: &str, secret: &str) -> Answer {
    let known = world
        .settings()
        .access_keys
        .iter()
        .any(|key| key.id == id && key.secret == secret);
    if known {
        Ok(issue(world, id, ALL_SCOPES.map(str::to_owned).into()))
    } else {
        Err(TokenError::BadClient)
    }
}

fn issue(world: &World, client_id: &str, scopes: BTreeSet<String>) -> Json<TokenAnswer> {
    let lifetime = world.settings().token_lifetime;
    let scope = scopes
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ");
    Json(TokenAnswer {
        access_token: world.tokens.issue(client_id, scopes, lifetime),
        token_type: "Bearer",
        expires_in: lifetime.as_secs(),
        scope,
    })
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let decoded = STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let (status, error, description) = match self {
            Self::Malformed => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "the body cannot be read".to_owned(),
            ),
            Self::BadGrant => (
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "not a grant of this address".to_owned(),
            ),
            Self::BadClient => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "wrong id or secret".to_owned(),
            ),
            Self::BadScope(scope) => (
                StatusCode::FORBIDDEN,
                "invalid_scope",
                format!("{scope} is not granted to this client"),
            ),
        };
        (
            status,
            Json(json!({"error": error, "error_description": description})),
        )
            .into_response()
    }
}
