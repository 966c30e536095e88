//! What failed, by kind, with what to do about it.

mod causes;

use maud::{Markup, html};

use super::empty;
use crate::facts::Facts;

/// Something that a person should look at.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// What it is, with how much of it there is.
    pub(super) what: String,
    /// What to do.
    pub(super) remedy: String,
}

pub(super) fn section(problems: &[Problem]) -> Markup {
    html! {
        section class="part wide" aria-labelledby="attention" {
            h2 id="attention" { "What needs a person" }
            @if problems.is_empty() {
                (empty("Nothing. No failure of the last 24 hours waits for anybody."))
            } @else {
                table class="problems" {
                    caption { "Failures by kind, and what to do" }
                    thead { tr { th scope="col" { "What" } th scope="col" { "What to do" } } }
                    tbody {
                        @for one in problems { tr { th scope="row" { (one.what) } td { (words(&one.remedy)) } } }
                    }
                }
            }
        }
    }
}

/// What stands between backticks is to be typed.
fn words(text: &str) -> Markup {
    html! {
        @for (index, piece) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (piece) } } @else { (piece) }
        }
    }
}

/// All of them, the gravest first.
pub(super) fn problems(facts: &Facts) -> Vec<Problem> {
    let groups = [
        causes::counting(facts),
        causes::queues(facts),
        causes::knowledge(facts),
        causes::models(facts),
        causes::transcripts(facts),
        causes::outbound(facts),
    ];
    groups.into_iter().flatten().collect()
}
