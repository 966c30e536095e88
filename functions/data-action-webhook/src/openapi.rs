//! What the routes take and give, for `docs/openapi.json`.
#![expect(
    dead_code,
    reason = "the attributes are read; nobody calls the functions"
)]

use std::collections::BTreeMap;

use shared::domain::DataActionEvent;
use shared::error::Kind;
use shared::http::openapi::{Common, body, problems};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi as Root, RefOr, Response};
use utoipa::{IntoResponses, Modify, OpenApi};

use crate::health::Health;
use crate::receive::Receipt;

/// The routes of this function.
#[derive(OpenApi)]
#[openapi(paths(receive, health), modifiers(&Common, &Schemes))]
pub struct Document;

/// Hand in an event
///
/// 202 means that it is durable. A repeat of the same event is accepted again, and has its effect once.
#[utoipa::path(
    post,
    path = "/webhooks/data-action",
    tag = "webhook",
    operation_id = "receiveDataAction",
    request_body(content = DataActionEvent, example = json!(body(include_str!("../../../events/data-action-webhook.json")))),
    responses((status = 202, description = "The event is kept", body = Receipt), Problems),
    security(
        ("standard_webhooks" = []),
        ("cxone_expert" = []),
        ("webhook_bearer" = []),
        ("webhook_basic" = []),
    ),
)]
fn receive() {}

/// Whether the next event would be accepted
#[utoipa::path(
    get,
    path = "/webhooks/data-action/health",
    tag = "webhook",
    operation_id = "webhookHealth",
    responses(
        (status = 200, description = "It would", body = Health),
        (status = 503, description = "It would not", content(
            (Health = "application/json"),
            (ref("#/components/schemas/Problem") = "application/problem+json"),
        )),
    ),
    security(()),
)]
fn health() {}

struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[
            Kind::Invalid,
            Kind::Unauthorized,
            Kind::TooLarge,
            Kind::Unsupported,
            Kind::Bug,
            Kind::Transient,
        ])
    }
}

/// How a sender proves who it is; `WEBHOOK_SCHEMES` says which of them are active.
struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut Root) {
        let parts = document.components.get_or_insert_default();
        for (name, header, how) in [
            (
                "standard_webhooks",
                "webhook-signature",
                "Standard Webhooks: `v1,` and the HMAC-SHA256 of `ID.TIMESTAMP.BODY` in base64; ID and TIMESTAMP stand in `webhook-id` \
                 and `webhook-timestamp`. A signature of any other shape can be configured.",
            ),
            (
                "cxone_expert",
                "X-Nexus-Signature-256",
                "CXone Expert: `sha256=` and the HMAC-SHA256 in hexadecimal; its time stands in `X-Nexus-Timestamp`.",
            ),
        ] {
            let key = ApiKeyValue::with_description(header, how);
            parts.add_security_scheme(name, SecurityScheme::ApiKey(ApiKey::Header(key)));
        }
        for (name, scheme) in [
            ("webhook_bearer", HttpAuthScheme::Bearer),
            ("webhook_basic", HttpAuthScheme::Basic),
        ] {
            let http = HttpBuilder::new()
                .scheme(scheme)
                .description(Some("One of the webhook's live keys."));
            parts.add_security_scheme(name, SecurityScheme::Http(http.build()));
        }
    }
}
