//! SQS and Secrets Manager on one local port, fast enough for load, latency and cold-start figures.
//!
//! It speaks AWS JSON 1.0 and 1.1, keeps everything in memory, checks no signature, and refuses what the real services
//! refuse: messages over 1 MiB, characters outside the set that SQS allows, empty or repeated batch entries.
//! `tests/conformance.rs` holds it equal to moto, and says where moto differs from the real services.
//!
//! It runs on a thread and a single-threaded runtime of its own, so that it neither borrows time from the code under
//! test nor dies with a test's runtime. Dropping [`AwsDouble`] stops it and closes every connection.
//!
//! What it leaves out: message retention, in-flight quotas, tags, permissions, paging of lists.

mod error;
mod fault;
mod http;
mod listener;
mod secrets;
mod sqs;
mod state;
mod tls;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::oneshot;

pub use crate::fault::Fault;
pub use crate::sqs::StoredMessage;
use crate::state::World;
use crate::tls::Identity;

/// How the double listens. The default is a free port and plain HTTP.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The port on 127.0.0.1; none, or 0, takes a free one.
    pub port: Option<u16>,
    /// Whether it speaks TLS, with a certificate made at the start for `localhost` and 127.0.0.1.
    pub tls: bool,
}

/// A running double; dropping it stops it.
pub struct AwsDouble {
    address: SocketAddr,
    ca_pem: Option<String>,
    world: Arc<World>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl AwsDouble {
    /// Starts listening; when this returns, connections are accepted.
    pub fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port.unwrap_or(0)))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let identity = options.tls.then(Identity::generate).transpose()?;
        let (ca_pem, acceptor) = identity.map(Identity::into_parts).unzip();
        let world = Arc::new(World::default());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&world);
        let thread = std::thread::Builder::new()
            .name("aws-double".to_owned())
            .spawn(move || runtime.block_on(http::serve(listener, acceptor, served, stopped)))?;
        Ok(Self {
            address,
            ca_pem,
            world,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL to give to a client as its endpoint.
    pub fn endpoint(&self) -> String {
        match self.ca_pem {
            Some(_) => format!("https://localhost:{}", self.address.port()),
            None => format!("http://{}", self.address),
        }
    }

    /// The certificate that a client has to trust, through `SSL_CERT_FILE` or `AWS_CA_BUNDLE`; none without TLS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// The messages of a queue, oldest first, whether visible, delayed or in flight. A queue's name, not its URL.
    pub fn messages(&self, queue: &str) -> Vec<StoredMessage> {
        self.world.lock().sqs.stored(queue)
    }

    /// How many messages a queue holds, whether visible, delayed or in flight.
    pub fn message_count(&self, queue: &str) -> usize {
        self.world.lock().sqs.count(queue)
    }

    /// How often an operation was called, failed calls included: `calls("GetSecretValue")`.
    pub fn calls(&self, operation: &str) -> u64 {
        let state = self.world.lock();
        state.calls.get(operation).copied().unwrap_or(0)
    }

    /// The same without those that repeat one that was not answered in time, or badly.
    pub fn first_calls(&self, operation: &str) -> u64 {
        let state = self.world.lock();
        state.first_calls.get(operation).copied().unwrap_or(0)
    }

    /// Fails the next `count` calls of an operation, after those that earlier calls of this function have claimed.
    pub fn fail_next(&self, operation: &str, fault: Fault, count: u32) {
        self.world.lock().faults.script(operation, fault, count);
    }

    /// Fails a share of an operation's calls from now on, drawn from the seed; a rate of 0 ends it.
    pub fn fail_rate(&self, operation: &str, fault: Fault, rate: f64, seed: u64) {
        let mut state = self.world.lock();
        state.faults.set_rate(operation, fault, rate, seed);
    }

    /// Forgets every fault that was asked for.
    pub fn clear_faults(&self) {
        self.world.lock().faults.clear();
    }
}

impl Drop for AwsDouble {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in there has already failed the calls it served.
            let _ = thread.join();
        }
    }
}
