//! The thin shell: moves bytes, and does what was drawn.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Mutex, oneshot};
use tokio::time::{sleep, timeout};

use crate::plan::Fault;
use crate::switch::Switch;
use crate::turn::{Answer, Turn};

const BUFFER: usize = 64 * 1024;

/// For how long a client may go on sending after a canned answer, so that the answer isn't lost to a reset.
const LINGER: Duration = Duration::from_millis(500);

/// One client's connection and the one made for it.
struct Relay {
    switch: Arc<Switch>,
    turn: Turn,
    /// Written by the relay of answers, or by a canned answer.
    to_client: Mutex<OwnedWriteHalf>,
}

/// Accepts until `stopped` resolves. What is still open then goes down with the runtime.
pub(crate) async fn serve(
    listener: TcpListener,
    upstream: SocketAddr,
    switch: Arc<Switch>,
    stopped: oneshot::Receiver<()>,
) {
    let accept = async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            match listener.accept().await {
                Ok((client, _)) => {
                    tokio::spawn(connect(client, upstream, Arc::clone(&switch)));
                }
                // Out of file descriptors, most likely; clients wait in the backlog until some are free.
                Err(_) => sleep(Duration::from_millis(10)).await,
            }
        }
        #[expect(unreachable_code, reason = "it gives the block its type")]
        io::Result::Ok(())
    };
    tokio::select! {
        _ = accept => {}
        _ = stopped => {}
    }
}

/// Serves one client until one side ends, a fault does, or an outage begins.
async fn connect(client: TcpStream, upstream: SocketAddr, switch: Arc<Switch>) {
    let Some(mut up) = switch.admit() else {
        return;
    };
    let outage = up.wait_for(|up| !*up);
    tokio::select! {
        biased;
        _ = outage => switch.count(|stats| stats.cut_by_outage += 1),
        // A connection that breaks is what this is for; both sides learn of it by the drop.
        _ = relay(client, upstream, Arc::clone(&switch)) => {}
    }
}

async fn relay(client: TcpStream, upstream: SocketAddr, switch: Arc<Switch>) -> io::Result<()> {
    let upstream = TcpStream::connect(upstream).await?;
    client.set_nodelay(true)?;
    upstream.set_nodelay(true)?;
    let (from_client, to_client) = client.into_split();
    let (from_upstream, to_upstream) = upstream.into_split();
    let relay = Relay {
        switch,
        turn: Turn::default(),
        to_client: Mutex::new(to_client),
    };
    tokio::select! {
        result = relay.requests(from_client, to_upstream) => result,
        result = relay.answers(from_upstream) => result,
    }
}

impl Relay {
    /// Client to upstream. It ends only when the connection is to be dropped.
    async fn requests(
        &self,
        mut client: OwnedReadHalf,
        mut upstream: OwnedWriteHalf,
    ) -> io::Result<()> {
        let mut buffer = vec![0; BUFFER];
        loop {
            let count = client.read(&mut buffer).await?;
            if count == 0 {
                // The client has said all; it may still read.
                upstream.shutdown().await?;
                return std::future::pending().await;
            }
            if self.turn.begins() && self.meet(self.switch.draw(), &mut client).await?.is_break() {
                return Ok(());
            }
            upstream.write_all(&buffer[..count]).await?;
        }
    }

    /// Does what was drawn for a turn; a break means that the connection is to be dropped, and nothing forwarded.
    async fn meet(&self, fault: Fault, client: &mut OwnedReadHalf) -> io::Result<ControlFlow<()>> {
        match fault {
            Fault::Pass => self.switch.count(|stats| stats.passed += 1),
            Fault::LoseAnswer => self.turn.lose(),
            Fault::Delay(time) => {
                sleep(time).await;
                self.switch.count(|stats| stats.delayed += 1);
            }
            Fault::CutBefore => {
                self.switch.count(|stats| stats.cut_before += 1);
                return Ok(ControlFlow::Break(()));
            }
            Fault::Answer(bytes) => {
                self.switch.count(|stats| stats.answered += 1);
                self.answer(&bytes, client).await?;
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Answers in the upstream's place, and waits a little for the client to hang up.
    async fn answer(&self, bytes: &[u8], client: &mut OwnedReadHalf) -> io::Result<()> {
        let mut to_client = self.to_client.lock().await;
        to_client.write_all(bytes).await?;
        to_client.shutdown().await?;
        let drain = async {
            let mut buffer = vec![0; BUFFER];
            while client.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
        };
        // A client that keeps sending is cut off.
        let _ = timeout(LINGER, drain).await;
        Ok(())
    }

    /// Upstream to client. It ends with the upstream's connection, or when an answer is to be lost.
    async fn answers(&self, mut upstream: OwnedReadHalf) -> io::Result<()> {
        let mut buffer = vec![0; BUFFER];
        loop {
            let count = upstream.read(&mut buffer).await?;
            if count == 0 {
                return self.to_client.lock().await.shutdown().await;
            }
            if self.turn.answer() == Answer::Lose {
                self.switch.count(|stats| stats.answers_lost += 1);
                return Ok(());
            }
            let mut to_client = self.to_client.lock().await;
            to_client.write_all(&buffer[..count]).await?;
        }
    }
}
