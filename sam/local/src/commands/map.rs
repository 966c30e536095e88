//! `cargo local map --try`: what would come out of a payload: its text, its tags, its pieces. The same code as in
//! `conversation-embedder` reads it; nothing is stored, and nobody is asked.

mod draft;
mod model;

use std::path::Path;
use std::process::ExitCode;

use shared::config::Env;
use shared::error::Error;
use shared::text::intent::Intents;
use shared::text::pii::Policy;
use shared::text::schema_map::SchemaMaps;

use self::draft::{Draft, Outcome};
use super::print;
use crate::cli::Map;
use crate::console::{Ink, paint, table};
use crate::failure::{Failure, OrFail as _};
use crate::workspace::Workspace;

/// The settings of the embedder that decide.
struct Rules {
    maps: SchemaMaps,
    intents: Intents,
    policy: Policy,
    tokens: usize,
    overlap: usize,
}

pub(super) async fn run(workspace: &Workspace, flags: &Map) -> Result<ExitCode, Failure> {
    let env = Env::from_process();
    let rules = Rules::read(&env, flags.map.as_deref())?;
    let text = read(&flags.payload)?;
    let model = model::load(workspace, &env)?;
    let draft = Draft::of(&rules, &model, &text).map_err(|error| refused(&error))?;
    let whole = draft.reading.text();
    let intent = model::intent(&model, &rules.intents, &whole, &draft.chunks).await?;
    let outcome = draft.finish(&rules, &model, whole, &intent);
    if flags.json {
        print(&outcome)?;
    } else {
        show(&outcome);
    }
    Ok(ExitCode::SUCCESS)
}

impl Rules {
    fn read(env: &Env, map: Option<&Path>) -> Result<Self, Failure> {
        let advice = "correct it; docs/settings.md says what each setting may be";
        let mut read_env = env.reader();
        let written: Option<SchemaMaps> = read_env.document("SCHEMA_MAP");
        let maps = match map {
            None => written.unwrap_or_default(),
            Some(path) => read(path)?.parse().map_err(|flaw: String| {
                let advice = "docs/using.md shows a whole map";
                Failure::new(format!("{} {flaw}", path.display()), advice)
            })?,
        };
        let rules = Self {
            maps,
            intents: read_env.document("INTENTS").unwrap_or_default(),
            policy: read_env.or("PII_POLICY", Policy::default()),
            tokens: read_env.or("CHUNK_TOKENS", 400),
            overlap: read_env.or("CHUNK_OVERLAP_TOKENS", 40),
        };
        let rules = read_env.build(|| Some(rules));
        rules.or_fail("the settings cannot be used", advice)
    }
}

/// The webhook would answer 400 with the same words.
fn refused(error: &Error) -> Failure {
    let rules = error.violations().iter();
    let rules = rules.map(|rule| format!("{} {}", rule.pointer, rule.detail));
    let rules: Vec<_> = rules.collect();
    let what = if rules.is_empty() {
        error.chain()
    } else {
        rules.join("; ")
    };
    let advice = "send what docs/connect.md describes; the webhook refuses this";
    Failure::new(format!("the payload cannot be taken: {what}"), advice)
}

fn read(path: &Path) -> Result<String, Failure> {
    let what = format!("cannot read {}", path.display());
    std::fs::read_to_string(path).or_fail(what, "check the path; it must be UTF-8")
}

fn show(outcome: &Outcome) {
    let state = match (outcome.missing.is_empty(), outcome.text.is_empty()) {
        (false, _) => format!("no text: the map requires {}", outcome.missing.join(", ")),
        (true, true) => "no text: the map finds nothing in it".to_owned(),
        (true, false) => format!(
            "{} chunks, as {} counts",
            outcome.chunks.len(),
            outcome.model
        ),
    };
    table(&[
        ("event", outcome.event.to_string()),
        ("conversation", outcome.conversation_id.clone()),
        ("map", outcome.map_version.clone()),
        ("takes the place of earlier events", yes(outcome.supersedes)),
        (
            "policy on personal data",
            outcome.policy.as_str().to_owned(),
        ),
        ("becomes", state),
    ]);
    for (number, piece) in (1..).zip(&outcome.chunks) {
        let title = format!("\nChunk {number}, {} tokens", piece.tokens);
        say!("{}\n{}", paint(Ink::Bold, &title), piece.text);
        say!("{}", paint(Ink::Green, &piece.tags.to_string()));
    }
    if outcome.masked_payload.is_some() {
        say!("\nThe payload is kept without what is personal; --json shows it.");
    }
    if outcome.intent_by == "words" && !outcome.chunks.is_empty() {
        say!(
            "\nThe model was not asked, so that the intent is told by words; the embedder goes by the examples that lie nearest."
        );
    }
}

fn yes(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}
