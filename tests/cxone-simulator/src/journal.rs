//! The requests received, bounded in number and in bytes.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Mutex,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::http::request::Parts;
use serde::{Deserialize, Serialize};

use crate::{fault::Hit, redact, world::lock};

/// One request as it was received, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Grows by one with every request, also across `DELETE /_control/requests`.
    pub id: u64,
    /// When it came, in milliseconds since 1970.
    pub at_ms: u64,
    /// The HTTP method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query, secrets masked.
    pub query: Option<String>,
    /// The headers; credentials are a scheme and a fingerprint, so that two requests can be told to share a token.
    pub headers: BTreeMap<String, String>,
    /// The body as text, secrets masked.
    pub body: String,
    /// The status the client was sent, or would have been had the connection lasted its whole way; none when
    /// no answer was sent or the request is still under way.
    pub status: Option<u16>,
    /// The work was done: the capability ran and its own answer was a success, whatever the client saw.
    pub executed: bool,
    /// The fault that the request met.
    pub fault: Option<Hit>,
}

/// Holds [`Recorded`]s; the oldest go when there are too many, or too large ones.
pub(crate) struct Journal {
    most_requests: usize,
    most_bytes: usize,
    pages: Mutex<Pages>,
}

#[derive(Default)]
struct Pages {
    entries: VecDeque<Recorded>,
    bytes: usize,
    last_id: u64,
}

impl Journal {
    pub(crate) fn new(most_requests: usize, most_bytes: usize) -> Self {
        Self {
            most_requests,
            most_bytes,
            pages: Mutex::default(),
        }
    }

    /// Notes a request on arrival, so that one that never ends is there too; the id is for [`Journal::close`].
    pub(crate) fn open(&self, parts: &Parts, body: &[u8], fault: Option<Hit>) -> u64 {
        let path = parts.uri.path().to_owned();
        let entry = Recorded {
            id: 0,
            at_ms: now_ms(),
            method: parts.method.to_string(),
            query: parts.uri.query().map(redact::pairs),
            headers: redact::headers(&parts.headers),
            body: redact::body(&path, body),
            path,
            status: None,
            executed: false,
            fault,
        };
        self.push(entry)
    }

    fn push(&self, mut entry: Recorded) -> u64 {
        let mut pages = lock(&self.pages);
        pages.last_id += 1;
        entry.id = pages.last_id;
        pages.bytes += entry.body.len();
        pages.entries.push_back(entry);
        while pages.entries.len() > self.most_requests || pages.bytes > self.most_bytes {
            let Some(oldest) = pages.entries.pop_front() else {
                break;
            };
            pages.bytes -= oldest.body.len();
        }
        pages.last_id
    }

    /// Notes what became of a request, if it is still remembered.
    pub(crate) fn close(&self, id: u64, status: Option<u16>, executed: bool) {
        let mut pages = lock(&self.pages);
        // Ids have no gaps, so the place follows from the first one.
        let first = pages.entries.front().map_or(u64::MAX, |entry| entry.id);
        let place = id
            .checked_sub(first)
            .and_then(|it| usize::try_from(it).ok());
        if let Some(entry) = place.and_then(|it| pages.entries.get_mut(it)) {
            entry.status = status;
            entry.executed = executed;
        }
    }

    /// The requests after the one with id `since` whose path starts with `path`, oldest first.
    pub(crate) fn read(&self, path: &str, since: u64) -> Vec<Recorded> {
        let pages = lock(&self.pages);
        let wanted = |entry: &&Recorded| entry.id > since && entry.path.starts_with(path);
        pages.entries.iter().filter(wanted).cloned().collect()
    }

    /// The id of the last request received; 0 before the first.
    pub(crate) fn last_id(&self) -> u64 {
        lock(&self.pages).last_id
    }

    /// Forgets the requests; ids go on.
    pub(crate) fn clear(&self) {
        let mut pages = lock(&self.pages);
        pages.entries.clear();
        pages.bytes = 0;
    }
}

fn now_ms() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    since_1970.map_or(0, |it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn note(journal: &Journal, body: &str) -> u64 {
        let (parts, ()) = Request::get("/a").body(()).unwrap().into_parts();
        journal.open(&parts, body.as_bytes(), None)
    }

    #[test]
    fn the_oldest_go_first_by_number_and_by_bytes() {
        let journal = Journal::new(3, 10);
        let ids: Vec<u64> = (0..5).map(|_| note(&journal, "x")).collect();
        let kept: Vec<u64> = journal.read("", 0).iter().map(|it| it.id).collect();
        assert_eq!(kept, ids[2..]);
        let large = note(&journal, "123456789");
        let kept: Vec<u64> = journal.read("", 0).iter().map(|it| it.id).collect();
        assert_eq!(kept, [large - 1, large]);
    }

    #[test]
    fn closing_finds_its_own_request_and_no_forgotten_one() {
        let journal = Journal::new(2, 100);
        let [gone, kept, last] = [(); 3].map(|()| note(&journal, ""));
        journal.close(gone, Some(500), true);
        journal.close(kept, Some(200), true);
        let read = journal.read("", 0);
        assert_eq!((read[0].status, read[0].executed), (Some(200), true));
        assert_eq!((read[1].id, read[1].status), (last, None));
        journal.clear();
        journal.close(last, Some(200), true);
        assert!(journal.read("", 0).is_empty());
        assert_eq!(note(&journal, ""), last + 1);
    }
}
