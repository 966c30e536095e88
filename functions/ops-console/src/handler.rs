//! The only file that knows Lambda's events: a gateway event in, a page out; or a task.

use std::time::Duration;

use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent};
use shared::auth::link::{LinkSignature, Pass};
use shared::auth::{LinkKey, Scope};
use shared::deadline::until;
use shared::error::Error;
use shared::http::{Query, Request, Response, admit, answer, page};
use shared::task::{RouteAnswer, RouteEvent};

use crate::app::App;
use crate::page::policy;
use crate::refusal::{refusal, wants_page};
use crate::roll_up::{Report, roll_up};
use crate::show::show;

/// The route, and what a link is signed for.
pub const PATH: &str = "/console";
/// Kept back from the deadline, so that an answer still goes out.
const SPARE: Duration = Duration::from_secs(1);

/// What this function answers.
pub type Answer = RouteAnswer<Report>;

/// Answers one event. A request never fails: every failure is an answer.
pub async fn handle(app: &App, event: LambdaEvent<RouteEvent>) -> Result<Answer, Diagnostic> {
    let deadline = event.context.deadline;
    match event.payload {
        RouteEvent::Http(event) => {
            let wants_page = wants_page(event.header("accept").unwrap_or_default());
            let work = async |request, now| route(app, request, now).await;
            let response = answer(*event, deadline, work).await;
            let is_refusal = wants_page && response.status_code >= 400;
            Ok(Answer::Http(if is_refusal {
                refusal(response)
            } else {
                response
            }))
        }
        RouteEvent::Direct(task) => {
            task.must_be("roll_up")?;
            let counted = Box::pin(roll_up(app, Timestamp::now(), until(deadline, SPARE))).await;
            counted.map(Answer::Direct).map_err(Diagnostic::from)
        }
    }
}

async fn route(app: &App, request: Request, now: Timestamp) -> Result<Response, Error> {
    if !request.path.ends_with(PATH) {
        return Err(Error::NotFound);
    }
    if request.method != "GET" {
        return Err(Error::MethodNotAllowed("GET"));
    }
    let mut query = Query::read(&request.query);
    let expires: Option<i64> = query.take("expires", "must be seconds since 1970");
    let signature = "must be 64 hexadecimal digits in lower case";
    let signature: Option<LinkSignature> = query.take("signature", signature);
    let headers = &request.headers;
    let has_key = ["x-api-key", "authorization"]
        .iter()
        .any(|name| headers.get(name).is_some());
    match expires.zip(signature).filter(|_| !has_key) {
        Some((expires, signature)) => {
            // Whoever has the link has the right, for as long as the link lives.
            let pass = Pass { expires, signature };
            let check = |key: &LinkKey| key.check(PATH, pass, now).map_err(Error::Unauthorized);
            app.links.ask(now, check).await?;
        }
        None => admit(&app.keys, Scope::OpsRead, headers, now)
            .await
            .map(drop)?,
    }
    query.end()?;
    let html = show(app, now).await?;
    Ok(page(200, html, policy(), &request.correlation_id))
}
