//! Between the wire and the routes: every request is recorded, and may meet a fault.

use std::time::Duration;

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    control,
    fault::{Fault, FaultRule, spoil},
    http_date,
    wire::{Order, WireOrders},
    world::{Shared, World},
};

/// The largest request body that is read.
const BODY_LIMIT: usize = 16 << 20;

/// In the extensions of an answer that is a success by its status only: nothing was done.
#[derive(Clone)]
pub(crate) struct Undone;

/// The middleware around all routes; it leaves the control routes alone.
pub(crate) async fn intercept(
    State(world): State<Shared>,
    ConnectInfo(orders): ConnectInfo<WireOrders>,
    request: Request,
    next: Next,
) -> Response {
    orders.give(Order::Pass);
    if request.uri().path().starts_with(control::PREFIX) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        let id = world.journal.open(&parts, &[], None);
        world
            .journal
            .close(id, Some(StatusCode::PAYLOAD_TOO_LARGE.as_u16()), false);
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let (rule, hit) = world.faults.strike(&parts.method, parts.uri.path()).unzip();
    let id = world.journal.open(&parts, &body, hit);
    let request = Request::from_parts(parts, Body::from(Bytes::clone(&body)));
    // A client that hangs up does not undo the work, so the work is a task of its own.
    let work = tokio::spawn(answer(world, orders.clone(), rule, id, request, next));
    work.await.unwrap_or_else(|error| {
        // A simulator that is being stopped has no answer to give, not even a bad one.
        if error.is_cancelled() {
            orders.give(Order::Lose);
        }
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    })
}

async fn answer(
    world: Shared,
    orders: WireOrders,
    rule: Option<FaultRule>,
    id: u64,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let executes = rule.as_ref().is_none_or(FaultRule::executes);
    let fault = rule.map(|rule| rule.fault);
    if let Some(fault) = &fault {
        request.extensions_mut().insert(fault.clone());
    }
    let real = if executes {
        Some(next.run(request).await)
    } else {
        None
    };
    let done = real.as_ref().is_some_and(is_done);
    let (mut answer, order) = match (&fault, real) {
        (None, real) => (real.unwrap_or_default(), Order::Pass),
        (Some(fault), real) => spoil(fault, &path, real),
    };
    date(&mut answer, &world);
    orders.give(order);
    let status = (order != Order::Lose).then(|| answer.status().as_u16());
    world.journal.close(id, status, done);
    if let Some(Fault::Slow { ms }) = fault {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    answer
}

/// Says what time it is in CXone; without this the server would say what time it is.
fn date(answer: &mut Response, world: &World) {
    let date = http_date::print(world.now());
    if let Some(value) = date.and_then(|it| HeaderValue::try_from(it).ok()) {
        answer.headers_mut().insert(header::DATE, value);
    }
}

fn is_done(real: &Response) -> bool {
    let is_well = real.status().is_success() || real.status() == StatusCode::SWITCHING_PROTOCOLS;
    is_well && real.extensions().get::<Undone>().is_none()
}
