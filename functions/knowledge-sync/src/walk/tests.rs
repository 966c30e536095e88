use super::*;
use proptest::prelude::*;
use std::collections::HashSet;

fn entry(id: i64, modified: i64) -> Entry {
    Entry::Told(Told {
        id: ArticleId::parse(format!("a-{id}")).unwrap(),
        modified: Timestamp::from_second(modified).unwrap(),
    })
}

fn flawed(what: i64) -> Entry {
    Entry::Flawed {
        flawed: what.to_string(),
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

    fn page(&self, offset: usize, limit: usize) -> Vec<Entry> {
        let page = self.articles.iter().skip(offset).take(limit);
        let read = |(id, modified): &(i64, i64)| {
            if self.unreadable.contains(id) {
                flawed(id * 1_000_000 + modified)
            } else {
                entry(*id, *modified)
            }
        };
        page.map(read).collect()
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
        unreadable in proptest::collection::hash_set(0_i64..400, 0..300),
        between in proptest::collection::vec(proptest::collection::vec(event(), 0..40), 0..12),
    ) {
        let mut remote = Remote::new(count, newest_first);
        remote.unreadable = unreadable;
        let mut seen = HashSet::new();
        let mut walk = Walk::default();
        let mut pages = 0;
        loop {
            let page = remote.page(walk.offset, limit);
            let step = walk.look(&page, limit);
            prop_assert_ne!(step, Step::GiveUp);
            if step != Step::Back {
                seen.extend(page);
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
            prop_assert!(seen.contains(&entry(*id, *modified)), "article {id} was missed");
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
    let foreign = [entry(1, 1)];
    let steps = (0..=MOST_BACK).map(|_| walk.look(&foreign, 1));
    assert_eq!(steps.last(), Some(Step::GiveUp));
}

#[test]
fn a_page_that_begins_with_something_unreadable_is_taken_for_what_follows_it() {
    let mut walk = Walk::default();
    let page = [1, 2, 3, 4].map(|id| entry(id, id));
    assert_eq!(walk.look(&page, 4), Step::Take);
    assert_eq!(walk.look(&[1, 2, 3, 4].map(flawed), 4), Step::Back);
    walk.offset = 2;
    let page = [flawed(1), entry(4, 4), flawed(2), entry(5, 5)];
    assert_eq!(walk.look(&page, 4), Step::Take);
    assert_eq!(walk.offset, 4);
}

#[test]
fn where_all_that_two_pages_share_is_unreadable_the_unchanged_shows_the_way() {
    let page = [entry(1, 1), entry(2, 2), flawed(3), flawed(4)];
    for (next, expected) in [
        ([flawed(3), flawed(4), entry(5, 5), entry(6, 6)], Step::Take),
        ([flawed(0), flawed(4), entry(5, 5), entry(6, 6)], Step::Take),
        ([flawed(0), flawed(0), entry(5, 5), entry(6, 6)], Step::Back),
        // Which of them is the one from before?
        ([flawed(4), flawed(4), entry(5, 5), entry(6, 6)], Step::Back),
    ] {
        let mut walk = Walk::default();
        assert_eq!(walk.look(&page, 4), Step::Take);
        assert_eq!(walk.look(&next, 4), expected, "{next:?}");
    }
}

#[test]
fn an_older_checkpoint_is_gone_on_with() {
    let older = r#"{"offset": 2, "before": [{"id": "a-1", "modified": "1970-01-01T00:00:01Z"}], "back": 0}"#;
    let mut walk: Walk = serde_json::from_str(older).unwrap();
    let again = serde_json::to_string(&walk).unwrap();
    assert_eq!(walk, serde_json::from_str(&again).unwrap());
    assert_eq!(walk.look(&[entry(1, 1)], 2), Step::Last);
}
