//! The page around its parts. It runs no script and fetches nothing: all that it needs stands in it.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use crate::facts::Facts;
use crate::sections;
use crate::words::{clock, moment};

const STYLE: &str = include_str!("style.css");

/// Only this style is allowed, by its hash; nothing else is fetched, run, framed or sent.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

/// The Content-Security-Policy of the page.
pub(crate) fn policy() -> String {
    POLICY.clone()
}

/// The whole page.
pub(crate) fn render(facts: &Facts) -> String {
    let body = html! {
        a class="skip" href="#main" { "To the figures" }
        (header(facts))
        main id="main" tabindex="-1" { (sections::all(facts)) }
        footer {
            p { "Times are UTC. Figures of 24 hours begin with the full hour " (moment(facts.first_hour)) ". Nothing on this page names a person." }
        }
    };
    document("CXone Memory: what happened", &body)
}

/// A document in the looks of the page.
pub(crate) fn document(title: &str, body: &Markup) -> String {
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    };
    document.into_string()
}

fn header(facts: &Facts) -> Markup {
    let counted = facts.history.counted_until;
    html! {
        header {
            h1 { "CXone Memory" }
            p {
                "What happened, as of " time datetime=(facts.now) { (moment(facts.now)) } " UTC. "
                @match counted {
                    Some(until) => { "Counted until " (clock(until)) "; load the page again for newer figures." }
                    None => { "Nothing was counted yet: the first count comes within a minute of the deploy." }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
