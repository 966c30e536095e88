//! Walks a listing page by page while it changes underneath. Pure.
//!
//! The listing's order is unknown, and every edit may move an article, so every page repeats the end of the one before. A page that
//! has something the page before had as well, unchanged, leaves nothing out between them: of what nobody touched, whatever stands
//! before that now stood before it then, and was seen; the rest is on this page or follows. A page without it is not taken, and the
//! walk goes back. What comes twice does no harm.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::domain::ArticleId;

/// How many entries of a page the next one repeats.
const OVERLAP: usize = 10;
/// How often a walk goes back before it says that the listing never stands still.
const MOST_BACK: u32 = 200;

/// An article as one page had it. An edit makes it another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) id: ArticleId,
    pub(crate) modified: Timestamp,
}

/// How far a listing has been walked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Walk {
    /// Where the next page begins.
    pub(crate) offset: usize,
    /// The page before.
    before: Vec<Entry>,
    back: u32,
    /// In the conditional form: from when on changes are asked for.
    #[serde(default)]
    pub(crate) since: Option<Timestamp>,
}

/// What becomes of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is taken, and others follow.
    Take,
    /// It is taken, and is the last.
    Last,
    /// Something may lie between it and the page before: it is not taken.
    Back,
    /// The listing moves faster than it can be read.
    GiveUp,
}

impl Walk {
    /// Looks at the page at `offset`. Entries that cannot be read are `None`. `limit` is how many were asked for, at least two.
    pub(crate) fn look(&mut self, page: &[Option<Entry>], limit: usize) -> Step {
        if !self.follows(page) {
            self.offset = self.offset.saturating_sub(limit.max(1));
            self.back += 1;
            return if self.back > MOST_BACK {
                Step::GiveUp
            } else {
                Step::Back
            };
        }
        self.before = page.iter().flatten().cloned().collect();
        if page.len() < limit {
            return Step::Last;
        }
        self.go_on(page.len());
        Step::Take
    }

    /// The page before.
    pub(crate) fn before(&self) -> &[Entry] {
        &self.before
    }

    /// Goes back as often as at first before it is given up again.
    pub(crate) fn take_heart(&mut self) {
        self.back = 0;
    }

    /// More follows after the page that was looked at, of so many entries.
    pub(crate) fn go_on(&mut self, entries: usize) {
        self.offset += entries - OVERLAP.min(entries / 2);
    }

