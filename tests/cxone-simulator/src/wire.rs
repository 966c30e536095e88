//! The connection below HTTP, which can be told to betray the answer that is about to be written to it.
//!
//! Faults of delivery live here, under hyper, because only here is it certain what bytes the client gets.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    time::Sleep,
};

use crate::world::lock;

/// What happens to the bytes of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// They go out.
    Pass,
    /// None goes out: the connection closes before the status line.
    Lose,
    /// The head and this many bytes of the body go out, then the connection closes.
    Cut(usize),
    /// The head goes out, then one byte of the body every so often.
    Drip(Duration),
}

/// The order for the answer under way, and whether its head is out.
struct Standing {
    order: Order,
    head_is_out: bool,
}

/// One connection's orders; the interceptor gives them, the [`Wire`] obeys.
#[derive(Clone)]
pub(crate) struct WireOrders(Arc<Mutex<Standing>>);

impl WireOrders {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Standing {
            order: Order::Pass,
            head_is_out: false,
        })))
    }

    /// Holds for the next answer on this connection, until it is given again.
    pub(crate) fn give(&self, order: Order) {
        *lock(&self.0) = Standing {
            order,
            head_is_out: false,
        };
    }
}

impl Connected<IncomingStream<'_, WireListener>> for WireOrders {
    fn connect_info(stream: IncomingStream<'_, WireListener>) -> Self {
        stream.io().orders.clone()
    }
}

/// Accepts connections as [`Wire`]s.
pub(crate) struct WireListener(pub(crate) TcpListener);

impl Listener for WireListener {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Without it a dripped byte would wait for the one before it to be acknowledged; failing that, it waits.
        let _ = stream.set_nodelay(true);
        let wire = Wire {
            stream,
            orders: WireOrders::new(),
            pause: None,
        };
        (wire, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A TCP connection under orders.
pub(crate) struct Wire {
    stream: TcpStream,
    orders: WireOrders,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Wire {
    /// Writes the head, or the part of it that is in `buf`, and not a byte more.
    fn poll_head(
        stream: &mut TcpStream,
        standing: &mut Standing,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let end = buf.windows(4).position(|it| it == b"\r\n\r\n");
        let head = end.map_or(buf, |at| &buf[..at + 4]);
        let written = ready!(Pin::new(stream).poll_write(cx, head))?;
        standing.head_is_out = end.is_some() && written == head.len();
        Poll::Ready(Ok(written))
    }

    /// Writes no more than what is `left`, and fails once nothing is.
    fn poll_cut(
        stream: &mut TcpStream,
        standing: &mut Standing,
        left: usize,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if left == 0 {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let part = &buf[..buf.len().min(left)];
        let written = ready!(Pin::new(stream).poll_write(cx, part))?;
        standing.order = Order::Cut(left - written);
        Poll::Ready(Ok(written))
    }

    /// Writes one byte after a pause.
    fn poll_drip(
        &mut self,
        every: Duration,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let pause = self
            .pause
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(every)));
        ready!(pause.as_mut().poll(cx));
        let part = &buf[..buf.len().min(1)];
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, part))?;
        self.pause = None;
        Poll::Ready(Ok(written))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        let orders = wire.orders.clone();
        let mut standing = lock(&orders.0);
        match standing.order {
            Order::Pass => Pin::new(&mut wire.stream).poll_write(cx, buf),
            Order::Lose => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
            _ if !standing.head_is_out => Self::poll_head(&mut wire.stream, &mut standing, cx, buf),
            Order::Cut(left) => Self::poll_cut(&mut wire.stream, &mut standing, left, cx, buf),
            Order::Drip(every) => wire.poll_drip(every, cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buf)
    }
}
