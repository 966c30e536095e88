//! What both searches do once the candidates are ranked: near duplicates collapse, a page is cut, and its texts are read.
//!
//! Texts are long and candidates many: only those are read that decide about the page, or stand on it.

use super::found::Found;
use super::legs::{Question, deeper, first_depth};
use super::rows::{Row, Rows};
use super::shown::{Shown, show};
use crate::db::search::Snapshot;
use crate::domain::Score;
use crate::domain::query::{Basis, Cursor, Position, QueryDigest, SearchOptions};
use crate::error::Error;
use crate::search::collapse::{Collapsed, Collapsing};
use crate::search::fuse::{Ranked, Ranking};
use crate::search::group::Group;
use crate::search::page::{Page, page};
use crate::search::words::Doc;

/// A search on its way.
pub(super) struct Search<'a> {
    pub(super) snapshot: &'a Snapshot<'a>,
    pub(super) question: Question<'a>,
    pub(super) options: &'a SearchOptions,
    pub(super) ranking: Ranking,
    /// What cursors belong to.
    pub(super) basis: Basis,
    pub(super) digest: QueryDigest,
    pub(super) from: Option<Position>,
}

/// What a result is made of.
pub(super) struct Hit<R> {
    pub(super) score: Score,
    pub(super) row: R,
    pub(super) others: u32,
    pub(super) near_duplicates: u32,
    pub(super) shown: Shown,
}

/// What an answer is made of.
pub(super) struct Hits<R> {
    pub(super) hits: Vec<Hit<R>>,
    pub(super) next_cursor: Option<String>,
    pub(super) underfilled: bool,
}

/// A result before its text is read.
type Place = Collapsed<Group<Ranked<Doc>>>;

impl Search<'_> {
    /// Asks for ever more candidates, until `answer` has enough of them.
    pub(super) async fn deepen<A>(
        &self,
        answer: impl AsyncFn(usize) -> Result<Option<A>, Error>,
    ) -> Result<A, Error> {
        let mut most = first_depth(self.ranking.fusion, self.wanted());
        loop {
            // Boxed, because the compiler gives up on futures that are nested deeper.
            if let Some(answer) = Box::pin(answer(most)).await? {
                return Ok(answer);
            }
            most = deeper(most);
        }
    }

    /// The page out of these groups, whose texts `read` reads; `None` if more candidates could fill it.
    pub(super) async fn hits<R: Row>(
        &self,
        found: &Found,
        groups: Vec<Group<Ranked<Doc>>>,
        read: impl AsyncFn(&[Doc]) -> Result<Vec<R>, Error>,
    ) -> Result<Option<Hits<R>>, Error> {
        let passages = groups.iter().map(|group| 1 + group.others as usize);
        let may_go_on = found.may_go_on(passages.sum());
        let mut rows = Rows::new(read);
        let page = if self.options.collapse {
            self.collapse(groups, &mut rows).await?
        } else {
            self.cut(groups.into_iter().map(Collapsed::alone).collect())
        };
        let last = page.items.last().filter(|_| !page.is_end);
        let deciding = last.map_or(self.ranking.min_score, |last| last.best.best.score);
        if page.is_end && may_go_on || !found.is_settled(deciding) {
            return Ok(None);
        }
        rows.read(&page.items.iter().map(doc).collect::<Vec<_>>())
            .await?;
        let limit = self.options.limit.get();
        let cursor = |next| Cursor::new(self.basis, self.digest, next).to_text();
        Ok(Some(Hits {
            next_cursor: page.next.map(cursor),
            underfilled: page.is_end && page.items.len() < limit,
            hits: self.show(found, page.items, rows)?,
        }))
    }

    /// The page of a ranking without its near duplicates, of which no more is looked at than the page takes.
    async fn collapse<R: Row, F: AsyncFn(&[Doc]) -> Result<Vec<R>, Error>>(
        &self,
        groups: Vec<Group<Ranked<Doc>>>,
        rows: &mut Rows<R, F>,
    ) -> Result<Page<Place>, Error> {
        // One more says whether there is a next page.
        let (mut size, mut collapsing) = (self.wanted() + 1, Collapsing::default());
        let mut groups = groups.into_iter();
        loop {
            let batch: Vec<_> = groups.by_ref().take(size).collect();
            let docs: Vec<_> = batch.iter().map(|group| group.best.doc).collect();
            rows.read(&docs).await?;
            for group in batch {
                if let Some(row) = rows.get(group.best.doc) {
                    collapsing.take(group, row.text());
                }
            }
            let page = self.cut(collapsing.kept().to_vec());
            if !page.is_end || groups.len() == 0 {
                return Ok(page);
            }
            size *= 2;
        }
    }

    /// How far the ranking goes for all pages so far and this one.
    fn wanted(&self) -> usize {
        let given = self.from.map_or(0, |from| usize::from(from.given));
        given + self.options.limit.get()
    }

    /// The candidates, if each leg is asked for so many.
    pub(super) async fn ask(&self, most: usize) -> Result<Found, Error> {
        // Twice as far: some are of one article, or collapse.
        let (question, wanted) = (&self.question, 2 * self.wanted());
        question
            .ask(self.snapshot, most, wanted, &self.ranking)
            .await
    }

    fn cut(&self, places: Vec<Place>) -> Page<Place> {
        let at = |place: &Place| (place.best.best.score, doc(place).0);
        page(places, self.from, self.options.limit, at)
    }

    /// The results with all that is shown of them.
    fn show<R: Row, F>(
        &self,
        found: &Found,
        places: Vec<Place>,
        mut rows: Rows<R, F>,
    ) -> Result<Vec<Hit<R>>, Error> {
        let rows = places.into_iter().filter_map(|place| {
            let row = rows.take(doc(&place))?;
            Some((place, row))
        });
        let (places, rows): (Vec<Place>, Vec<R>) = rows.unzip();
        let ranked = places.iter().map(|place| &place.best.best).zip(&rows);
        let shown = show(found, ranked, self.options, self.ranking.fusion)?;
        let hits = places.into_iter().zip(rows).zip(shown);
        let hit = |((place, row), shown): ((Place, R), Shown)| Hit {
            score: place.best.best.score,
            others: place.best.others,
            near_duplicates: place.near_duplicates,
            row,
            shown,
        };
        Ok(hits.map(hit).collect())
    }
}

fn doc(place: &Place) -> Doc {
    place.best.best.doc
}
