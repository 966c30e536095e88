//! The only file that knows Lambda's events: a gateway event in, a gateway answer out.

use jiff::Timestamp;
use lambda_runtime::{Error as LambdaError, LambdaEvent};
use shared::auth::Scope;
use shared::error::Error;
use shared::http::{HttpEvent, Request, Response, admit, answer, reply};

use crate::app::App;
use crate::follow::{Page, follow};
use crate::refresh::{Wish, refresh};

/// Answers one event. It never fails: every failure is an answer.
pub async fn handle(app: &App, event: LambdaEvent<HttpEvent>) -> Result<Response, LambdaError> {
    let work = async |request, now| route(app, request, now).await;
    Ok(answer(event.payload, event.context.deadline, work).await)
}

/// A route, and what stands before it in the address: a custom domain or a stage may put a prefix there.
enum Route<'a> {
    Refresh { base: &'a str },
    Run { base: &'a str, id: &'a str },
}

impl<'a> Route<'a> {
    fn of(path: &'a str) -> Option<Self> {
        if let Some(base) = path.strip_suffix("/knowledge/refresh") {
            return Some(Self::Refresh { base });
        }
        let (base, id) = path.rsplit_once("/knowledge/runs/")?;
        (!id.is_empty() && !id.contains('/')).then_some(Self::Run { base, id })
    }
}

async fn route(app: &App, request: Request, now: Timestamp) -> Result<Response, Error> {
    let Request {
        method,
        path,
        query,
        headers,
        correlation_id,
        ..
    } = &request;
    let route = Route::of(path).ok_or(Error::NotFound)?;
    match (&route, method.as_str()) {
        (Route::Refresh { .. }, "POST") | (Route::Run { .. }, "GET") => {}
        (Route::Refresh { .. }, _) => return Err(Error::MethodNotAllowed("POST")),
        (Route::Run { .. }, _) => return Err(Error::MethodNotAllowed("GET")),
    }
    admit(&app.keys, Scope::KnowledgeRefresh, headers, now).await?;
    match route {
        Route::Refresh { base } => {
            let wish = Wish::parse(query)?;
            let accepted = refresh(app, wish, base, correlation_id).await?;
            Ok(reply(202, &accepted, correlation_id))
        }
        Route::Run { base, id } => {
            let page = Page::parse(id, query)?;
            let report = follow(app, page, base).await?;
            Ok(reply(200, &report, correlation_id))
        }
    }
}