    fn follows(&self, page: &[Option<Entry>]) -> bool {
        let known = |entry: &Entry| self.before.contains(entry);
        self.offset == 0 || page.iter().flatten().any(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn entry(id: i64, modified: i64) -> Entry {
        Entry {
            id: ArticleId::parse(format!("a-{id}")).unwrap(),
            modified: Timestamp::from_second(modified).unwrap(),
        }
    }

    /// What happens between two pages.
    #[derive(Debug, Clone)]
    enum Event {
        Edit(usize),
        Delete(usize),
        Add,
    }

    /// A tenant's articles: id and time of the last edit.
    struct Remote {
        articles: Vec<(i64, i64)>,
        clock: i64,
        newest_first: bool,
        touched: HashSet<i64>,
        unreadable: HashSet<i64>,
    }

    impl Remote {
        fn new(count: usize, newest_first: bool) -> Self {
            let count = i64::try_from(count).unwrap();
            let articles = (0..count).map(|id| (id, id)).collect();
            let mut remote = Self {
                articles,
                clock: count,
                newest_first,
                touched: HashSet::new(),
                unreadable: HashSet::new(),
            };
            remote.sort();
            remote
        }

        fn sort(&mut self) {
            self.articles.sort_by_key(|(id, modified)| (*modified, *id));
            if self.newest_first {
                self.articles.reverse();
            }
        }

        fn happen(&mut self, event: &Event) {
            self.clock += 1;
            let count = self.articles.len();
            match event {
                Event::Edit(which) if count > 0 => {
                    let article = &mut self.articles[which % count];
                    article.1 = self.clock;
                    self.touched.insert(article.0);
                }
                Event::Delete(which) if count > 0 => {
                    let (id, _) = self.articles.remove(which % count);
                    self.touched.insert(id);
                }
                Event::Add => {
                    let id = 1_000_000 + self.clock;
                    self.articles.push((id, self.clock));
                    self.touched.insert(id);
                }
                _ => {}
            }
            self.sort();
        }

        fn page(&self, offset: usize, limit: usize) -> Vec<Option<Entry>> {
            let page = self.articles.iter().skip(offset).take(limit);
            let read = |id| !self.unreadable.contains(id);
            page.map(|(id, modified)| read(id).then(|| entry(*id, *modified)))
                .collect()
        }
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            3 => any::<usize>().prop_map(Event::Edit),
            3 => any::<usize>().prop_map(Event::Delete),
            1 => Just(Event::Add),
        ]
    }

    proptest! {
        #[test]
        fn nothing_that_stands_still_is_missed(
            count in 0_usize..400,
            limit in 2_usize..60,
            newest_first in any::<bool>(),
            unreadable in proptest::collection::hash_set(0_i64..400, 0..30),
            between in proptest::collection::vec(proptest::collection::vec(event(), 0..40), 0..12),
        ) {
            let mut remote = Remote::new(count, newest_first);
            // Where all that two pages share cannot be read, there is no way on.
            let shared = OVERLAP.min(limit / 2);
            remote.unreadable = unreadable.into_iter().take(shared - 1).collect();
            let mut seen = HashSet::new();
            let mut walk = Walk::default();
            let mut pages = 0;
            loop {
                let page = remote.page(walk.offset, limit);
                let step = walk.look(&page, limit);
                prop_assert_ne!(step, Step::GiveUp);
                if step != Step::Back {
                    seen.extend(page.iter().flatten().map(|entry| entry.id.clone()));
                }
                if step == Step::Last {
                    break;
                }
                for event in between.get(pages).into_iter().flatten() {
                    remote.happen(event);
                }
                pages += 1;
            }
            let unknown = &remote.touched | &remote.unreadable;
            let still = remote.articles.iter().filter(|(id, _)| !unknown.contains(id));
            for (id, modified) in still {
                prop_assert!(seen.contains(&entry(*id, *modified).id), "article {id} was missed");
            }
        }

        #[test]
        fn a_listing_that_stands_still_is_read_once(count in 0_usize..1_000, limit in 20_usize..200) {
            let remote = Remote::new(count, false);
            let (mut walk, mut requests) = (Walk::default(), 0);
            loop {
                requests += 1;
                let step = walk.look(&remote.page(walk.offset, limit), limit);
                prop_assert_ne!(step, Step::Back);
                if step == Step::Last {
                    break;
                }
            }
            prop_assert!(requests <= count / (limit - OVERLAP) + 1);
        }
    }

    #[test]
    fn a_listing_that_never_stands_still_is_given_up() {
        let mut walk = Walk {
            offset: 1_000_000,
            ..Walk::default()
        };
        let foreign = [Some(entry(1, 1))];
        let steps = (0..=MOST_BACK).map(|_| walk.look(&foreign, 1));
        assert_eq!(steps.last(), Some(Step::GiveUp));
    }

    #[test]
    fn a_page_that_begins_with_something_unreadable_is_taken_for_what_follows_it() {
        let mut walk = Walk::default();
        let page = [1, 2, 3, 4].map(|id| Some(entry(id, id)));
        assert_eq!(walk.look(&page, 4), Step::Take);
        assert_eq!(walk.look(&[const { None }; 4], 4), Step::Back);
        walk.offset = 2;
        let page = [None, Some(entry(4, 4)), None, Some(entry(5, 5))];
        assert_eq!(walk.look(&page, 4), Step::Take);
        assert_eq!(walk.offset, 4);
    }
}
