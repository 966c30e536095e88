//! Each fault does what it says, once, and a seed can be replayed.

#![expect(
    clippy::unwrap_used,
    reason = "clippy.toml frees tests of it, but not the functions that tests share"
)]

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fault_proxy::{FaultProxy, Plan, Stats};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// An HTTP server that answers with the length of the body, and counts the requests that it read to their end.
struct Upstream {
    address: SocketAddr,
    executed: Arc<AtomicUsize>,
}

impl Upstream {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let executed = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&executed);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer_all(stream, Arc::clone(&count)));
            }
        });
        Self { address, executed }
    }

    fn executed(&self) -> usize {
        self.executed.load(Ordering::SeqCst)
    }
}

async fn answer_all(stream: TcpStream, executed: Arc<AtomicUsize>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let body = read_message(&mut stream).await?.1;
        executed.fetch_add(1, Ordering::SeqCst);
        let text = body.len().to_string();
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}",
            text.len()
        );
        stream.write_all(answer.as_bytes()).await?;
    }
}

/// Reads the first line and the body of a request or an answer.
async fn read_message(stream: &mut BufReader<TcpStream>) -> io::Result<(String, Vec<u8>)> {
    let (mut first, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        if line == "\r\n" {
            break;
        }
        if first.is_empty() {
            line.trim_end().clone_into(&mut first);
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok((first, body))
}

/// A connection to the proxy.
struct Client(BufReader<TcpStream>);

impl Client {
    async fn connect(proxy: &FaultProxy) -> Self {
        let stream = TcpStream::connect(proxy.address()).await.unwrap();
        Self(BufReader::new(stream))
    }

    /// Posts a body and gives the status line and the answer's body.
    async fn post(&mut self, body: &[u8]) -> io::Result<(String, String)> {
        let head = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n", body.len());
        self.0.write_all(head.as_bytes()).await?;
        self.0.write_all(body).await?;
        let (first, body) = read_message(&mut self.0).await?;
        Ok((first, String::from_utf8_lossy(&body).into_owned()))
    }
}

/// Posts on a connection of its own.
async fn post_once(proxy: &FaultProxy, body: &[u8]) -> io::Result<(String, String)> {
    Client::connect(proxy).await.post(body).await
}

async fn start(plan: Plan) -> (Upstream, FaultProxy) {
    let upstream = Upstream::start().await;
    let proxy = FaultProxy::start(upstream.address, plan).unwrap();
    (upstream, proxy)
}

const OK: &str = "HTTP/1.1 200 OK";

#[tokio::test]
async fn without_faults_everything_passes_on_one_connection() {
    let (upstream, proxy) = start(Plan::none()).await;
    let mut client = Client::connect(&proxy).await;
    for body in ["one", "three", ""] {
        let (status, length) = client.post(body.as_bytes()).await.unwrap();
        assert_eq!((status.as_str(), length), (OK, body.len().to_string()));
    }
    assert_eq!(upstream.executed(), 3);
    let expected = Stats {
        connections: 1,
        turns: 3,
        passed: 3,
        ..Stats::default()
    };
    assert_eq!(proxy.stats(), expected);
}

#[tokio::test]
async fn a_cut_leaves_nothing_executed() {
    let plan = Plan {
        cut_before: 1.0,
        ..Plan::none()
    };
    let (upstream, proxy) = start(plan).await;
    assert!(post_once(&proxy, b"a").await.is_err());
    assert_eq!(upstream.executed(), 0);
    assert_eq!(proxy.stats().cut_before, 1);
}

#[tokio::test]
async fn a_lost_answer_means_executed_once_and_a_broken_connection() {
    let plan = Plan {
        lose_answer: 1.0,
        ..Plan::none()
    };
    let (upstream, proxy) = start(plan).await;
    for done in 1..=20 {
        let lost = post_once(&proxy, b"a").await;
        assert!(lost.is_err(), "{lost:?}");
        assert_eq!(upstream.executed(), done);
    }
    assert_eq!(proxy.stats().answers_lost, 20);
}

#[tokio::test]
async fn a_delay_is_only_a_delay() {
    let plan = Plan {
        delay: 1.0,
        delay_ms: 100..=120,
        ..Plan::none()
    };
    let (upstream, proxy) = start(plan).await;
    let started = Instant::now();
    assert_eq!(post_once(&proxy, b"a").await.unwrap().0, OK);
    assert!(started.elapsed() >= Duration::from_millis(100));
    assert_eq!((upstream.executed(), proxy.stats().delayed), (1, 1));
}

#[tokio::test]
async fn a_canned_answer_reaches_the_client_whatever_it_sends() {
    let plan = Plan {
        answer: 1.0,
        ..Plan::none()
    };
    let (upstream, proxy) = start(plan).await;
    for size in [1, 1_000_000] {
        let answer = post_once(&proxy, &vec![b'x'; size]).await.unwrap();
        assert_eq!(answer.0, "HTTP/1.1 503 Service Unavailable");
    }
    assert_eq!((upstream.executed(), proxy.stats().answered), (0, 2));
}

#[tokio::test]
async fn a_refused_connection_is_closed_at_once() {
    let plan = Plan {
        refuse: 1.0,
        ..Plan::none()
    };
    let (upstream, proxy) = start(plan).await;
    assert!(post_once(&proxy, b"a").await.is_err());
    assert_eq!(upstream.executed(), 0);
    assert_eq!((proxy.stats().refused, proxy.stats().turns), (1, 0));
}

#[tokio::test]
async fn a_large_request_is_one_turn() {
    let (upstream, proxy) = start(Plan::none()).await;
    let body = vec![b'x'; 2_000_000];
    let mut client = Client::connect(&proxy).await;
    assert_eq!(client.post(&body).await.unwrap().1, "2000000");
    assert_eq!(proxy.stats().turns, 1);
    let lose = Plan {
        lose_answer: 1.0,
        ..Plan::none()
    };
    proxy.set_plan(lose);
    assert!(client.post(&body).await.is_err());
    assert_eq!((upstream.executed(), proxy.stats().turns), (2, 2));
}

/// What a client saw of 200 requests, one after the other: answered, refused, broken.
async fn outcomes(seed: u64) -> (Vec<String>, usize, Stats) {
    let plan = Plan {
        seed,
        cut_before: 0.1,
        lose_answer: 0.2,
        answer: 0.1,
        delay: 0.1,
        delay_ms: 1..=2,
        refuse: 0.1,
        ..Plan::none()
    };
    let (upstream, proxy) = start(plan).await;
    let mut statuses = Vec::new();
    for _ in 0..200 {
        let outcome = post_once(&proxy, b"a").await;
        statuses.push(outcome.map_or_else(|_| "broken".to_owned(), |(status, _)| status));
    }
    (statuses, upstream.executed(), proxy.stats())
}

#[tokio::test]
async fn the_same_seed_gives_the_same_faults_and_every_execution_is_accounted_for() {
    let (seen, executed, stats) = outcomes(42).await;
    let again = outcomes(42).await;
    assert_eq!((&seen, executed, stats), (&again.0, again.1, again.2));
    assert_ne!(seen, outcomes(43).await.0);
    let answered = seen.iter().filter(|status| *status == OK).count();
    let lost = usize::try_from(stats.answers_lost).unwrap();
    assert!(lost > 20, "{stats:?}");
    assert_eq!(executed, answered + lost);
}

#[tokio::test]
async fn an_outage_cuts_everything_and_ends() {
    let (upstream, proxy) = start(Plan::none()).await;
    let mut client = Client::connect(&proxy).await;
    client.post(b"a").await.unwrap();
    proxy.down();
    assert!(client.post(b"a").await.is_err());
    assert!(post_once(&proxy, b"a").await.is_err());
    assert_eq!(upstream.executed(), 1);
    assert_eq!((proxy.stats().cut_by_outage, proxy.stats().refused), (1, 1));
    proxy.up();
    assert_eq!(post_once(&proxy, b"a").await.unwrap().0, OK);
}

#[tokio::test]
async fn an_upstream_that_is_gone_breaks_the_connection_and_dropping_stops() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let proxy = FaultProxy::start(nobody, Plan::none()).unwrap();
    assert!(post_once(&proxy, b"a").await.is_err());
    let address = proxy.address();
    drop(proxy);
    assert!(TcpStream::connect(address).await.is_err());
}
