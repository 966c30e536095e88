//! The stream of interactions: a WebSocket that is kept open, whatever happens to it.
//!
//! - **Alive**: pinged every 20 s; without a pong within 10 s the connection counts as lost.
//! - **Lost**: opened again after a pause that grows, with jitter, from half a second to half a minute; with a new token if the
//!   other side closed it, as it does when a token is over.
//! - **Frames**: one that cannot be read is told as such, and ends nothing; one that is too large to be received as well, and ends the connection.
//! - **Dialects**: the stream of `v2` tells everything unasked; NICE's own notification socket is greeted, asked, and told every twenty
//!   seconds that we are still here. What it is asked, `transcript::dialect` says.
//! - **TLS**: that of all calls to CXone, because the connection begins as one; without it on this machine alone.

mod open;

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::Upgraded;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{self as socket, Message};

use super::client::Client;
use super::profile;
use crate::error::{Error, Kind, Source};
use crate::retry::Backoff;
use crate::transcript::dialect::{Command, Listener};
use crate::transcript::frame::{FrameFlaw, Heard};

/// A connection that lasted for this long was no failure.
pub const LASTED: Duration = Duration::from_secs(10);

/// How the connection is kept alive.
#[derive(Debug, Clone, Copy)]
pub struct Pulse {
    /// To open it.
    pub connect: Duration,
    /// How often it is pinged.
    pub ping: Duration,
    /// How long the answer to that may take.
    pub pong: Duration,
    /// The pauses before it is opened again.
    pub backoff: Backoff,
}

impl Default for Pulse {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            ping: Duration::from_secs(20),
            pong: Duration::from_secs(10),
            backoff: Backoff {
                first: Duration::from_millis(500),
                most: Duration::from_secs(30),
            },
        }
    }
}

/// The stream of a tenant.
pub struct InteractionStream {
    client: Client,
    stream: Box<profile::Stream>,
    pulse: Pulse,
}

/// What comes from the stream.
pub enum News {
    /// It is open.
    Open,
    /// How an interaction stands.
    Heard(Heard),
    /// A frame that cannot be read.
    Flawed(FrameFlaw),
    /// It is open no more; why.
    Lost(Source),
}

impl InteractionStream {
    pub(super) fn new(client: Client, stream: Box<profile::Stream>, pulse: Pulse) -> Self {
        Self {
            client,
            stream,
            pulse,
        }
    }

    /// Listens, and tells, until a person has to change something. Dropped, it hangs up.
    pub async fn listen(&self, mut tell: impl FnMut(News)) -> Error {
        let mut failures = 0;
        let stream = &self.stream;
        let mut listener = Listener::new(stream.dialect, &stream.fields, &stream.notices);
        loop {
            let begun = Instant::now();
            match self.open(begun + self.pulse.connect).await {
                Ok(socket) => {
                    tell(News::Open);
                    let why = self.hear(socket, &mut listener, &mut tell).await;
                    tell(News::Lost(why));
                }
                Err(error) if error.kind() != Kind::Transient => return error,
                Err(error) => tell(News::Lost(error.into())),
            }
            if begun.elapsed() > LASTED {
                failures = 0;
            }
            self.pulse.backoff.sleep(failures).await;
            failures += 1;
        }
    }

    /// Hears until the connection is lost; says why it is.
    async fn hear(
        &self,
        mut socket: WebSocketStream<Upgraded>,
        listener: &mut Listener,
        tell: &mut impl FnMut(News),
    ) -> Source {
        if let Err(why) = self.say(&mut socket, listener.greet()).await {
            return why;
        }
        let Pulse { ping, pong, .. } = self.pulse;
        let mut pings = interval_at(Instant::now() + ping, ping);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut overdue = None;
        loop {
            tokio::select! {
                message = socket.next() => match message {
                    Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                        let answer = read(&message.into_data(), listener, tell);
                        if let Err(why) = self.say(&mut socket, answer).await {
                            return why;
                        }
                    }
                    Some(Ok(Message::Pong(_))) => overdue = None,
                    Some(Ok(Message::Close(said))) => {
                        self.client.forget();
                        let code = said.map_or(1_005, |said| said.code.into());
                        return format!("CXone closed the stream (code {code})").into();
                    }
                    Some(Ok(_)) => {}
                    Some(Err(error)) => {
                        if let socket::Error::Capacity(_) = error {
                            tell(News::Flawed(FrameFlaw::TooLarge));
                        }
                        return error.into();
                    }
                    None => return "the connection ended".into(),
                },
                () = sleep_until(overdue.unwrap_or_else(Instant::now)), if overdue.is_some() => {
                    return "no answer to a ping".into();
                }
                _ = pings.tick() => {
                    // Until the answer to an earlier one is there, that one counts.
                    overdue.get_or_insert(Instant::now() + pong);
                    let sent = socket.send(Message::Ping(Vec::new().into()));
                    match timeout(pong, sent).await {
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => return error.into(),
                        Err(late) => return late.into(),
                    }
                    if let Err(why) = self.say(&mut socket, listener.beat()).await {
                        return why;
                    }
                }
            }
        }
    }

    /// Sends commands, with the token of now.
    async fn say(
        &self,
        socket: &mut WebSocketStream<Upgraded>,
        commands: impl IntoIterator<Item = Command>,
    ) -> Result<(), Source> {
        let mut commands = commands.into_iter().peekable();
        if commands.peek().is_none() {
            return Ok(());
        }
        let until = Instant::now() + self.pulse.pong;
        let token = self.client.bare_token(until).await?;
        let send = async {
            for command in commands {
                socket.feed(Message::text(command.to_json(&token))).await?;
            }
            socket.flush().await
        };
        Ok(timeout_at(until, send).await??)
    }
}

/// Tells what a message says, and gives what follows from it.
fn read(bytes: &[u8], listener: &mut Listener, tell: &mut impl FnMut(News)) -> Vec<Command> {
    match listener.read(bytes) {
        Ok(upshot) => {
            if let Some(heard) = upshot.heard {
                tell(News::Heard(heard));
            }
            upshot.commands
        }
        Err(flaw) => {
            tell(News::Flawed(flaw));
            Vec::new()
        }
    }
}
