//! Standard input, read on a thread of its own: a read that waits cannot be given up, and the runtime would wait for it at its end.

use std::io::{self, Read as _};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::mpsc;

const CHUNK: usize = 64 * 1_024;

/// Standard input.
pub(super) struct Stdin {
    chunks: mpsc::Receiver<io::Result<Vec<u8>>>,
    /// What was received and not yet given.
    rest: io::Cursor<Vec<u8>>,
}

impl Stdin {
    /// Begins to read, a few chunks ahead and no more.
    pub(super) fn open() -> Self {
        let (sender, chunks) = mpsc::channel(4);
        std::thread::spawn(move || {
            loop {
                let mut chunk = vec![0; CHUNK];
                let read = io::stdin().read(&mut chunk);
                let is_end = matches!(read, Ok(0) | Err(_));
                let read = read.map(|count| {
                    chunk.truncate(count);
                    chunk
                });
                if sender.blocking_send(read).is_err() || is_end {
                    break;
                }
            }
        });
        Self {
            chunks,
            rest: io::Cursor::default(),
        }
    }
}

impl AsyncRead for Stdin {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let count = self.rest.read(buffer.initialize_unfilled())?;
        if count > 0 {
            buffer.advance(count);
            return Poll::Ready(Ok(()));
        }
        // An empty chunk, or none, is the end.
        let chunk = ready!(self.chunks.poll_recv(context)).unwrap_or_else(|| Ok(Vec::new()))?;
        let first = chunk.len().min(buffer.remaining());
        buffer.put_slice(chunk.get(..first).unwrap_or_default());
        self.rest = io::Cursor::new(chunk);
        self.rest.set_position(first as u64);
        Poll::Ready(Ok(()))
    }
}
