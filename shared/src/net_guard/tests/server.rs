//! A server that counts who comes, and answers as a rule says.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

/// What a rule answers.
pub(crate) enum Answer {
    /// The whole answer.
    Says(String),
    /// Nothing at all, and the connection stays open.
    Silence,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<(String, Instant)>>>,
}

impl Server {
    /// Listens at this address. The rule gets the request line.
    pub(crate) async fn at(
        host: &str,
        rule: impl Fn(&str) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::listen(TcpListener::bind((host, 0)).await.unwrap(), rule)
    }

    /// Listens at another address on the same port.
    pub(crate) async fn beside(
        &self,
        host: &str,
        rule: impl Fn(&str) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::listen(
            TcpListener::bind((host, self.address.port()))
                .await
                .unwrap(),
            rule,
        )
    }

    fn listen(
        listener: TcpListener,
        rule: impl Fn(&str) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let server = Self {
            address: listener.local_addr().unwrap(),
            connections: Arc::default(),
            requests: Arc::default(),
        };
        let (connections, requests) = (
            Arc::clone(&server.connections),
            Arc::clone(&server.requests),
        );
        let rule = Arc::new(rule);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(answer(stream, Arc::clone(&rule), Arc::clone(&requests)));
            }
        });
        server
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The request lines, without the version, and when they came.
    pub(crate) fn requests(&self) -> Vec<(String, Instant)> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.requests().into_iter().map(|(line, _)| line).collect()
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }
}

async fn answer(
    mut stream: TcpStream,
    rule: Arc<impl Fn(&str) -> Answer>,
    requests: Arc<Mutex<Vec<(String, Instant)>>>,
) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut bytes = [0; 1_024];
        match stream.read(&mut bytes).await {
            Ok(1..) => head.extend(bytes.iter().take_while(|byte| **byte != 0)),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let line = head
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end_matches(" HTTP/1.1")
        .to_owned();
    requests
        .lock()
        .unwrap()
        .push((line.clone(), Instant::now()));
    match rule(&line) {
        Answer::Says(answer) => drop(stream.write_all(answer.as_bytes()).await),
        Answer::Silence => std::future::pending().await,
    }
}

/// An answer of this status without a body.
pub(crate) fn status(status: u16) -> Answer {
    Answer::Says(format!(
        "HTTP/1.1 {status} Said\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    ))
}

/// A redirect.
pub(crate) fn redirect(location: &str) -> Answer {
    Answer::Says(format!(
        "HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    ))
}
