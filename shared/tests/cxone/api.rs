//! An interface that answers as a test wants, and remembers what it was asked.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::time::Instant;

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// How many came before it.
    pub(crate) nth: usize,
    pub(crate) at: Instant,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) version: axum::http::Version,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// What stands in the header that shows the token.
    pub(crate) fn token(&self) -> &str {
        self.header("authorization").unwrap()
    }
}

pub(crate) struct Api {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Api {
    pub(crate) async fn start(answer: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (remembered, answer) = (Arc::clone(&seen), Arc::new(answer));
        let router = Router::new().fallback(move |request: Request| {
            let seen = note(&remembered, &request);
            let answer = Arc::clone(&answer);
            async move { answer(&seen) }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The pauses before the second request and those after it.
    pub(crate) fn pauses(&self) -> Vec<std::time::Duration> {
        let seen = self.seen();
        seen.windows(2)
            .map(|pair| pair[1].at - pair[0].at)
            .collect()
    }
}

fn note(remembered: &Mutex<Vec<Seen>>, request: &Request) -> Seen {
    let mut remembered = remembered.lock().unwrap();
    let seen = Seen {
        nth: remembered.len(),
        at: Instant::now(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        headers: request.headers().clone(),
        version: request.version(),
    };
    remembered.push(seen.clone());
    seen
}
