//! API Gateway's HTTP API, as small as it can be: requests become events for function processes, what they answer goes back.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::Function;

/// What a gateway takes at most.
const MOST_BYTES: usize = 10 * 1_024 * 1_024;

/// Functions by the beginnings of their paths. Of several that fit, the longest counts.
type Routes = BTreeMap<&'static str, Function>;

/// Serves the functions on a free port of this machine, for as long as the runtime lives; says where.
pub async fn serve(routes: Routes) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let passing = Router::new().fallback(pass).with_state(Arc::new(routes));
    tokio::spawn(async move { axum::serve(listener, passing).await });
    Ok(address)
}

async fn pass(State(routes): State<Arc<Routes>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let fits = |(start, _): &(&&str, &Function)| parts.uri.path().starts_with(**start);
    let Some((_, function)) = routes.iter().rev().find(fits) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Ok(body) = to_bytes(body, MOST_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let event = event(&parts.method, &parts.uri, &parts.headers, &body);
    let answer = function.invoke(event.to_string()).await;
    let answer = answer.filter(|answer| answer.is_ok);
    let answer = answer.and_then(|answer| respond(&serde_json::from_slice(&answer.body).ok()?));
    answer.unwrap_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// The event in payload format 2.0. A header that was sent twice arrives as one, joined by a comma; a body that is no text, as base64.
fn event(method: &Method, uri: &Uri, sent: &HeaderMap, body: &Bytes) -> Value {
    let mut headers = BTreeMap::<&str, String>::new();
    for (name, value) in sent {
        let value = String::from_utf8_lossy(value.as_bytes());
        headers
            .entry(name.as_str())
            .and_modify(|before| *before = format!("{before},{value}"))
            .or_insert_with(|| value.into_owned());
    }
    let text = std::str::from_utf8(body);
    json!({
        "version": "2.0",
        "rawPath": uri.path(),
        "rawQueryString": uri.query().unwrap_or_default(),
        "headers": headers,
        "requestContext": { "http": { "method": method.as_str(), "path": uri.path() } },
        "body": text.map_or_else(|_| STANDARD.encode(body), str::to_owned),
        "isBase64Encoded": text.is_err(),
    })
}

/// The function's answer; `None` if it has not the shape of one.
fn respond(answer: &Value) -> Option<Response> {
    let status = u16::try_from(answer["statusCode"].as_u64()?).ok()?;
    let mut response = Response::builder().status(status);
    for (name, value) in answer["headers"].as_object()? {
        response = response.header(name, value.as_str()?);
    }
    let body = answer["body"].as_str()?.to_owned();
    response.body(body.into()).ok()
}
