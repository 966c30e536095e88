//! What a check came to: what was found, and where something is wrong, what that means and what to do next.

use serde::Serialize;

use crate::console::{Ink, paint};

/// What a check came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) verdict: Verdict,
    /// What was found.
    pub(super) what: String,
    /// What follows from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) means: Option<String>,
    /// What to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    Ok,
    /// It works, and somebody should know.
    Warn,
    /// Something does not work.
    Fail,
}

/// A finding, and what was looked at.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Line {
    pub(super) about: &'static str,
    #[serde(flatten)]
    pub(super) finding: Finding,
}

/// It is as it should be.
pub(super) fn fine(what: impl Into<String>) -> Finding {
    Finding {
        verdict: Verdict::Ok,
        what: what.into(),
        means: None,
        next: None,
    }
}

/// It works, and somebody should know.
pub(super) fn warn(what: impl Into<String>, next: impl Into<String>) -> Finding {
    Finding {
        verdict: Verdict::Warn,
        next: Some(next.into()),
        ..fine(what)
    }
}

/// It does not work.
pub(super) fn fail(what: impl Into<String>, next: impl Into<String>) -> Finding {
    Finding {
        verdict: Verdict::Fail,
        ..warn(what, next)
    }
}

impl Finding {
    /// The same, with what follows from it.
    pub(super) fn meaning(mut self, means: impl Into<String>) -> Self {
        self.means = Some(means.into());
        self
    }

    pub(super) fn is_fine(&self) -> bool {
        self.verdict == Verdict::Ok
    }
}

/// All of them, about one thing.
pub(super) fn about(about: &'static str, findings: Vec<Finding>) -> Vec<Line> {
    let line = |finding| Line { about, finding };
    findings.into_iter().map(line).collect()
}

/// What is wrong; where nothing is, this.
pub(super) fn or_fine(found: Vec<Finding>, all_is_well: impl Into<String>) -> Vec<Finding> {
    if found.is_empty() {
        vec![fine(all_is_well)]
    } else {
        found
    }
}

/// Prints a finding for people.
pub(super) fn show(line: &Line) {
    let Line { about, finding } = line;
    let mark = match finding.verdict {
        Verdict::Ok => paint(Ink::Green, "ok  "),
        Verdict::Warn => paint(Ink::Yellow, "warn"),
        Verdict::Fail => paint(Ink::Red, "fail"),
    };
    say!("{mark}  {about:<10}  {}", finding.what);
    if let Some(means) = &finding.means {
        say!("                  means: {means}");
    }
    if let Some(next) = &finding.next {
        say!("                  do:    {next}");
    }
}
