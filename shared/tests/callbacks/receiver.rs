//! A server that is told something, keeps what it was told, and answers as a rule says.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What a rule answers.
pub(crate) enum Answer {
    /// The whole answer.
    Says(String),
    /// Nothing: the request was read, and the connection is closed.
    Lost,
    /// Nothing at all, and the connection stays open.
    Silence,
    /// This, and then zeros without end.
    Flood(String),
}

/// What somebody was told.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

#[derive(Default)]
struct Notes {
    connections: AtomicUsize,
    flooded: AtomicUsize,
    told: Mutex<Vec<Told>>,
}

pub(crate) struct Receiver {
    pub(crate) port: u16,
    notes: Arc<Notes>,
}

impl Receiver {
    /// Listens at this address and port; the rule gets the number of the request, from 0.
    pub(crate) async fn at(
        host: &str,
        port: u16,
        rule: impl Fn(usize, &Told) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((host, port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (notes, rule) = (Arc::new(Notes::default()), Arc::new(rule));
        let (kept, receiver) = (Arc::clone(&notes), Self { port, notes });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                kept.connections.fetch_add(1, Ordering::SeqCst);
                let (kept, rule) = (Arc::clone(&kept), Arc::clone(&rule));
                tokio::spawn(async move { serve(stream, &*rule, &kept).await });
            }
        });
        receiver
    }

    pub(crate) fn connections(&self) -> usize {
        self.notes.connections.load(Ordering::SeqCst)
    }

    /// How many bytes of a flood left.
    pub(crate) fn flooded(&self) -> usize {
        self.notes.flooded.load(Ordering::SeqCst)
    }

    pub(crate) fn told(&self) -> Vec<Told> {
        self.notes.told.lock().unwrap().clone()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }
}

async fn serve(mut stream: TcpStream, rule: &impl Fn(usize, &Told) -> Answer, notes: &Notes) {
    let Some(told) = read(&mut stream).await else {
        return;
    };
    let number = {
        let mut all = notes.told.lock().unwrap();
        all.push(told.clone());
        all.len() - 1
    };
    match rule(number, &told) {
        Answer::Says(text) => drop(stream.write_all(text.as_bytes()).await),
        Answer::Lost => {}
        Answer::Silence => std::future::pending().await,
        Answer::Flood(head) => {
            let mut bytes = head.into_bytes();
            while stream.write_all(&bytes).await.is_ok() {
                notes.flooded.fetch_add(bytes.len(), Ordering::SeqCst);
                bytes = vec![b'0'; 16 * 1_024];
            }
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Told> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|end| end == b"\r\n\r\n") {
            break end;
        }
        more(stream, &mut bytes).await?;
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let (line, fields) = head.split_once("\r\n")?;
    let fields = fields.lines().filter_map(|field| field.split_once(": "));
    let headers: BTreeMap<_, _> = fields
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length")?.parse().ok()?;
    while bytes.len() < end + 4 + length {
        more(stream, &mut bytes).await?;
    }
    Some(Told {
        line: line.to_owned(),
        headers,
        body: bytes.split_off(end + 4),
    })
}

async fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let read = stream.read_buf(bytes).await.ok()?;
    (read > 0).then_some(())
}

/// An answer of this status, with these lines in its head.
pub(crate) fn status(status: u16, lines: &str) -> Answer {
    Answer::Says(format!(
        "HTTP/1.1 {status} Said\r\n{lines}content-length: 0\r\nconnection: close\r\n\r\n"
    ))
}
