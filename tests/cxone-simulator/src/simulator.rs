//! A running simulator, owned by whoever started it.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
};

use axum::{Router, extract::DefaultBodyLimit, middleware};
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
};

use crate::{
    assist::Assist,
    capability, control,
    elasticsearch::Elasticsearch,
    fault::{FaultPlan, FaultPlanError},
    intercept::intercept,
    journal::Recorded,
    knowledge::Knowledge,
    ranking::Ranking,
    settings::{Settings, SettingsUpdate},
    stream::Stream,
    transcripts::Transcripts,
    wire::{WireListener, WireOrders},
    world::{Shared, World},
};

/// A simulator on a runtime of its own, so that a blocked test does not silence it. It stops on drop, open connections included.
pub struct Simulator {
    address: SocketAddr,
    world: Shared,
    server: JoinHandle<()>,
    /// Always there until the drop, which needs to own it.
    runtime: Option<Runtime>,
}

impl Simulator {
    /// Listens on 127.0.0.1 and serves from the moment this returns.
    pub fn start(settings: Settings) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, settings.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("cxone-simulator")
            .enable_all()
            .build()?;
        let listener = {
            let _entered = runtime.enter();
            WireListener(tokio::net::TcpListener::from_std(listener)?)
        };
        let world = Arc::new(World::new(format!("http://{address}"), settings));
        let service = router(&world).into_make_service_with_connect_info::<WireOrders>();
        let server = runtime.spawn(async move {
            // It only ends when it is aborted: the listener retries what goes wrong.
            let _ = axum::serve(listener, service).await;
        });
        Ok(Self {
            address,
            world,
            server,
            runtime: Some(runtime),
        })
    }

    /// The base URL, without a trailing slash.
    pub fn url(&self) -> &str {
        self.world.base_url()
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The requests remembered whose path starts with `path`, oldest first.
    pub fn requests(&self, path: &str) -> Vec<Recorded> {
        self.world.journal.read(path, 0)
    }

    /// Forgets the requests received so far.
    pub fn clear_requests(&self) {
        self.world.journal.clear();
    }

    /// Replaces the fault plan; every rule counts from zero again.
    pub fn set_faults(&self, plan: FaultPlan) -> Result<(), FaultPlanError> {
        self.world.faults.set(plan)
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        self.world.faults.clear();
    }

    /// Changes settings while it runs.
    pub fn update(&self, update: SettingsUpdate) {
        self.world.update(update);
    }

    /// Revokes every token, or those of one client; says how many there were.
    pub fn revoke_tokens(&self, client_id: Option<&str>) -> usize {
        self.world.tokens.revoke(client_id)
    }

    /// The knowledge base: to fill, to change, to look at.
    pub fn knowledge(&self) -> Knowledge<'_> {
        Knowledge(&self.world)
    }

    /// The sessions: to lock, and to look at.
    pub fn ranking(&self) -> Ranking<'_> {
        Ranking(&self.world)
    }

    /// The stream of interactions: to speak in, and to betray.
    pub fn stream(&self) -> Stream<'_> {
        Stream(&self.world)
    }

    /// The screens: to look at, and to end interactions.
    pub fn assist(&self) -> Assist<'_> {
        Assist(&self.world)
    }

    /// The conversations that transcripts became: to look at.
    pub fn transcripts(&self) -> Transcripts<'_> {
        Transcripts(&self.world)
    }

    /// The indexes: to look at.
    pub fn elasticsearch(&self) -> Elasticsearch<'_> {
        Elasticsearch(&self.world)
    }

    /// Back to how it started, on the same port.
    pub fn reset(&self) {
        self.world.reset();
    }

    /// Stops, and returns once the port is free again.
    pub async fn stop(mut self) {
        self.server.abort();
        let _ = (&mut self.server).await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn router(world: &Shared) -> Router {
    capability::router()
        .merge(control::router())
        .fallback(control::no_such_route)
        // The interceptor has its own cap, which is the only one.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(world.clone(), intercept))
        .with_state(world.clone())
}
