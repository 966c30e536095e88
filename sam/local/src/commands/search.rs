//! `cargo local search`: a question, its answers, and how each score came about.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::api::Api;
use super::print;
use crate::cli::Search;
use crate::console::{Ink, paint};
use crate::failure::Failure;
use crate::workspace::Workspace;

/// How much of a text is shown.
const SHOWN: usize = 160;

pub(super) async fn run(workspace: &Workspace, flags: &Search) -> Result<ExitCode, Failure> {
    let (place, scope) = if flags.conversations {
        ("conversations", "conversations:read")
    } else {
        ("knowledge", "search:read")
    };
    let api = Api::choose(workspace, &flags.api, scope)?;
    let path = format!("/search/{place}");
    let answer: Value = api.post("search", &path, &body(flags)).await?;
    if flags.json {
        print(&answer)?;
    } else {
        for line in lines(&answer) {
            say!("{line}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn body(flags: &Search) -> Value {
    let mut body = json!({
        "query": flags.question,
        "limit": flags.limit,
        "explain": flags.explain,
    });
    if let Some(language) = &flags.language {
        body["language"] = json!(language);
    }
    body
}

fn lines(answer: &Value) -> Vec<String> {
    let results = answer["results"].as_array().into_iter().flatten();
    let mut lines = vec![head(answer)];
    for (place, one) in (1..).zip(results) {
        lines.push(String::new());
        lines.push(title(place, one));
        lines.push(format!("   {}", shown(word(&one["text"]))));
        if one["explain"].is_object() {
            lines.extend(explain(&one["explain"]));
        }
    }
    lines
}

fn head(answer: &Value) -> String {
    let results = answer["results"].as_array().map_or(0, Vec::len);
    let model = answer["model"]["name"].as_str().unwrap_or("no model");
    let mut head = format!("{results} results, vectors of {model}");
    if answer["vector_unavailable"] == true {
        head += "; the model could not be asked, so words were searched alone";
    }
    let languages = answer["languages_used"].as_array().into_iter().flatten();
    let languages: Vec<_> = languages.map(word).collect();
    if !languages.is_empty() {
        head += "; in ";
        head += &languages.join(", ");
    }
    head
}

fn title(place: usize, one: &Value) -> String {
    let name = ["article_id", "conversation_id"].map(|field| one[field].as_str());
    let name = name.into_iter().flatten().next().unwrap_or("?");
    let what = ["title", "occurred_at"].map(|field| one[field].as_str());
    let what = what.into_iter().flatten().next().unwrap_or_default();
    let score = format!("{:.3}", number(&one["score"]));
    let score = paint(Ink::Bold, &score);
    format!(
        "{place}. {score}  {name}  {}  ({})",
        shown(what),
        word(&one["language"])
    )
}

/// A table of both legs, and the words that were found.
fn explain(explain: &Value) -> Vec<String> {
    let mut lines = vec![format!(
        "   {:<8} {:>8} {:>9} {:>8} {:>8} {:>5}",
        "", "raw", "0 to 1", "weight", "adds", "rank"
    )];
    for (name, leg) in [
        ("vectors", &explain["vector"]),
        ("words", &explain["lexical"]),
    ] {
        let raw = leg["raw"].as_f64();
        let raw = raw.map_or("–".to_owned(), |raw| format!("{raw:.3}"));
        let rank = leg["rank"].as_u64();
        let rank = rank.map_or("–".to_owned(), |rank| rank.to_string());
        let [normalised, weight, adds] =
            ["normalised", "weight", "contribution"].map(|field| number(&leg[field]));
        lines.push(format!(
            "   {name:<8} {raw:>8} {normalised:>9.3} {weight:>8.2} {adds:>8.3} {rank:>5}"
        ));
    }
    let found_by = explain["found_by"].as_array().into_iter().flatten();
    let found_by: Vec<_> = found_by.map(word).collect();
    lines.push(format!(
        "   fused by {}, found by {}",
        word(&explain["fusion"]),
        found_by.join(" and ")
    ));
    let terms = explain["lexical"]["terms"].as_array().into_iter().flatten();
    lines.extend(terms.map(term));
    lines
}

fn term(term: &Value) -> String {
    format!(
        "   “{}” adds {:.3} to the words: {} times here, in {} texts, weight {:.3}",
        word(&term["term"]),
        number(&term["score"]),
        term["tf"],
        term["df"],
        number(&term["idf"])
    )
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The beginning of a text in one line, without what a terminal would obey.
fn shown(text: &str) -> String {
    let plain = text
        .chars()
        .map(|one| if one.is_control() { ' ' } else { one });
    let mut shown: String = plain.take(SHOWN).collect();
    if text.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_score_is_explained() {
        let answer = json!({
            "results": [{
                "score": 0.75, "article_id": "a-1", "title": "Routers", "language": "en", "text": "Reset\nthe router.",
                "explain": {
                    "fusion": "weighted", "found_by": ["vector"],
                    "vector": { "raw": 0.5, "normalised": 0.75, "rank": 1, "weight": 0.6, "contribution": 0.45 },
                    "lexical": { "raw": 3.25, "normalised": 0.75, "rank": null, "weight": 0.4, "contribution": 0.3,
                        "terms": [{ "term": "rout", "tf": 2, "df": 5, "idf": 1.5, "score": 3.25 }] },
                },
            }],
            "model": { "name": "minilm" }, "vector_unavailable": false, "languages_used": ["en"],
        });
        assert_eq!(
            lines(&answer),
            [
                "1 results, vectors of minilm; in en",
                "",
                "1. 0.750  a-1  Routers  (en)",
                "   Reset the router.",
                "                 raw    0 to 1   weight     adds  rank",
                "   vectors     0.500     0.750     0.60    0.450     1",
                "   words       3.250     0.750     0.40    0.300     –",
                "   fused by weighted, found by vector",
                "   “rout” adds 3.250 to the words: 2 times here, in 5 texts, weight 1.500",
            ]
        );
    }
}
