//! How a bucket is read. Whatever the bytes are, there is an answer or an error, never a panic.

use super::{Damaged, Doc, varint};

/// That a term stands in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    /// The document.
    pub doc: Doc,
    /// How often the term stands there; at least once.
    pub count: u32,
    /// How many terms the document has, repeats included.
    pub length: u32,
}

/// The postings of one term in one bucket, in the order of their documents.
#[derive(Debug, Clone)]
pub struct Postings<'bytes> {
    bytes: &'bytes [u8],
    left: u64,
    before: Doc,
    is_first: bool,
}

impl Postings<'_> {
    /// How many there are; documents that were deleted since are among them.
    pub fn counted(&self) -> u64 {
        self.left
    }

    /// How many there are at most, whatever the bytes say: each takes three of them.
    pub(super) fn most(&self) -> usize {
        let most = self.bytes.len() / 3;
        usize::try_from(self.left).map_or(most, |left| left.min(most))
    }

    #[inline]
    fn take(&mut self) -> Result<Posting, Damaged> {
        let distance = varint::read(&mut self.bytes)?;
        let doc = self.before.0.checked_add_unsigned(distance);
        let doc = doc.ok_or(Damaged("a document has no number"))?;
        if distance == 0 && !self.is_first {
            return Err(Damaged("a document stands there twice"));
        }
        let count = varint::read_small(&mut self.bytes)?;
        let length = varint::read_small(&mut self.bytes)?;
        if count == 0 || count > length {
            return Err(Damaged("a term is counted wrong"));
        }
        (self.before, self.is_first) = (Doc(doc), false);
        let doc = Doc(doc);
        Ok(Posting { doc, count, length })
    }
}

impl Iterator for Postings<'_> {
    type Item = Result<Posting, Damaged>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            if self.bytes.is_empty() {
                return None;
            }
            self.bytes = &[];
            return Some(Err(Damaged("there are more postings than were counted")));
        }
        self.left -= 1;
        let posting = self.take();
        if posting.is_err() {
            (self.left, self.bytes) = (0, &[]);
        }
        Some(posting)
    }
}

/// The postings of a term in the bytes of its bucket, if it stands there.
pub fn read_postings<'bytes>(
    bytes: &'bytes [u8],
    term: &str,
) -> Result<Option<Postings<'bytes>>, Damaged> {
    for entry in Entries::open(bytes)? {
        let (here, postings) = entry?;
        if here == term.as_bytes() {
            return Ok(Some(postings));
        }
        if here > term.as_bytes() {
            break;
        }
    }
    Ok(None)
}

/// All terms of a bucket with their postings, in order.
pub(super) struct Entries<'bytes> {
    bytes: &'bytes [u8],
    base: Doc,
}

impl<'bytes> Entries<'bytes> {
    pub(super) fn open(mut bytes: &'bytes [u8]) -> Result<Self, Damaged> {
        let base = Doc(varint::read(&mut bytes)?.cast_signed());
        Ok(Self { bytes, base })
    }

    fn take(&mut self) -> Result<(&'bytes [u8], Postings<'bytes>), Damaged> {
        let term = self.split()?;
        let left = varint::read(&mut self.bytes)?;
        let postings = Postings {
            bytes: self.split()?,
            left,
            before: self.base,
            is_first: true,
        };
        Ok((term, postings))
    }

    /// Takes off the front what is preceded by its length.
    fn split(&mut self) -> Result<&'bytes [u8], Damaged> {
        let length = usize::try_from(varint::read(&mut self.bytes)?).ok();
        let split = length.and_then(|length| self.bytes.split_at_checked(length));
        let (piece, rest) = split.ok_or(Damaged("something is cut off"))?;
        self.bytes = rest;
        Ok(piece)
    }
}

impl<'bytes> Iterator for Entries<'bytes> {
    type Item = Result<(&'bytes [u8], Postings<'bytes>), Damaged>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.bytes.is_empty() {
            return None;
        }
        let entry = self.take();
        if entry.is_err() {
            self.bytes = &[];
        }
        Some(entry)
    }
}
