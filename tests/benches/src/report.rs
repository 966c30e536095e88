//! What a bench found: a table, with each goal met or missed.

use std::fmt;

use crate::figure::{Figure, digits};

/// What a figure of ours was meant to reach.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    /// So many times better than the peer.
    TimesPeer(f64),
    /// At most this much, in the figure's unit.
    AtMost(f64),
    /// At least this share of what the limit allows.
    ShareOfLimit(f64),
}

/// One line of the table. The limit is the same thing without the work.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) ours: Option<Figure>,
    pub(crate) peer: Option<Figure>,
    pub(crate) limit: Option<Figure>,
    pub(crate) goal: Option<Goal>,
}

/// What a bench found.
#[derive(Debug)]
pub(crate) struct Report {
    /// What is measured, and how.
    pub(crate) about: String,
    pub(crate) rows: Vec<Row>,
    /// What a reader should know beside the figures; a sentence each.
    pub(crate) notes: Vec<String>,
}

const HEAD: [&str; 6] = ["", "ours", "peer", "ratio", "limit", "goal"];

impl Row {
    /// A line with its three figures and no goal.
    pub(crate) fn new(
        what: impl Into<String>,
        ours: Option<Figure>,
        peer: Option<Figure>,
        limit: Option<Figure>,
    ) -> Self {
        Self {
            what: what.into(),
            ours,
            peer,
            limit,
            goal: None,
        }
    }

    /// The same line with a goal.
    pub(crate) fn aiming_at(self, goal: Goal) -> Self {
        let goal = Some(goal);
        Self { goal, ..self }
    }

    fn ratio(&self) -> Option<f64> {
        Some(self.ours?.times_better_than(&self.peer?))
    }

    fn share_of_limit(&self) -> Option<f64> {
        Some(self.ours?.times_better_than(&self.limit?))
    }

    fn verdict(&self) -> Option<String> {
        let (goal, is_met) = match self.goal? {
            Goal::TimesPeer(times) => (
                format!("at least {times} ×"),
                self.ratio().is_some_and(|ratio| ratio >= times),
            ),
            Goal::AtMost(most) => (
                format!("at most {most}"),
                self.ours.is_some_and(|ours| ours.value <= most),
            ),
            Goal::ShareOfLimit(least) => {
                let share = self.share_of_limit().unwrap_or_default();
                (
                    format!("at least {least} of the limit, is {}", digits(share)),
                    share >= least,
                )
            }
        };
        Some(format!("{goal}: {}", if is_met { "met" } else { "MISSED" }))
    }

    fn cells(&self) -> [String; 6] {
        let text = |figure: Option<Figure>| figure.map(|figure| figure.to_string());
        let ratio = self.ratio().map(|ratio| format!("{} ×", digits(ratio)));
        [
            self.what.clone(),
            text(self.ours).unwrap_or_default(),
            text(self.peer).unwrap_or_default(),
            ratio.unwrap_or_default(),
            text(self.limit).unwrap_or_default(),
            self.verdict().unwrap_or_default(),
        ]
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.about)?;
        let mut lines = vec![HEAD.map(str::to_owned)];
        lines.extend(self.rows.iter().map(Row::cells));
        let widths: [usize; 6] = std::array::from_fn(|column| {
            let cells = lines.iter().map(|line| line[column].chars().count());
            cells.max().unwrap_or(0).max(3)
        });
        lines.insert(1, widths.map(|width| "-".repeat(width)));
        for line in &lines {
            let cells = line.iter().zip(widths);
            let cells = cells.map(|(cell, width)| format!("{cell:width$}"));
            writeln!(f, "| {} |", cells.collect::<Vec<_>>().join(" | "))?;
        }
        if !self.notes.is_empty() {
            writeln!(f)?;
        }
        self.notes
            .iter()
            .try_for_each(|note| writeln!(f, "- {note}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_share_of_the_limit_is_told_with_its_verdict() {
        let rate = |rate| Some(Figure::per_second(rate));
        let row = Row::new("store", rate(80.0), None, rate(100.0));
        for (share, verdict) in [(0.8, "met"), (0.81, "MISSED")] {
            let wanted = format!("at least {share} of the limit, is 0.80: {verdict}");
            let row = Row {
                goal: Some(Goal::ShareOfLimit(share)),
                what: String::new(),
                ..row
            };
            assert_eq!(row.verdict().unwrap(), wanted);
        }
    }

    #[test]
    fn a_goal_is_met_or_missed_in_plain_words() {
        let time = |ms| Some(Figure::time(Duration::from_millis(ms)));
        let row = |goal| Row::new("start", time(10), time(150), None).aiming_at(goal);
        for (goal, verdict) in [
            (Goal::TimesPeer(15.0), "at least 15 ×: met"),
            (Goal::TimesPeer(16.0), "at least 16 ×: MISSED"),
            (Goal::AtMost(10.0), "at most 10: met"),
            (Goal::AtMost(9.0), "at most 9: MISSED"),
        ] {
            assert_eq!(row(goal).verdict().unwrap(), verdict);
        }
    }
}
