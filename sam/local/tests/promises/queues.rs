//! Queues: nothing is handed out twice while somebody works on it, and nothing that fails is lost.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::stacks::{Complaints, Stacks, events, functions, number, of_type, target};

pub const QUEUE: &str = "AWS::SQS::Queue";

/// The queues that others put their failures into.
pub fn dead_letters(stack: &Value) -> BTreeSet<&str> {
    let targets = of_type(stack, QUEUE).filter_map(|(_, queue)| {
        target(&queue["Properties"]["RedrivePolicy"]["deadLetterTargetArn"])
    });
    targets.collect()
}

/// AWS's own advice: six times what the function may take, and the window in which a batch is gathered.
pub fn visibility(stacks: &Stacks) -> Complaints {
    let stack = &stacks.application;
    let mut complaints = Vec::new();
    for (name, function) in functions(stack) {
        let timeout = number(stack, &function["Properties"]["Timeout"], &[]).unwrap();
        for event in events(function, "SQS") {
            let queue = target(&event["Queue"]).unwrap();
            let window = number(stack, &event["MaximumBatchingWindowInSeconds"], &[]).unwrap_or(0);
            let visibility = &stack["Resources"][queue]["Properties"]["VisibilityTimeout"];
            let visibility = number(stack, visibility, &[]).unwrap_or(30);
            if visibility < 6 * timeout + window {
                complaints.push(format!(
                    "{queue} hides a message for {visibility} s; {name} wants 6 x {timeout} + {window}"
                ));
            }
        }
    }
    complaints
}

/// A message keeps its age when it moves, so that its new queue must keep it for longer.
pub fn failures_are_kept(stacks: &Stacks) -> Complaints {
    let stack = &stacks.application;
    let keeps = |queue: &Value| {
        number(stack, &queue["Properties"]["MessageRetentionPeriod"], &[]).unwrap_or(345_600)
    };
    let dead = dead_letters(stack);
    let mut complaints = Vec::new();
    for (name, queue) in of_type(stack, QUEUE).filter(|(name, _)| !dead.contains(name)) {
        let target = target(&queue["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]);
        match target.map(|target| &stack["Resources"][target]) {
            Some(other) if other["Type"] == QUEUE && keeps(other) > keeps(queue) => {}
            Some(_) => complaints.push(format!(
                "{name} does not keep failures for longer than messages"
            )),
            None => complaints.push(format!("{name} has no dead-letter queue")),
        }
    }
    complaints
}
