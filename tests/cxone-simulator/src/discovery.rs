//! `GET /.well-known/cxone-configuration`: where a tenant's API is. Every tenant's is here.

use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use serde_json::json;

use crate::{json_only::JsonOnly, world::Shared};

pub(crate) fn router() -> Router<Shared> {
    Router::new().route("/.well-known/cxone-configuration", get(configuration))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tenant {
    #[serde(default)]
    tenant_id: String,
}

async fn configuration(
    _: JsonOnly,
    State(world): State<Shared>,
    Query(tenant): Query<Tenant>,
) -> Response {
    if tenant.tenant_id.is_empty() {
        let error = json!({"error": "invalid_request", "error_description": "tenantId is missing"});
        return (StatusCode::BAD_REQUEST, Json(error)).into_response();
    }
    let url = world.base_url();
    Json(json!({
        "api_endpoint": url,
        "area": "na1",
        "cluster": "local",
        "domain": url.trim_start_matches("http://"),
    }))
    .into_response()
}
