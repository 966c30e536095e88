//! The tokens handed out, and the check that every protected route makes.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Mutex,
    time::{Duration, Instant},
};

use axum::{
    Json,
    http::{
        HeaderMap, StatusCode,
        header::{AUTHORIZATION, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::world::{World, lock};

/// What a token stands for.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// The client, or the access key, that it was issued to.
    pub(crate) client_id: String,
    /// What it allows.
    pub(crate) scopes: BTreeSet<String>,
    expires: Instant,
}

/// The tokens that were issued and not revoked.
#[derive(Default)]
pub(crate) struct Tokens(Mutex<HashMap<String, Grant>>);

impl Tokens {
    /// A new token.
    pub(crate) fn issue(
        &self,
        client_id: &str,
        scopes: BTreeSet<String>,
        lifetime: Duration,
    ) -> String {
        let token = format!("sim-{:032x}", rand::random::<u128>());
        let now = Instant::now();
        let grant = Grant {
            client_id: client_id.to_owned(),
            scopes,
            expires: now + lifetime,
        };
        let mut grants = lock(&self.0);
        grants.retain(|_, grant| grant.expires > now);
        grants.insert(token.clone(), grant);
        token
    }

    /// Ends the tokens of one client, or all; says how many.
    pub(crate) fn revoke(&self, client_id: Option<&str>) -> usize {
        let mut grants = lock(&self.0);
        let before = grants.len();
        grants.retain(|_, grant| client_id.is_some_and(|it| it != grant.client_id));
        before - grants.len()
    }

    fn find(&self, token: &str) -> Option<Grant> {
        let grants = lock(&self.0);
        let grant = grants.get(token)?;
        (grant.expires > Instant::now()).then(|| grant.clone())
    }
}

/// Why a request may not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No bearer token, or one that is unknown, expired or revoked: 401.
    Unauthorized,
    /// The token does not carry this scope: 403.
    MissingScope(String),
}

impl World {
    /// The check of every protected route: who calls, if the bearer token is alive and carries `scope`.
    pub(crate) fn authorise(&self, headers: &HeaderMap, scope: &str) -> Result<Grant, Refusal> {
        let token = bearer(headers).ok_or(Refusal::Unauthorized)?;
        let grant = self.tokens.find(token).ok_or(Refusal::Unauthorized)?;
        if grant.scopes.contains(scope) {
            Ok(grant)
        } else {
            Err(Refusal::MissingScope(scope.to_owned()))
        }
    }
}

/// The bearer credential of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Unauthorized => {
                let body = json!({"error": "invalid_token", "error_description": "the token is unknown, expired or revoked"});
                let challenge = [(WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#)];
                (StatusCode::UNAUTHORIZED, challenge, Json(body)).into_response()
            }
            Self::MissingScope(scope) => {
                let body = json!({"error": "insufficient_scope", "error_description": format!("the token lacks {scope}"), "scope": scope});
                (StatusCode::FORBIDDEN, Json(body)).into_response()
            }
        }
    }
}
