//! A TCP proxy that fails the way networks do, by turns and from a seed.
//!
//! A *turn* begins when the client sends bytes after the upstream last answered, or for the first time. That fits
//! HTTP/1.1 with keep-alive and the Postgres protocol, and needs no knowledge of either. At its beginning one
//! [`Fault`] is drawn; everything that the client sends until the upstream answers belongs to the same turn, so a
//! request is forwarded as a whole or not at all. A client that sends its next request before it has the last answer
//! (pipelining) may see that request cut in the middle, as on a real network.
//!
//! The same seed and the same sequence of turns give the same faults. With parallel connections the sequence of turns
//! is up to the scheduler; the shares still hold.
//!
//! The proxy runs on a thread and a single-threaded runtime of its own. Dropping [`FaultProxy`] stops it and closes
//! every connection.

mod plan;
mod relay;
mod stats;
mod switch;
mod turn;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::oneshot;

pub use crate::plan::{Fault, Plan};
pub use crate::stats::Stats;
use crate::switch::Switch;

/// A running proxy; dropping it stops it.
pub struct FaultProxy {
    address: SocketAddr,
    switch: Arc<Switch>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl FaultProxy {
    /// Starts listening at a free port of 127.0.0.1; when this returns, connections are accepted.
    pub fn start(upstream: SocketAddr, plan: Plan) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let switch = Arc::new(Switch::new(plan));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&switch);
        let thread = std::thread::Builder::new()
            .name("fault-proxy".to_owned())
            .spawn(move || runtime.block_on(relay::serve(listener, upstream, served, stopped)))?;
        Ok(Self {
            address,
            switch,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where clients connect instead of the upstream.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Follows another plan from the next turn on; its seed starts afresh.
    pub fn set_plan(&self, plan: Plan) {
        self.switch.set_plan(plan);
    }

    /// Begins an outage: open connections are cut, new ones are closed at once.
    pub fn down(&self) {
        self.switch.set_up(false);
    }

    /// Ends an outage.
    pub fn up(&self) {
        self.switch.set_up(true);
    }

    /// What was done so far.
    pub fn stats(&self) -> Stats {
        self.switch.stats()
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in there has already broken the connections that it served.
            let _ = thread.join();
        }
    }
}
