//! `/agent-assist-notifications/notifications/ws`: NICE's own notification socket. It tells what is subscribed to, utterance by utterance;
//! whoever subscribes to a contact that goes on is told first what it said so far.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{State, WebSocketUpgrade, ws::Message, ws::WebSocket},
    http::{HeaderMap, HeaderValue, header::AUTHORIZATION},
    response::Response,
};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::SCOPE;
use super::play::{LOOK, Seat, close, hang_up, send};
use super::store::Told;
use crate::world::{Shared, World};

/// Where it is.
pub(crate) const PATH: &str = "/agent-assist-notifications/notifications/ws";
/// The topic that tells which contacts there are.
pub(crate) const CONTACTS: &str = "contacts";
/// Whoever speaks before it is known who that is.
const STRANGER: u16 = 4_401;

/// What a client sends.
#[derive(Deserialize)]
struct Asked {
    command: String,
    #[serde(default)]
    headers: Headers,
    #[serde(default)]
    body: Body,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Headers {
    #[serde(default)]
    session_token: String,
}

#[derive(Default, Deserialize)]
struct Body {
    #[serde(default)]
    topic: String,
}

/// One connection: what it subscribed to, once it said who it is.
struct Session<'a> {
    world: &'a World,
    is_known: bool,
    topics: BTreeSet<String>,
    /// Of the messages that tell something.
    number: u64,
}

pub(super) async fn open(State(world): State<Shared>, upgrade: WebSocketUpgrade) -> Response {
    let told = world.stream.listen();
    upgrade.on_upgrade(|socket| play(socket, told, world))
}

async fn play(mut socket: WebSocket, mut told: Receiver<Told>, world: Shared) {
    world.stream.enter();
    let _seat = Seat(&world);
    let mut session = Session {
        world: &world,
        is_known: false,
        topics: BTreeSet::new(),
        number: 0,
    };
    loop {
        if world.stream.trouble().is_silent {
            tokio::time::sleep(LOOK).await;
            continue;
        }
        let goes_on = tokio::select! {
            told = told.recv() => match told {
                Ok(told) => session.tell(&mut socket, &told.notices).await,
                Err(RecvError::Lagged(_)) => true,
                Err(RecvError::Closed) => return,
            },
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => session.hear(&mut socket, &text).await,
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => true,
            },
            () = tokio::time::sleep(LOOK) => true,
        };
        if !goes_on {
            let trouble = world.stream.trouble();
            return hang_up(socket, &trouble).await;
        }
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        self.world.stream.unsubscribe(self.topics.len());
    }
}

impl Session<'_> {
    /// Tells what is subscribed to; says whether the connection goes on.
    async fn tell(&mut self, socket: &mut WebSocket, notices: &[(String, Arc<str>)]) -> bool {
        for (topic, notice) in notices {
            if !self.topics.contains(topic) {
                continue;
            }
            self.number += 1;
            if !send(socket, &self.world.stream.trouble(), self.number, notice).await {
                return false;
            }
        }
        true
    }

    /// Does what is asked; says whether the connection goes on.
    async fn hear(&mut self, socket: &mut WebSocket, text: &str) -> bool {
        let world = self.world;
        let Ok(asked) = serde_json::from_str::<Asked>(text) else {
            return false;
        };
        let topic = asked.body.topic;
        let answer = match (asked.command.as_str(), self.is_known) {
            ("CONNECT", _) if is_welcome(world, &asked.headers.session_token) => {
                self.is_known = true;
                "CONNECTED"
            }
            ("SUBSCRIBE", true) => "SUBSCRIBED",
            ("UNSUBSCRIBE", true) => "UNSUBSCRIBED",
            ("HEARTBEAT", true) => "HEARTBEAT",
            _ => {
                close(socket, STRANGER).await;
                return false;
            }
        };
        let headers = json!({ "connectionId": "simulated" });
        let reply = json!({ "command": answer, "headers": headers, "body": { "topic": topic } });
        if socket.send(Message::text(reply.to_string())).await.is_err() {
            return false;
        }
        match answer {
            "SUBSCRIBED" => {
                let so_far = world.stream.so_far(&topic);
                if self.topics.insert(topic) {
                    world.stream.subscribe();
                }
                self.tell(socket, &so_far).await
            }
            "UNSUBSCRIBED" => {
                let was = usize::from(self.topics.remove(&topic));
                world.stream.unsubscribe(was);
                true
            }
            _ => true,
        }
    }
}

fn is_welcome(world: &World, token: &str) -> bool {
    let Ok(shown) = HeaderValue::try_from(format!("Bearer {token}")) else {
        return false;
    };
    let headers = HeaderMap::from_iter([(AUTHORIZATION, shown)]);
    world.authorise(&headers, SCOPE).is_ok()
}
