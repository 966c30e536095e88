//! Graphs over vectors (HNSW): what they are built over, how they are searched, and whether one stands.
//!
//! A graph knows less of a vector than its row does: each number with half of its bits, or only its sign. What it finds is compared anew.

use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;

use crate::db::connect::failed;
use crate::db::embedding_models::ModelId;
use crate::error::Error;

/// Vectors of more numbers are told apart by their signs.
const MOST_HALVES: u16 = 768;

/// The name of the graph over the articles' vectors of a model.
pub(in crate::db) fn name(model: ModelId) -> String {
    format!("knowledge_vectors_graph_{}", model.0)
}

/// What a graph knows of a vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::db) enum Over {
    /// Each number with half of its bits: it finds nearly the same as the numbers themselves.
    Halves,
    /// Of each number only whether it is above zero. Of many numbers that is enough to know some hundreds that are near, of which the
    /// numbers themselves then tell the nearest. Measured at 20,000 vectors of 1,536 numbers, each four texts one after the other: built
    /// 3.4 times as fast as over halves, an eighth as large, and it finds 99 % of the nearest 20 in the time in which the other finds
    /// 97 %. Of 384 numbers it has to look twice as long to find as much.
    ///
    /// Segments have no graph over signs, but a table of them (`signs.rs`); articles, which change in their places, have one.
    Signs,
}

impl Over {
    /// What a new graph is over, where signs tell vectors apart.
    pub(in crate::db) fn of(dimensions: u16) -> Self {
        if dimensions > MOST_HALVES {
            Self::Signs
        } else {
            Self::Halves
        }
    }

    /// What a graph that stands is over, by the operators that it was built for: it may be older than the rule above.
    fn of_operators(name: &str) -> Self {
        if name.starts_with("bit") {
            Self::Signs
        } else {
            Self::Halves
        }
    }

    /// What follows `USING hnsw`.
    pub(in crate::db) fn definition(self, dimensions: u16) -> String {
        let (known, quality) = (self.known("embedding", dimensions), self.quality());
        let operators = match self {
            Self::Halves => "halfvec_cosine_ops",
            Self::Signs => "bit_hamming_ops",
        };
        format!("(({known}) {operators}) WITH ({quality})")
    }

    /// How carefully a graph is built. At 100,000 vectors of 384 numbers, 128 finds 99.8 % of the nearest 20 where pgvector's own 64 finds
    /// 97 %, and takes no longer to search. Signs are often equally many, so that a vector needs more neighbours, and the search for them
    /// may be shorter: of 20,000 vectors of 1,536 numbers 16 neighbours find 97.6 %, 24 find 99.1 %; 32 take 1.7 times as long to build.
    fn quality(self) -> &'static str {
        match self {
            Self::Halves => "m = 16, ef_construction = 128",
            Self::Signs => "m = 24, ef_construction = 64",
        }
    }

    /// What a vector takes while a graph is built, in bytes: what is known of it, and its neighbours.
    pub(in crate::db) fn memory(self, dimensions: u16) -> i64 {
        let dimensions = i64::from(dimensions);
        match self {
            Self::Halves => 2 * dimensions + 1_000,
            Self::Signs => dimensions / 8 + 1_100,
        }
    }

    /// What is known of a vector. Only the very same expression goes by a graph.
    fn known(self, vector: &str, dimensions: u16) -> String {
        match self {
            Self::Halves => format!("{vector}::halfvec({dimensions})"),
            Self::Signs => format!("binary_quantize({vector})::bit({dimensions})"),
        }
    }

    /// How far two vectors lie from one another, by what is known of them.
    fn distance(self, [one, other]: [&str; 2], dimensions: u16) -> String {
        let operator = match self {
            Self::Halves => "<=>",
            Self::Signs => "<~>",
        };
        let [one, other] = [one, other].map(|vector| self.known(vector, dimensions));
        format!("{one} {operator} {other}")
    }
}

/// How a graph is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::db) struct Walk {
    /// What it is over.
    over: Over,
    /// How carefully at least: the more steps, the more of the nearest it finds.
    pub(super) steps: usize,
    dimensions: u16,
}

impl Walk {
    /// Among so many rows, at least, however few are wanted. Among 100,000 vectors of 384 numbers that lie badly, 64 steps find 94 to 95 %
    /// of the nearest 20, 160 find 98.6 to 99.5 %, and 200 find 99.7 %. In a smaller graph fewer steps find as much, and each of several
    /// holds only some of the nearest: of six over texts by `MiniLM`, of 10,000 rows and of 30,000, these find 99.8 %, a graph in about half
    /// of the time that 200 steps take, by the shortest times on a busy machine. Larger vectors may lie in more directions: of 1,536
    /// numbers, each four texts one after the other, halves of 2,500 rows find 98.2 % with 100 steps, of 20,000 rows 97.4 % with 400, signs
    /// of 2,500 rows 99.6 % with 400, of 20,000 rows 99.5 % with 1,000, and of 45,000 98 %. More steps than that pgvector does not go at once.
    fn new(over: Over, rows: i64, dimensions: u16) -> Self {
        let steps = match (over, rows) {
            (Over::Signs, ..=3_000) => 400,
            (Over::Signs, ..=12_000) => 800,
            (Over::Signs, _) => MOST_STEPS,
            (Over::Halves, ..=12_000) if dimensions <= MOST_HALVES => 64,
            (Over::Halves, ..=40_000) if dimensions <= MOST_HALVES => 100,
            (Over::Halves, ..=3_000) => 100,
            (Over::Halves, ..=12_000) => 200,
            (Over::Halves, _) if dimensions <= MOST_HALVES => 200,
            (Over::Halves, _) => 400,
        };
        Self {
            over,
            steps,
            dimensions,
        }
    }

    /// Those of `rows`, named `name` and with an `embedding`, that lie nearest to `question`, as a table of the same name. What a graph
    /// meets is nearly in order by halves, and by signs is not: of those all that it meets are compared.
    pub(super) fn nearest(&self, rows: &str, name: &str, question: &str, most: usize) -> String {
        let vector = format!("{name}.embedding");
        let distance = self.over.distance([&vector, question], self.dimensions);
        let met = |most: usize| format!("({rows} ORDER BY {distance} LIMIT {most}) {name}");
        match self.over {
            Over::Halves => met(most),
            Over::Signs => {
                let met = met(self.steps.max(most));
                format!(
                    "(SELECT * FROM {met} ORDER BY {vector} <=> {question} LIMIT {most}) {name}"
                )
            }
        }
    }
}

/// Not more, whoever asks: pgvector takes no more.
pub(super) const MOST_STEPS: usize = 1_000;

/// How the graph of these operators is searched, if there is one.
pub(in crate::db) fn walk(operators: Option<&str>, rows: i64, dimensions: u16) -> Option<Walk> {
    let over = operators.map(Over::of_operators);
    over.map(|over| Walk::new(over, rows, dimensions))
}

/// The operators of the graph of this name, if it is whole.
pub(in crate::db) async fn operators(
    client: &impl GenericClient,
    name: &str,
) -> Result<Option<String>, Error> {
    let stands = "SELECT o.opcname::text FROM pg_index i JOIN pg_opclass o ON o.oid = i.indclass[0]
        WHERE i.indexrelid = to_regclass($1) AND i.indisvalid";
    let rows = client.query_typed(stands, &[(&name, Type::TEXT)]).await;
    Ok(rows.map_err(failed)?.first().map(|row| row.get(0)))
}
