//! A table of signs: all of it is read, and the rows with the likest signs are compared.

/// What one knows of the table of a segment's signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::db) struct Signs {
    segment: i32,
    /// How many rows it has.
    rows: i64,
    /// How many of those with the likest signs are compared, at least.
    compared: usize,
    dimensions: u16,
}

/// Of so many vectors, how many with the likest signs are compared so that about 99.5 % of the nearest 20 are among them: 28 times the cube
/// root. It goes through what was measured of 1,536 numbers, each four texts one after the other: 400 of 2,500 find 99.55 %; of 10,000, 500 find
/// 99.2 % and 700 find 99.7 %; of 20,000, 700 find 99.4 %; of 50,000, 1,000 find 99.5 %. Beyond, it goes on so up to a thousand million.
fn likely(rows: i64) -> usize {
    let is_root = |root: &usize| root.pow(3) >= usize::try_from(rows).unwrap_or_default();
    28 * (0..1_000).find(is_root).unwrap_or(1_000)
}

/// Whoever wants many gets them by the numbers and not by the signs alone: so twice as many are compared, up to so many.
const MOST_TWICE: usize = 4_000;

/// What is just being sealed was not counted yet. It was fresh, and those are small.
const UNCOUNTED: i64 = 12_000;

impl Signs {
    pub(in crate::db) fn of(segment: i32, rows: Option<i64>, dimensions: u16) -> Self {
        let rows = rows.unwrap_or(UNCOUNTED);
        Self {
            segment,
            rows,
            compared: likely(rows),
            dimensions,
        }
    }

    /// Those of `rows`, a statement that ends with its conditions, named `name`, whose signs are most like those of `question`, in no order, as a
    /// table of the same name: twice as many as are wanted, or more. Each is looked up by its key, whatever the planner knows of tables that are
    /// so new.
    pub(super) fn likest(&self, rows: &str, name: &str, question: &str, most: usize) -> String {
        let Self {
            segment,
            dimensions,
            ..
        } = self;
        let compared = self.compared(most);
        format!(
            "(SELECT {name}.* FROM (SELECT s.event_id, s.chunk FROM conversation_signs_{segment} s
                ORDER BY s.signs <~> (SELECT binary_quantize({question})::bit({dimensions})) LIMIT {compared}) likely
            CROSS JOIN LATERAL ({rows} AND {name}.event_id = likely.event_id AND {name}.chunk = likely.chunk LIMIT 1) {name}) {name}"
        )
    }

    fn compared(&self, most: usize) -> usize {
        let twice = most.saturating_mul(2).min(MOST_TWICE);
        self.compared.max(twice).max(most)
    }
}

/// Each of several segments holds some of the nearest. So of all together as many are compared as of one that was as long; and of each at
/// least half of what it would take alone, because what is alike may be of one time, and so in one segment.
pub(super) fn share<'a>(tables: impl Iterator<Item = &'a mut Signs>) {
    let mut tables: Vec<_> = tables.collect();
    let rows = tables.iter().map(|table| table.rows);
    let rows = rows.fold(0, i64::saturating_add);
    let all = likely(rows) as u128;
    for table in &mut tables {
        let share =
            all * u128::from(table.rows.unsigned_abs()) / u128::from(rows.unsigned_abs()).max(1);
        let share = usize::try_from(share).unwrap_or(usize::MAX);
        table.compared = share.clamp(table.compared / 2, table.compared);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_share_what_one_as_long_would_have_compared_and_each_has_half_of_its_own() {
        for (rows, expected) in [
            (vec![], vec![]),
            (vec![0], vec![0]),
            (vec![2_500], vec![392]),
            (vec![50_000], vec![1_036]),
            (vec![20_000, 20_000], vec![490, 490]),
            (vec![45_000, 45_000, 45_000], vec![504, 504, 504]),
            (vec![45_000, 45_000, 2_500], vec![626, 626, 196]),
            (vec![100_000; 10], vec![658; 10]),
            (vec![-1, i64::MAX, i64::MAX], vec![0, 28_000, 28_000]),
        ] {
            let table = |rows: &i64| Signs::of(1, Some(*rows), 1_536);
            let mut tables: Vec<_> = rows.iter().map(table).collect();
            share(tables.iter_mut());
            let compared: Vec<_> = tables.iter().map(|table| table.compared).collect();
            assert_eq!(compared, expected, "{rows:?}");
        }
    }

    #[test]
    fn twice_as_many_are_compared_as_are_wanted_and_never_fewer() {
        let table = Signs::of(1, None, 1_536);
        for (most, compared) in [
            (0, 644),
            (20, 644),
            (322, 644),
            (323, 646),
            (3_200, 4_000),
            (16_000, 16_000),
            (usize::MAX, usize::MAX),
        ] {
            assert_eq!(table.compared(most), compared, "{most}");
        }
    }
}
