//! `cargo local reembed` and `cargo local replay`: stored events are made into vectors again, until none is left.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::lambda::Lambda;
use super::print;
use crate::cli::{Reembed, Replay};
use crate::console::{Bar, Ink, paint, tell};
use crate::failure::Failure;
use crate::workspace::Workspace;

const EMBEDDER: &str = "conversation-embedder";
/// So often it may come no further before a person has to look.
const PATIENCE: u32 = 3;

pub(super) async fn run(workspace: &Workspace, flags: &Reembed) -> Result<ExitCode, Failure> {
    if flags.json {
        crate::console::leave_stdout_to_machines();
    }
    let lambda = Lambda::open(workspace, &flags.account).await?;
    let mut report = fill(&lambda).await?;
    if let Some(model) = &flags.switch {
        let mut task = json!({ "task": "switch_model", "model": model });
        if sum(&report, "left").is_none() {
            // It was finished just now. What could not be counted then cannot be counted again.
            task["reembedded"] = json!(true);
        }
        let switched = lambda.invoke(EMBEDDER, &task).await?;
        tell(format_args!("Queries use {model} now."));
        if switched["lacking"] != 0 {
            // Stored while it was switched, without the model: no search finds it until it has.
            report = fill(&lambda).await?;
        }
        report["active"] = switched["active"].clone();
    }
    finish(flags.json, &report)
}

pub(super) async fn replay(workspace: &Workspace, flags: &Replay) -> Result<ExitCode, Failure> {
    if flags.json {
        crate::console::leave_stdout_to_machines();
    }
    let lambda = Lambda::open(workspace, &flags.account).await?;
    let mut task = json!({ "task": "replay" });
    if let Some(conversation) = &flags.conversation {
        task["conversation_id"] = json!(conversation);
    }
    for (name, time) in [("from", flags.from), ("to", flags.to)] {
        if let Some(time) = time {
            task[name] = json!(time);
        }
    }
    let mut events = 0;
    loop {
        let replayed = lambda.invoke_again(EMBEDDER, &task).await?;
        events += replayed["events"].as_u64().unwrap_or_default();
        if replayed["after"].is_null() {
            break;
        }
        task["after"] = replayed["after"].clone();
    }
    tell(format_args!("{events} events are made anew."));
    let mut report = fill(&lambda).await?;
    report["events"] = json!(events);
    finish(flags.json, &report)
}

fn finish(json: bool, report: &Value) -> Result<ExitCode, Failure> {
    if json {
        print(report)?;
    } else {
        for line in lines(report) {
            say!("  {line}");
        }
        say!("{} nothing is left", paint(Ink::Green, "✔"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Invokes the task until it is finished; each invocation goes on where the last one stopped.
async fn fill(lambda: &Lambda) -> Result<Value, Failure> {
    let mut bar = Bar::begin("events");
    let mut way = Way::default();
    let mut task = json!({ "task": "reembed" });
    loop {
        let report = lambda.invoke_again(EMBEDDER, &task).await?;
        let left = sum(&report, "left");
        if let (Some(done), Some(left)) = (sum(&report, "done"), left) {
            bar.show(done, done + left);
        }
        if report["finished"] == true {
            return Ok(report);
        }
        if way.leads_nowhere(left, &report["after"]) {
            drop(bar);
            let left = left.map_or_else(|| "some".to_owned(), |left| left.to_string());
            let what = format!("{left} events are left, and it comes no further");
            let advice = "the log of conversation-embedder says why; what is done stays done, run the same command again";
            return Err(Failure::new(what, advice));
        }
        task = json!({ "task": "reembed" });
        if !report["after"].is_null() {
            task["after"] = report["after"].clone();
        }
    }
}

/// How far it came, run by run.
#[derive(Default)]
struct Way {
    /// The fewest events that were left.
    least: Option<u64>,
    /// Where the last run stopped.
    place: Value,
    /// Passes through all events after which no fewer were left.
    idle: u32,
    /// Runs in a row that came no further than the one before.
    stuck: u32,
}

impl Way {
    /// Whether a person has to look. Within a pass each run may stop further on; after a pass fewer events must be left.
    fn leads_nowhere(&mut self, left: Option<u64>, place: &Value) -> bool {
        let is_less = left.is_some_and(|left| self.least.is_none_or(|least| left < least));
        if is_less {
            (self.least, self.idle, self.stuck) = (left, 0, 0);
        } else if place.is_null() {
            self.idle += 1;
        } else if *place == self.place {
            self.stuck += 1;
        } else {
            self.stuck = 0;
        }
        self.place = place.clone();
        self.idle >= PATIENCE || self.stuck >= PATIENCE
    }
}

/// Over all models; nothing if it was not counted of one.
fn sum(report: &Value, field: &str) -> Option<u64> {
    let models = report["models"].as_array().into_iter().flatten();
    models.map(|model| model[field].as_u64()).sum()
}

/// A line for each model.
fn lines(report: &Value) -> Vec<String> {
    let models = report["models"].as_array().into_iter().flatten();
    let line = |model: &Value| {
        let done = model["done"].as_u64();
        format!(
            "{} {} {}: {} events",
            model["provider"].as_str().unwrap_or_default(),
            model["name"].as_str().unwrap_or_default(),
            model["dimensions"],
            done.map_or_else(|| "all".to_owned(), |done| done.to_string())
        )
    };
    models.map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_models_are_told_and_summed() {
        let report = json!({ "models": [
            { "provider": "openai", "name": "small", "dimensions": 1_536, "done": 3, "left": 1 },
            { "provider": "local", "name": "minilm", "dimensions": 384, "done": 2, "left": 2 },
        ] });
        let [done, left, failed] = ["done", "left", "failed"].map(|field| sum(&report, field));
        assert_eq!((done, left, failed), (Some(5), Some(3), None));
        assert_eq!(
            lines(&report),
            ["openai small 1536: 3 events", "local minilm 384: 2 events"]
        );
    }

    #[test]
    fn a_way_that_leads_nowhere_is_left_and_one_that_leads_on_is_not() {
        let at = |event: u64| json!({ "model": 1, "event": event, "failed": 0 });
        let none = Value::Null;
        for (runs, nowhere) in [
            (vec![(Some(9), none.clone()); 3], false),
            (vec![(Some(9), none.clone()); 4], true),
            (vec![(Some(9), at(1)); 5], true),
            (vec![(None, none.clone()); 3], true),
            ((0..99).map(|run| (Some(9), at(run))).collect(), false),
            ((0..99).map(|run| (None, at(run))).collect(), false),
            (
                (0..99).map(|run| (Some(99 - run), none.clone())).collect(),
                false,
            ),
            // Now and then the model is away for a run or two.
            (
                (0..99).map(|run: u64| (None, at(run - run % 3))).collect(),
                false,
            ),
            // From one end to the other again and again, and nothing comes of it.
            (
                (0..99)
                    .map(|run| {
                        (
                            None,
                            if run % 5 == 4 {
                                none.clone()
                            } else {
                                at(run % 5)
                            },
                        )
                    })
                    .collect(),
                true,
            ),
        ] {
            let mut way = Way::default();
            let found = runs
                .iter()
                .any(|(left, place)| way.leads_nowhere(*left, place));
            assert_eq!(found, nowhere, "{runs:?}");
        }
    }
}
