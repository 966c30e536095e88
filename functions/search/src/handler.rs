//! The only file that knows Lambda's events: a gateway event in, a gateway answer out.

use jiff::Timestamp;
use lambda_runtime::{Error as LambdaError, LambdaEvent};
use shared::auth::Scope;
use shared::error::Error;
use shared::http::{HttpEvent, Request, Response, admit, answer, reply};

use crate::app::App;
use crate::search::{search_conversations, search_knowledge};
use crate::tell::tell;

/// Answers one event. It never fails: every failure is an answer.
pub async fn handle(app: &App, event: LambdaEvent<HttpEvent>) -> Result<Response, LambdaError> {
    let work = async |request, now| route(app, request, now).await;
    Ok(answer(event.payload, event.context.deadline, work).await)
}

/// A route. A custom domain or a stage may put a prefix before it.
enum Route<'a> {
    Knowledge,
    Conversations,
    Conversation { id: &'a str },
}

impl<'a> Route<'a> {
    fn of(path: &'a str) -> Option<Self> {
        if path.ends_with("/search/knowledge") {
            return Some(Self::Knowledge);
        }
        if path.ends_with("/search/conversations") {
            return Some(Self::Conversations);
        }
        let (_, id) = path.rsplit_once("/conversations/")?;
        (!id.is_empty() && !id.contains('/')).then_some(Self::Conversation { id })
    }

    /// What was said is read by fewer than what is written for all.
    fn scope(&self) -> Scope {
        match self {
            Self::Knowledge => Scope::SearchRead,
            Self::Conversations | Self::Conversation { .. } => Scope::ConversationsRead,
        }
    }

    fn method(&self) -> &'static str {
        match self {
            Self::Knowledge | Self::Conversations => "POST",
            Self::Conversation { .. } => "GET",
        }
    }
}

async fn route(app: &App, request: Request, now: Timestamp) -> Result<Response, Error> {
    let route = Route::of(&request.path).ok_or(Error::NotFound)?;
    if request.method != route.method() {
        return Err(Error::MethodNotAllowed(route.method()));
    }
    let caller = admit(&app.keys, route.scope(), &request.headers, now).await?;
    let id = &request.correlation_id;
    match route {
        Route::Knowledge => Ok(reply(200, &search_knowledge(app, &request.body).await?, id)),
        Route::Conversations => {
            let found = search_conversations(app, &request.body).await?;
            Ok(reply(200, &found, id))
        }
        Route::Conversation { id: name } => Ok(reply(200, &tell(app, &caller, name).await?, id)),
    }
}
