//! How the nearest of many vectors are found without comparing all of them.

use super::graph::Walk;
use super::signs::Signs;

/// How the nearest of a segment, or of all articles, are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::db) enum Way {
    /// A graph is walked.
    Graph(Walk),
    /// A table of signs is read.
    Signs(Signs),
}

impl Way {
    /// How carefully a graph is walked at least.
    pub(in crate::db) fn steps(&self) -> Option<usize> {
        match self {
            Self::Graph(walk) => Some(walk.steps),
            Self::Signs(_) => None,
        }
    }

    /// Those of `rows`, a statement that ends with its conditions, named `name` and with an `embedding`, among which those are that lie nearest to
    /// `question`, as a table of the same name. There may be more than `most`.
    pub(in crate::db) fn nearest(
        &self,
        rows: &str,
        name: &str,
        question: &str,
        most: usize,
    ) -> String {
        match self {
            Self::Graph(walk) => walk.nearest(rows, name, question, most),
            Self::Signs(signs) => signs.likest(rows, name, question, most),
        }
    }
}
