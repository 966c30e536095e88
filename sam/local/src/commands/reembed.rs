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
        let task = json!({ "task": "switch_model", "model": model });
        let switched = lambda.invoke(EMBEDDER, &task).await?;
        report["active"] = switched["active"].clone();
        tell(format_args!("Queries use {model} now."));
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
    let replayed = lambda.invoke(EMBEDDER, &task).await?;
    tell(format_args!("{} events are made anew.", replayed["events"]));
    let mut report = fill(&lambda).await?;
    report["events"] = replayed["events"].clone();
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
    let (mut before, mut idle) = (u64::MAX, 0);
    loop {
        let report = lambda
            .invoke(EMBEDDER, &json!({ "task": "reembed" }))
            .await?;
        let [done, left] = ["done", "left"].map(|field| sum(&report, field));
        bar.show(done, done + left);
        if report["finished"] == true {
            return Ok(report);
        }
        idle = if left < before { 0 } else { idle + 1 };
        before = left;
        if idle >= PATIENCE {
            drop(bar);
            let what = format!("{left} events are left, and it comes no further");
            let advice = "the log of conversation-embedder says why; what is done stays done, run the same command again";
            return Err(Failure::new(what, advice));
        }
    }
}

fn sum(report: &Value, field: &str) -> u64 {
    let models = report["models"].as_array().into_iter().flatten();
    models.filter_map(|model| model[field].as_u64()).sum()
}

/// A line for each model.
fn lines(report: &Value) -> Vec<String> {
    let models = report["models"].as_array().into_iter().flatten();
    let line = |model: &Value| {
        format!(
            "{} {} {}: {} events",
            model["provider"].as_str().unwrap_or_default(),
            model["name"].as_str().unwrap_or_default(),
            model["dimensions"],
            model["done"]
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
        assert_eq!((sum(&report, "done"), sum(&report, "left")), (5, 3));
        assert_eq!(
            lines(&report),
            ["openai small 1536: 3 events", "local minilm 384: 2 events"]
        );
    }
}
