//! Passages become articles: an article is as good as its best passage.

use std::collections::HashMap;
use std::hash::Hash;

/// The best passage of an article, and how many others of it were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<T> {
    /// The passage that is ranked highest. Its heading is the one to show.
    pub best: T,
    /// How many others of the same article are in the ranking.
    pub others: u32,
}

/// Groups a ranking by what `article` says. Groups stand in the order of their best passages.
pub fn group<T, K: Eq + Hash>(
    ranked: impl IntoIterator<Item = T>,
    article: impl Fn(&T) -> K,
) -> Vec<Group<T>> {
    let (mut groups, mut places) = (Vec::<Group<T>>::new(), HashMap::new());
    for passage in ranked {
        let place = *places.entry(article(&passage)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.others += 1,
            None => groups.push(Group {
                best: passage,
                others: 0,
            }),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_first_of_each_article_leads_and_all_are_counted(ranked in proptest::collection::vec((0_u8..8, any::<u16>()), 0..60)) {
            let groups = group(ranked.clone(), |(article, _)| *article);
            let mut seen = Vec::new();
            for passage in &ranked {
                if !seen.iter().any(|(article, _)| *article == passage.0) {
                    seen.push(*passage);
                }
            }
            let best: Vec<_> = groups.iter().map(|group| group.best).collect();
            prop_assert_eq!(best, seen);
            for group in groups {
                let passages = ranked.iter().filter(|(article, _)| *article == group.best.0).count();
                prop_assert_eq!(group.others as usize + 1, passages);
            }
        }
    }
}
