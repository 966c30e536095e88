//! What came out, for people and for machines.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::metrics::Scores;
use crate::systems::System;

/// How good every way to rank is.
#[derive(Debug, Serialize)]
pub struct Report {
    /// How many articles were searched.
    pub articles: usize,
    /// How many pieces they have.
    pub passages: usize,
    /// How many questions were asked.
    pub questions: usize,
    /// How many of them are not in the numbers, because nothing was judged relevant for them.
    pub without_answer: usize,
    /// How long a search took on average, whichever way, without the model.
    pub milliseconds_per_search: f64,
    /// The means over the questions.
    pub systems: BTreeMap<System, Scores>,
}

impl Report {
    /// The scores of one way to rank.
    pub fn scores(&self, system: System) -> Scores {
        self.systems.get(&system).copied().unwrap_or_default()
    }
}

/// The mean of a time that was spent on so many searches, in milliseconds.
pub(crate) fn milliseconds_each(time: Duration, searches: usize) -> f64 {
    let searches = u32::try_from(searches.max(1)).unwrap_or(u32::MAX);
    (time / searches).as_secs_f64() * 1_000.0
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            articles,
            passages,
            questions,
            without_answer,
            ..
        } = self;
        write!(
            f,
            "{articles} articles in {passages} passages, {questions} questions"
        )?;
        if *without_answer > 0 {
            write!(
                f,
                ", {without_answer} of them without a relevant article and left out"
            )?;
        }
        writeln!(f, ", {:.1} ms a search\n", self.milliseconds_per_search)?;
        writeln!(
            f,
            "{:<10} {:>8} {:>10} {:>8}",
            "", "nDCG@10", "recall@20", "MRR"
        )?;
        self.systems.iter().try_for_each(|(system, scores)| {
            let Scores {
                ndcg,
                recall,
                reciprocal_rank,
            } = scores;
            writeln!(
                f,
                "{:<10} {ndcg:>8.4} {recall:>10.4} {reciprocal_rank:>8.4}",
                system.as_str()
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let scores = Scores {
            ndcg: 0.75,
            recall: 1.0,
            reciprocal_rank: 0.5,
        };
        Report {
            articles: 240,
            passages: 251,
            questions: 80,
            without_answer: 0,
            milliseconds_per_search: milliseconds_each(Duration::from_millis(400), 320),
            systems: BTreeMap::from([(System::Rrf, Scores::default()), (System::Vector, scores)]),
        }
    }

    #[test]
    fn people_read_a_table() {
        let told = report().to_string();
        let lines: Vec<_> = told.lines().collect();
        assert_eq!(
            lines,
            [
                "240 articles in 251 passages, 80 questions, 1.2 ms a search",
                "",
                "            nDCG@10  recall@20      MRR",
                "vector       0.7500     1.0000   0.5000",
                "rrf          0.0000     0.0000   0.0000",
            ]
        );
        let left_out = Report {
            without_answer: 3,
            ..report()
        }
        .to_string();
        assert!(
            left_out.contains("80 questions, 3 of them without"),
            "{left_out}"
        );
    }

    #[test]
    fn machines_read_json() {
        let told = serde_json::to_value(report()).unwrap();
        assert_eq!(told["systems"]["vector"]["ndcg@10"], 0.75);
        assert_eq!(told["systems"]["vector"]["recall@20"], 1.0);
        assert_eq!(told["systems"]["rrf"]["mrr"], 0.0);
        assert_eq!(told["passages"], 251);
    }
}
