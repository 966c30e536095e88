//! A failure as a person in a browser reads it: what it is, and what to do. Programs read problem+json. Pure.

use maud::{Markup, html};
use shared::http::Response;

use crate::page::{document, policy};

/// Whether whoever asks reads pages: it names `text/html`, as browsers do, and likes JSON less.
pub(crate) fn wants_page(accept: &str) -> bool {
    let json = ["application/json", "application/problem+json"];
    let json = json.iter().filter_map(|kind| weight(accept, kind));
    let json = json.fold(0.0, f32::max);
    weight(accept, "text/html").is_some_and(|html| html > json)
}

/// How much a kind is liked that is named; one that is not named has no weight.
fn weight(accept: &str, kind: &str) -> Option<f32> {
    let mut ranges = accept
        .split(',')
        .map(|range| range.split(';').map(str::trim));
    let named = ranges.find_map(|mut range| {
        let is_named = range.next()?.eq_ignore_ascii_case(kind);
        is_named.then_some(range)
    });
    let mut written = named?.filter_map(|parameter| parameter.strip_prefix("q="));
    Some(
        written
            .next()
            .map_or(1.0, |weight| weight.parse().unwrap_or(0.0)),
    )
}

/// The same refusal as a page. It repeats nothing of the request but its id, under which the logs know more.
pub(crate) fn refusal(problem: Response) -> Response {
    let id = problem.headers.get("x-correlation-id");
    let (title, advice) = words(problem.status_code);
    let body = html! {
        main {
            h1 { (title) }
            (advice)
            @if let Some(id) = id { p class="note" { "In the logs this is " code { (id) } "." } }
        }
    };
    let page = document(&format!("CXone Memory: {title}"), &body);
    problem.into_page(page, policy())
}

/// What it is, and what to do.
fn words(status: u16) -> (&'static str, Markup) {
    match status {
        400 | 401 => ("This link does not open the console", new_link()),
        403 => (
            "This key does not open the console",
            html! { p { "It lacks the scope " code { "ops:read" } ". Ask whoever gave it to you, or open the page by a link, without a key." } },
        ),
        404 | 405 => (
            "There is nothing here",
            html! { p { "The console is at " code { "/console" } "." } },
        ),
        503 => (
            "The console cannot be shown for now",
            html! { p { "Load the page again in half a minute. If it stays so, tell whoever runs this: the database or the keys cannot be reached." } },
        ),
        _ => (
            "The console cannot be shown",
            html! { p { "Tell whoever runs this." } },
        ),
    }
}

fn new_link() -> Markup {
    html! {
        p { "It has ended, because links live for an hour at most, or it was not copied whole." }
        p { "Make a new one, and open it in this browser:" }
        ul {
            li { "on your own machine: " code { "cargo local console" } }
            li { "for a deployment: " code { "cargo local console --aws --secret-id ARN --url ADDRESS" } ", both from the outputs of its stack" }
        }
        p { "If you cannot do that, ask whoever sent you the link for another." }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_get_pages_and_programs_do_not() {
        let firefox = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        for (accept, wants) in [
            (firefox, true),
            ("TEXT/HTML", true),
            ("text/html; charset=utf-8 ;q=0.5, */*", true),
            ("application/json;q=0.1, text/html;q=0.2", true),
            ("", false),
            ("*/*", false),
            ("text/*", false),
            ("text/plain, text/html2", false),
            ("application/json", false),
            ("application/json, text/html", false),
            ("application/problem+json, text/html;q=0.9", false),
            ("text/html;q=0", false),
            ("text/html;q=much", false),
        ] {
            assert_eq!(wants_page(accept), wants, "{accept}");
        }
    }

    #[test]
    fn every_status_has_its_words() {
        for status in [400, 401, 403, 404, 405, 500, 503] {
            let (title, advice) = words(status);
            assert!(
                !title.is_empty() && advice.into_string().contains("<p>"),
                "{status}"
            );
        }
        assert!(words(401).1.into_string().contains("cargo local console"));
    }
}
