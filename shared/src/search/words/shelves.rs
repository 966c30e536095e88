//! Postings are sorted by term: first every term says how many it may have, then each finds its place at once.

use rustc_hash::FxHashMap;

use super::{Doc, Posting};

const EMPTY: Posting = Posting {
    doc: Doc(0),
    count: 0,
    length: 0,
};

/// The terms, numbered as they come.
#[derive(Default)]
pub(super) struct Index<'term> {
    numbers: FxHashMap<&'term [u8], usize>,
    terms: Vec<(&'term [u8], usize)>,
}

impl<'term> Index<'term> {
    /// Makes room for so many more postings of a term; gives its number.
    pub(super) fn reserve(&mut self, term: &'term [u8], postings: usize) -> usize {
        let next = self.terms.len();
        let number = *self.numbers.entry(term).or_insert(next);
        if number == next {
            self.terms.push((term, 0));
        }
        self.terms[number].1 += postings;
        number
    }
}

/// A place for every posting of every term.
pub(super) struct Shelves<'term> {
    terms: Vec<Shelf<'term>>,
    postings: Vec<Posting>,
}

struct Shelf<'term> {
    term: &'term [u8],
    start: usize,
    end: usize,
}

impl<'term> Shelves<'term> {
    pub(super) fn new(index: Index<'term>) -> Self {
        let mut start = 0;
        let shelf = |(term, room): (&'term [u8], usize)| {
            let shelf = Shelf {
                term,
                start,
                end: start,
            };
            start += room;
            shelf
        };
        let terms = index.terms.into_iter().map(shelf).collect();
        let postings = vec![EMPTY; start];
        Self { terms, postings }
    }

    /// Puts a posting into its term's room, behind those that are there.
    pub(super) fn put(&mut self, number: usize, posting: Posting) {
        let end = &mut self.terms[number].end;
        self.postings[*end] = posting;
        *end += 1;
    }

    /// How many postings there are.
    pub(super) fn len(&self) -> usize {
        self.terms.iter().map(|shelf| shelf.end - shelf.start).sum()
    }

    /// Every term that has postings, with them, in order of the terms' coming.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'term [u8], &[Posting])> {
        let filled = self.terms.iter().filter(|shelf| shelf.end > shelf.start);
        filled.map(|shelf| (shelf.term, &self.postings[shelf.start..shelf.end]))
    }

    /// Sorts the postings of each term by document; says whether none has a document twice.
    pub(super) fn sort(&mut self) -> bool {
        self.terms.iter().all(|shelf| {
            let postings = &mut self.postings[shelf.start..shelf.end];
            postings.sort_unstable_by_key(|posting| posting.doc);
            postings.is_sorted_by(|one, next| one.doc < next.doc)
        })
    }
}
