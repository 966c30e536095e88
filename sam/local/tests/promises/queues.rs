//! Queues: nothing is handed out twice while somebody works on it, and nothing that fails is lost.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::stacks::{Complaints, Stacks, events, functions, number, of_type, target};
use crate::{app, promise};

pub(crate) const QUEUE: &str = "AWS::SQS::Queue";

/// The queues that others put their failures into.
pub(crate) fn dead_letters(stack: &Value) -> BTreeSet<&str> {
    let targets = of_type(stack, QUEUE).filter_map(|(_, queue)| {
        target(&queue["Properties"]["RedrivePolicy"]["deadLetterTargetArn"])
    });
    targets.collect()
}

/// What failed in this queue holds up its interaction until it comes again, a card that comes late helps nobody, and what comes twice has
/// its effect once: so it comes again as soon as its function must have ended, and no later than this.
const COMES_AGAIN_SOON: (&str, u64) = ("InteractionsQueue", 30);

/// AWS's own advice: six times what the function may take, and the window in which a batch is gathered.
pub(crate) fn visibility(stacks: &Stacks) -> Complaints {
    let stack = &stacks.application;
    let mut complaints = Vec::new();
    for (name, function) in functions(stack) {
        let timeout = number(stack, &function["Properties"]["Timeout"], &[]).unwrap();
        for event in events(function, "SQS") {
            let queue = target(&event["Queue"]).unwrap();
            let window = number(stack, &event["MaximumBatchingWindowInSeconds"], &[]).unwrap_or(0);
            let visibility = &stack["Resources"][queue]["Properties"]["VisibilityTimeout"];
            let visibility = number(stack, visibility, &[]).unwrap_or(30);
            let (times, most) = match COMES_AGAIN_SOON {
                (soon, most) if soon == queue => (1, most),
                _ => (6, u64::MAX),
            };
            if visibility < times * timeout + window {
                complaints.push(format!(
                    "{queue} hides a message for {visibility} s; {name} wants {times} x {timeout} + {window}"
                ));
            }
            if visibility > most {
                complaints.push(format!(
                    "{queue} holds up what follows a failure for {visibility} s"
                ));
            }
        }
    }
    complaints
}

/// A message keeps its age when it moves, so that its new queue must keep it for longer.
pub(crate) fn failures_are_kept(stacks: &Stacks) -> Complaints {
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

/// What was acknowledged waits for a database, and then there is still time to mend what failed. The texts say ten days and fourteen.
pub(crate) fn what_was_acknowledged_waits(stacks: &Stacks) -> Complaints {
    const DAY: u64 = 86_400;
    let stack = &stacks.application;
    let wanted = [
        ("ConversationsQueue", 10 * DAY),
        ("ConversationsDeadLetterQueue", 14 * DAY),
    ];
    let is_short = |(name, least): &(&str, u64)| {
        let queue = &stack["Resources"][name]["Properties"];
        number(stack, &queue["MessageRetentionPeriod"], &[]) != Some(*least)
    };
    let short = wanted.into_iter().filter(is_short);
    short
        .map(|(name, least)| format!("{name} does not keep messages for {} days", least / DAY))
        .collect()
}

#[test]
fn a_message_is_hidden_for_as_long_as_somebody_works_on_it() {
    promise(
        visibility,
        &[
            app(
                "/Resources/SegmentsQueue/Properties/VisibilityTimeout",
                json!(5_399),
                "SegmentsQueue",
            ),
            app(
                "/Resources/ConversationEmbedderFunction/Properties/Timeout",
                json!(70),
                "ConversationsQueue",
            ),
            app(
                "/Resources/ConversationEmbedderFunction/Properties/Events/Conversations/Properties/MaximumBatchingWindowInSeconds",
                json!(61),
                "ConversationsQueue",
            ),
            app(
                "/Resources/AssistCardsFunction/Properties/Timeout",
                json!(26),
                "InteractionsQueue hides",
            ),
            app(
                "/Resources/InteractionsQueue/Properties/VisibilityTimeout",
                json!(120),
                "InteractionsQueue holds up",
            ),
        ],
    );
}

#[test]
fn conversations_wait_for_their_database() {
    promise(
        what_was_acknowledged_waits,
        &[
            app(
                "/Resources/ConversationsQueue/Properties/MessageRetentionPeriod",
                json!(345_600),
                "for 10 days",
            ),
            app(
                "/Resources/ConversationsDeadLetterQueue/Properties/MessageRetentionPeriod",
                json!(864_001),
                "for 14 days",
            ),
        ],
    );
}

#[test]
fn every_queue_has_a_dead_letter_queue() {
    promise(
        failures_are_kept,
        &[
            app(
                "/Resources/KnowledgeQueue/Properties/RedrivePolicy",
                Value::Null,
                "KnowledgeQueue has no",
            ),
            app(
                "/Resources/KnowledgeDeadLetterQueue/Properties/MessageRetentionPeriod",
                json!(3_600),
                "KnowledgeQueue",
            ),
        ],
    );
}
