//! A table of vectors, or a segment of one, and the statements that look through it.

use super::way::Way;

/// Vectors that are looked through together: some way, or one by one.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// The table, with its name in conditions.
    pub(super) table: (&'static str, &'static str),
    /// Which of its rows are vectors that may be found.
    pub(super) standing: String,
    /// Its columns that a filter may look at, with the number of the chunk as `doc`.
    pub(super) columns: &'static str,
    /// Further tables that a filter looks at, joined to it.
    pub(super) joined: &'static str,
    /// Which rows pass: nothing, or a condition that begins with `AND`.
    pub(super) condition: String,
    /// How the nearest are found without comparing all, if there is a way.
    pub(super) way: Option<Way>,
    /// How many rows it has at most, if that is known.
    pub(super) rows: Option<i64>,
}

/// How many are looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Depth {
    /// How many of those that pass.
    pub(super) most: usize,
    /// How many are asked for where there is a way: not all of them pass.
    pub(super) met: usize,
}

impl Part {
    /// No way is gone where all are asked for anyway: it would find too few, and all would be looked at after it.
    pub(super) fn leave_needless_way(&mut self, depth: Depth) {
        let met = i64::try_from(depth.met).unwrap_or(i64::MAX);
        if self.rows.is_some_and(|rows| rows <= met) {
            self.way = None;
        }
    }

    /// The nearest to `$1` of those that pass, with the part's number.
    fn nearest(&self, number: usize, depth: Depth) -> String {
        match &self.way {
            Some(way) => self.by_way(way, number, depth),
            None => self.one_by_one(number, depth),
        }
    }

    /// The nearest of all are asked for, and the filter looks at those: a graph that is told to find what passes goes far astray where that
    /// lies elsewhere, and calls whatever it meets there the nearest. It knows less than all of the numbers, so that the cosine is computed anew.
    fn by_way(&self, way: &Way, number: usize, depth: Depth) -> String {
        let Self {
            table: (table, name),
            standing,
            columns,
            joined,
            condition,
            ..
        } = self;
        let rows = format!("SELECT {columns} FROM {table} {name} WHERE {standing}");
        let near = way.nearest(&rows, name, "$1", depth.met);
        // A graph's own order is nearly that of the cosines, and no more come than it was asked for.
        let order = match way {
            Way::Graph(_) => String::new(),
            Way::Signs(_) => format!("ORDER BY cosine DESC, {name}.doc LIMIT {}", depth.most),
        };
        format!(
            "SELECT {number}, {name}.doc, 1 - ({name}.embedding <=> $1) AS cosine FROM {near}
            {joined} WHERE true{condition} {order}"
        )
    }

    /// Of those that lie equally near always the same ones are taken.
    fn one_by_one(&self, number: usize, depth: Depth) -> String {
        let Self {
            table: (table, name),
            standing,
            columns,
            joined,
            condition,
            ..
        } = self;
        let most = depth.most;
        format!(
            "SELECT {number}, near.doc, 1 - near.distance FROM (
                SELECT {name}.doc, {name}.embedding <=> $1 AS distance FROM (
                    SELECT {columns} FROM {table} {name} WHERE {standing}) {name}
                {joined} WHERE true{condition} ORDER BY distance, {name}.doc LIMIT {most}) near"
        )
    }
}

/// The nearest of each of these parts, with the part's number. Each part has its own limit, so that each can go its own way: under
/// an order of the whole they would be merged, and what a graph finds is only nearly in order.
pub(super) fn nearest_all(parts: &[(usize, &Part)], depth: Depth) -> String {
    let statements = parts
        .iter()
        .map(|(number, part)| part.nearest(*number, depth));
    let statements: Vec<_> = statements.map(|one| format!("({one})")).collect();
    statements.join(" UNION ALL ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::search::signs::Signs;

    #[test]
    fn what_has_no_more_rows_than_are_asked_for_is_looked_at_row_by_row_at_once() {
        for (rows, goes_its_way) in [
            (Some(0), false),
            (Some(99), false),
            (Some(100), false),
            (Some(101), true),
            (None, true),
        ] {
            let mut part = Part {
                table: ("conversation_embeddings", "e"),
                standing: String::new(),
                columns: "",
                joined: "",
                condition: String::new(),
                way: Some(Way::Signs(Signs::of(1, rows, 1_536))),
                rows,
            };
            part.leave_needless_way(Depth { most: 20, met: 100 });
            assert_eq!(part.way.is_some(), goes_its_way, "{rows:?}");
        }
    }
}
