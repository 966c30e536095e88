//! A transaction that only reads, begun and used without waiting in between.

use std::ops::Deref;
use std::pin::pin;
use std::task::{Context, Waker};

use deadpool_postgres::Object;
use tokio_postgres::Client;

use crate::db::connect::failed;
use crate::error::Error;

/// What stays the same for all of it. The limits are for this transaction only, so that a pooler may stand between. A graph goes on until
/// it has as many as are wanted: in relaxed order, because all is sorted again. Compiling and calling for help cost more than these
/// statements do, and hardly any row is looked up twice, so that remembering rows mostly takes memory.
const BEGIN: &str = "START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
    SET LOCAL statement_timeout = '10s'; SET LOCAL idle_in_transaction_session_timeout = '10s'; SET LOCAL jit = off;
    SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL enable_memoize = off;
    SET LOCAL hnsw.iterative_scan = relaxed_order";

/// Sent with the beginning, in one message. Segments that become one change places at once; a state that was taken before would miss the
/// rows of the new one, and the old ones are gone. So the table is held before the state is taken, which is with the first statement that
/// reads: until the end of all this no segment changes places. It keeps nobody from reading or writing.
const HOLD: &str = "; LOCK TABLE ONLY conversation_embeddings IN ACCESS SHARE MODE";

/// What is asked of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// Nothing of conversations.
    Articles,
    /// Conversations, and articles too.
    Everything,
}

impl Reads {
    fn begin(self) -> String {
        match self {
            Self::Articles => BEGIN.to_owned(),
            Self::Everything => format!("{BEGIN}{HOLD}"),
        }
    }
}

/// The transaction. The driver's own would wait for its beginning before it lets anybody ask.
pub(in crate::db) struct Reading<'a> {
    client: &'a Client,
    is_over: bool,
}

impl<'a> Reading<'a> {
    /// One on this connection, which nobody else uses meanwhile. It is yet to begin.
    pub(super) fn on(connection: &'a mut Object) -> Self {
        Self {
            client: connection,
            is_over: false,
        }
    }

    /// Begins it. Whatever is sent after this, it need not be waited for, is part of it.
    pub(super) async fn begin(&self, reads: Reads) -> Result<(), Error> {
        let begin = reads.begin();
        self.client.batch_execute(&begin).await.map_err(failed)
    }

    /// Ends it.
    pub(super) async fn end(mut self) -> Result<(), Error> {
        let ended = self.client.batch_execute("COMMIT").await;
        self.is_over = ended.is_ok();
        ended.map_err(failed)
    }
}

impl Deref for Reading<'_> {
    type Target = Client;

    fn deref(&self) -> &Client {
        self.client
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            // Sent with the first poll, and not waited for: the next statement on the connection comes after it.
            let rollback = pin!(self.client.batch_execute("ROLLBACK"));
            let _ = rollback.poll(&mut Context::from_waker(Waker::noop()));
        }
    }
}
