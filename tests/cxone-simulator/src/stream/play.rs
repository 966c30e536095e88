//! One connection.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::store::Told;
use super::trouble::{StreamTrouble, strikes};
use crate::world::{Shared, World};

/// So often a connection looks whether it is to be silent.
pub(super) const LOOK: Duration = Duration::from_millis(20);
/// Larger than any frame that is read.
const HUGE: usize = 1_100_000;

/// Counts connections while they last.
pub(super) struct Seat<'a>(pub(super) &'a World);

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.0.stream.leave();
    }
}

pub(super) async fn play(mut socket: WebSocket, mut frames: Receiver<Told>, world: Shared) {
    world.stream.enter();
    let _seat = Seat(&world);
    let mut number = 0;
    loop {
        let trouble = world.stream.trouble();
        if trouble.is_silent {
            // What is said meanwhile waits; pings are not even read.
            tokio::time::sleep(LOOK).await;
            continue;
        }
        tokio::select! {
            frame = frames.recv() => match frame {
                Ok(told) => {
                    number += 1;
                    let trouble = world.stream.trouble();
                    if !send(&mut socket, &trouble, number, &told.frame).await {
                        return hang_up(socket, &trouble).await;
                    }
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
            message = socket.recv() => match message {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                // Pings are answered while it reads.
                Some(Ok(_)) => {}
            },
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Whether the connection goes on after this frame.
pub(super) async fn send(
    socket: &mut WebSocket,
    trouble: &StreamTrouble,
    number: u64,
    frame: &str,
) -> bool {
    let mut messages = Vec::new();
    if strikes(trouble.junk_every, number) {
        messages.push(Message::text(
            "{\"type\": \"interaction\", \"data\": {\"id\"",
        ));
        messages.push(Message::binary(vec![0xff, 0xfe, 0x00]));
        messages.push(Message::text(r#"{"type": "heartbeat"}"#));
    }
    if strikes(trouble.huge_every, number) {
        messages.push(Message::text(format!("{}{{}}", " ".repeat(HUGE))));
    }
    let is_lost = strikes(trouble.lose_every, number);
    let times = 1 + u64::from(strikes(trouble.double_every, number));
    let times = if is_lost { 0 } else { times };
    messages.extend((0..times).map(|_| Message::text(frame)));
    for message in messages {
        if socket.send(message).await.is_err() {
            return false;
        }
    }
    !is_lost && !strikes(trouble.drop_every, number)
}

pub(super) async fn hang_up(mut socket: WebSocket, trouble: &StreamTrouble) {
    if let Some(code) = trouble.close_code {
        close(&mut socket, code).await;
    }
}

pub(super) async fn close(socket: &mut WebSocket, code: u16) {
    let reason = "a simulated fault".into();
    // It is gone either way.
    let _ = socket
        .send(Message::Close(Some(CloseFrame { code, reason })))
        .await;
}
