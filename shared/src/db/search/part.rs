//! A table of vectors, or a segment of one, and the statements that look through it.

/// Vectors that are looked through together: by their graph, or one by one.
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
    /// Whether there is a graph, which finds the nearest without looking at all.
    pub(super) has_graph: bool,
    /// How carefully the graph is searched at least.
    pub(super) effort: usize,
}

/// How many are looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Depth {
    /// How many of those that pass.
    pub(super) most: usize,
    /// How many a graph is asked for: not all of them pass.
    pub(super) met: usize,
    /// How many numbers a vector has.
    pub(super) dimensions: u16,
}

impl Part {
    /// Its vectors are to be looked at one by one.
    pub(super) fn leave_graph(&mut self) {
        self.has_graph = false;
        self.effort = 0;
    }

    /// The nearest to `$1` of those that pass, with the part's number.
    fn nearest(&self, number: usize, depth: Depth) -> String {
        if self.has_graph {
            self.by_graph(number, depth)
        } else {
            self.one_by_one(number, depth)
        }
    }

    /// A graph is asked for the nearest of all, and the filter looks at those: told to find what passes, it goes far astray where that lies
    /// elsewhere, and calls whatever it meets there the nearest. It knows rounded numbers, so that the cosine is computed anew.
    fn by_graph(&self, number: usize, depth: Depth) -> String {
        let Self {
            table: (table, name),
            standing,
            columns,
            joined,
            condition,
            ..
        } = self;
        let (met, half) = (depth.met, format!("halfvec({})", depth.dimensions));
        format!(
            "SELECT {number}, {name}.doc, 1 - ({name}.embedding <=> $1) FROM (
                SELECT {columns} FROM {table} {name} WHERE {standing} ORDER BY {name}.embedding::{half} <=> $1::{half} LIMIT {met}) {name}
            {joined} WHERE true{condition}"
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

/// The nearest of each of these parts, with the part's number. Each part has its own limit, so that each can go by its own graph: under
/// an order of the whole they would be merged, and what a graph finds is only nearly in order.
pub(super) fn nearest_all(parts: &[(usize, &Part)], depth: Depth) -> String {
    let statements = parts
        .iter()
        .map(|(number, part)| part.nearest(*number, depth));
    let statements: Vec<_> = statements.map(|one| format!("({one})")).collect();
    statements.join(" UNION ALL ")
}
