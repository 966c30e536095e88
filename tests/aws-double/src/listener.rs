//! Connections, plain or TLS, that a handler can break.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Hands out connections that are ready to serve: a slow TLS handshake holds up nobody else.
pub(crate) struct Listener {
    ready: mpsc::Receiver<Stream>,
    address: SocketAddr,
}

/// The switch by which a handler breaks the connection that its request came on.
#[derive(Clone, Default)]
pub(crate) struct Connection(Arc<AtomicBool>);

/// One accepted connection. After [`Connection::sever`] nothing more is written to it.
pub(crate) struct Stream {
    transport: Transport,
    connection: Connection,
}

enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Connection {
    /// Makes the next write fail, which closes the connection.
    pub(crate) fn sever(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_severed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Listener {
    pub(crate) fn new(listener: TcpListener, acceptor: Option<TlsAcceptor>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, ready) = mpsc::channel(64);
        tokio::spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => {
                        tokio::spawn(greet(stream, acceptor.clone(), sender.clone()));
                    }
                    // Out of file descriptors, most likely; clients wait in the backlog until some are free.
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        });
        Ok(Self { ready, address })
    }
}

async fn greet(stream: TcpStream, acceptor: Option<TlsAcceptor>, ready: mpsc::Sender<Stream>) {
    let transport = match acceptor {
        _ if stream.set_nodelay(true).is_err() => return,
        None => Transport::Plain(stream),
        Some(acceptor) => match acceptor.accept(stream).await {
            Ok(stream) => Transport::Tls(Box::new(stream)),
            Err(_) => return, // The client sees why.
        },
    };
    let connection = Connection::default();
    let stream = Stream {
        transport,
        connection,
    };
    // A closed channel means that the double is stopping.
    let _ = ready.send(stream).await;
}

impl axum::serve::Listener for Listener {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        match self.ready.recv().await {
            Some(stream) => (stream, self.address),
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl Connected<IncomingStream<'_, Listener>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Listener>) -> Self {
        stream.io().connection.clone()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Transport::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.connection.is_severed() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Transport::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_flush(context),
            Transport::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Transport::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
