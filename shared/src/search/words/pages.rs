//! A sum for each document, in pages of neighbours: postings come in order, so that most find their page at hand.

use rustc_hash::FxHashMap;

use super::Doc;

/// Documents per page, as a power of two.
const PAGE: u32 = 6;
const DOCS: usize = 1 << PAGE;

/// A positive number for each document that has one.
#[derive(Debug, Clone, Default)]
pub(super) struct Pages {
    places: FxHashMap<i64, usize>,
    pages: Vec<(i64, [f64; DOCS])>,
}

impl Pages {
    /// Adds to many documents, which best come in order.
    pub(super) fn add(&mut self, sums: impl Iterator<Item = (Doc, f64)>) {
        let mut at = None;
        for (doc, sum) in sums {
            let number = doc.0 >> PAGE;
            let place = match at {
                Some((known, place)) if known == number => place,
                _ => self.place(number),
            };
            at = Some((number, place));
            self.pages[place].1[slot(doc)] += sum;
        }
    }

    pub(super) fn get(&self, doc: Doc) -> f64 {
        let place = self.places.get(&(doc.0 >> PAGE));
        place.map_or(0.0, |place| self.pages[*place].1[slot(doc)])
    }

    /// All documents that have a number.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Doc, f64)> {
        self.pages.iter().flat_map(|(number, sums)| {
            let sums = (0_i64..).zip(sums).filter(|(_, sum)| **sum > 0.0);
            sums.map(move |(slot, sum)| (Doc(number << PAGE | slot), *sum))
        })
    }

    fn place(&mut self, number: i64) -> usize {
        *self.places.entry(number).or_insert_with(|| {
            self.pages.push((number, [0.0; DOCS]));
            self.pages.len() - 1
        })
    }
}

fn slot(doc: Doc) -> usize {
    usize::from(doc.0.to_le_bytes()[0]) % DOCS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn each_document_has_the_sum_of_its_own(
            docs in proptest::collection::vec(prop_oneof![-200..200_i64, any::<i64>(), Just(i64::MAX), Just(i64::MIN)], 0..60)
        ) {
            let (mut pages, mut sums) = (Pages::default(), BTreeMap::new());
            for (doc, sum) in docs.iter().zip(1_u32..) {
                let sum = f64::from(sum);
                pages.add([(Doc(*doc), sum)].into_iter());
                *sums.entry(Doc(*doc)).or_insert(0.0) += sum;
            }
            prop_assert_eq!(pages.iter().collect::<BTreeMap<_, _>>(), sums.clone());
            for (doc, sum) in sums {
                prop_assert!((pages.get(doc) - sum).abs() < f64::EPSILON);
            }
            prop_assert!(pages.get(Doc(777)) == 0.0);
        }
    }
}
