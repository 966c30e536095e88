//! The queues: whether each is there with its dead letters, what lies in it, and for how long.

use std::time::Duration;

use aws_sdk_sqs::Client;
use jiff::SignedDuration;

use super::super::finding::{Finding, fail, or_fine, warn};
use super::Deployment;
use super::ask::{Measure, Trouble, measure};
use crate::commands::dlq::{Queue as Seen, read};
use crate::commands::segments::age as spoken;
use crate::commands::signed::Signed;
use crate::template::{Function, Queue};

/// AWS wants a message hidden for so many times what its function may take.
const TIMES: u32 = 6;
/// Where the template has no word on it, a message that waits for longer is stuck.
const STUCK: Duration = Duration::from_mins(15);
/// For so long SQS keeps what the template has no word on.
const USUAL_DAYS: u64 = 4;

/// What is wrong with them.
pub(super) async fn check(deployment: &Deployment) -> Vec<Finding> {
    let client = Client::new(&deployment.sdk);
    let mut found = Vec::new();
    for queue in &deployment.template.queues {
        let name = deployment.stack.own(&queue.name);
        match look(deployment, &client, &name).await {
            Ok((seen, age)) => found.extend(judge(deployment, queue, &seen, age)),
            Err(trouble) => found.push(trouble.told(&format!("the queue {name}"))),
        }
    }
    let count = deployment.template.queues.len();
    or_fine(
        found,
        format!("{count} are there; no dead letters, and nothing waits for long"),
    )
}

/// The queue, and how old its oldest message is.
async fn look(
    deployment: &Deployment,
    client: &Client,
    name: &str,
) -> Result<(Seen, Option<Duration>), Trouble> {
    let url = client.get_queue_url().queue_name(name).send().await;
    let url = url.map_err(|error| Trouble::of(error, "sqs:GetQueueUrl"))?;
    let seen = read(client, url.queue_url().unwrap_or_default()).await;
    let seen = seen.map_err(Trouble::Failed)?;
    let age = match seen.waiting + seen.held {
        0 => None,
        // The age only adds to what is told: without it, the rest is told all the same.
        _ => oldest(&deployment.aws, name).await.ok().flatten(),
    };
    Ok((seen, age))
}

/// The newest figure of the last quarter of an hour. Whoever received the messages to see their age would change them.
async fn oldest(aws: &Signed, queue: &str) -> Result<Option<Duration>, Trouble> {
    let measured = Measure {
        namespace: "AWS/SQS",
        metric: "ApproximateAgeOfOldestMessage",
        about: &[("QueueName", queue)],
        statistic: "Maximum",
        since: SignedDuration::from_mins(15),
        period_s: 60,
    };
    let seconds = measure(aws, &measured).await?.pop();
    Ok(seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()))
}

fn judge(
    deployment: &Deployment,
    queue: &Queue,
    seen: &Seen,
    age: Option<Duration>,
) -> Vec<Finding> {
    let name = deployment.stack.own(&queue.name);
    let count = seen.waiting + seen.held;
    let seconds = age.map(|age| i64::try_from(age.as_secs()).unwrap_or(i64::MAX));
    let old = seconds.map(|seconds| format!(", the oldest for {}", spoken(seconds)));
    let old = old.unwrap_or_default();
    let is_of_dead = |other: &Queue| {
        let target = other.dead_letters.as_ref().map(|(target, _)| target);
        target == Some(&queue.name)
    };
    if deployment.template.queues.iter().any(is_of_dead) {
        let stack = &deployment.stack.name;
        let next = format!(
            "read why: cargo local dlq show {name} --aws --stack {stack}; mend it, then cargo local dlq retry {name} --aws --stack {stack}; docs/runbooks.md#dead-letters"
        );
        let means = format!(
            "their work was tried again and again, and was not done; {} days after they were first sent they are gone",
            days_kept(queue)
        );
        let letters = fail(format!("{count} dead letters lie in {name}{old}"), next).meaning(means);
        return (count > 0).then_some(letters).into_iter().collect();
    }
    let mut found = Vec::new();
    found.extend(dead_letters(deployment, queue, seen));
    found.extend(hides(deployment, queue, seen));
    let hidden = Duration::from_secs(seen.visibility);
    if age.is_some_and(|age| age > stuck(deployment, hidden)) {
        found.push(
            fail(
                format!("{count} messages wait in {name}{old}"),
                "look at the function that works on them: docs/runbooks.md#a-queue-grows-old",
            )
            .meaning("they come in faster than they are worked on, or nobody works on them"),
        );
    }
    found
}

/// A message keeps its age where it moves to.
fn days_kept(queue: &Queue) -> u64 {
    let seconds = queue.attributes.get("MessageRetentionPeriod");
    let seconds = seconds.and_then(|text| text.parse::<u64>().ok());
    seconds.map_or(USUAL_DAYS, |seconds| seconds / (24 * 3_600))
}

/// What failed once is hidden for a while, and worked on again: where that takes long, so may a message without anything being wrong.
fn stuck(deployment: &Deployment, hidden: Duration) -> Duration {
    let seconds = deployment.stack.parameter("OldestMessageAlarmSeconds");
    let seconds = seconds.and_then(|text| text.parse().ok());
    let told = seconds.map_or(STUCK, Duration::from_secs);
    told.max(hidden + hidden / 3)
}

fn dead_letters(deployment: &Deployment, queue: &Queue, seen: &Seen) -> Option<Finding> {
    let (wanted, _) = queue.dead_letters.as_ref()?;
    let wanted = deployment.stack.own(wanted);
    let is_there = seen
        .target
        .as_ref()
        .is_some_and(|arn| arn.ends_with(&format!(":{wanted}")));
    let name = deployment.stack.own(&queue.name);
    let finding = fail(
        format!("{name} does not give its dead letters to {wanted}"),
        "deploy again: docs/deploy.md, step 4; and ask who changed it by hand",
    )
    .meaning("a message that always fails is tried until it expires, and then lost");
    (!is_there).then_some(finding)
}

/// Whether a message that is worked on comes again meanwhile.
fn hides(deployment: &Deployment, queue: &Queue, seen: &Seen) -> Option<Finding> {
    let feeds = |function: &&Function| {
        function
            .mapping()
            .is_some_and(|one| one.queue == queue.name)
    };
    let function = deployment.template.functions.iter().find(feeds)?;
    let window = function.mapping()?.window;
    let takes = deployment.functions.get(&function.name)?.timeout;
    let hides = Duration::from_secs(seen.visibility);
    // Where order is kept, what failed holds up what follows: so the template has less for such a queue.
    let chosen = queue.attributes.get("VisibilityTimeout");
    let chosen = chosen.filter(|_| queue.attributes.contains_key("FifoQueue"));
    let chosen = chosen.and_then(|text| text.parse().ok());
    let chosen = chosen.map_or(Duration::MAX, Duration::from_secs);
    let wanted = chosen.min(takes * TIMES + window);
    let name = deployment.stack.own(&queue.name);
    let what = format!(
        "{name} hides a message for {} s, and {} may take {} s",
        seen.visibility,
        function.name,
        takes.as_secs()
    );
    let next = format!(
        "set its visibility timeout to {} s or more, best by a deploy",
        wanted.as_secs()
    );
    if hides < takes {
        return Some(fail(what, next).meaning(
            "a message comes again while it is worked on, and ends among the dead letters",
        ));
    }
    (hides < wanted).then(|| {
        warn(what, next)
            .meaning("under load a message may count as failed although nobody tried it")
    })
}
