//! A table of vectors, or a segment of one, and the statements that look through it.

/// Vectors that are looked through together: by their graph, or one by one.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// The tables, joined.
    pub(super) rows: String,
    /// Which of the rows.
    pub(super) condition: String,
    /// Where the number of a chunk stands.
    pub(super) doc: &'static str,
    /// Where its vector stands.
    pub(super) vector: &'static str,
    /// Whether there is a graph, which finds the nearest without looking at all.
    pub(super) has_graph: bool,
}

impl Part {
    /// Its vectors are to be looked at one by one.
    pub(super) fn leave_graph(&mut self) {
        self.has_graph = false;
    }

    /// How many rows pass, `most` at the most.
    fn count(&self, number: i32, most: i64) -> String {
        let Self {
            rows, condition, ..
        } = self;
        format!(
            "SELECT {number}, (SELECT count(*) FROM (SELECT FROM {rows} WHERE {condition} LIMIT {most}) counted)"
        )
    }

    /// The nearest to `$1`, up to `$2`. What the graph knows is rounded, so that the cosine is computed anew.
    fn nearest(&self, number: i32, dimensions: u16) -> String {
        let Self {
            rows,
            condition,
            doc,
            vector,
            has_graph,
        } = self;
        let order = if *has_graph {
            let half = format!("halfvec({dimensions})");
            format!("{vector}::{half} <=> $1::{half}")
        } else {
            // Of those that lie equally near always the same ones are taken.
            format!("{vector} <=> $1, {doc}")
        };
        format!(
            "SELECT {number}, doc, 1 - (embedding <=> $1) FROM (
                SELECT {doc} AS doc, {vector} AS embedding FROM {rows} WHERE {condition} ORDER BY {order} LIMIT $2) near"
        )
    }
}

/// How many rows of each of these parts pass, `most` at the most.
pub(super) fn count_all(parts: &[(i32, &Part)], most: i64) -> String {
    union(parts, |(number, part)| part.count(*number, most))
}

/// The nearest of each of these parts, with the part's number.
pub(super) fn nearest_all(parts: &[(i32, &Part)], dimensions: u16) -> String {
    union(parts, |(number, part)| part.nearest(*number, dimensions))
}

/// Each part has its own limit, so that each can go by its own graph: under an order of the whole they would be merged, and what a
/// graph finds is only nearly in order.
fn union(parts: &[(i32, &Part)], statement: impl Fn(&(i32, &Part)) -> String) -> String {
    let statements: Vec<_> = parts
        .iter()
        .map(|part| format!("({})", statement(part)))
        .collect();
    statements.join(" UNION ALL ")
}
