//! Alarms: each way to fail rings, and what rings is something that the code says.

use serde_json::{Value, json};

use crate::queues::{QUEUE, dead_letters};
use crate::stacks::{Complaints, Stacks, events, functions, of_type, target};
use crate::{app, promise, seen};

const ALARM: &str = "AWS::CloudWatch::Alarm";

/// How long the oldest message waits says nothing here; the table that it stands for says it better.
const SAID_BY_A_TABLE: (&str, &str) = ("SegmentsQueue", "ClosedSegmentAge");

/// What is watched at the database. Its data grows by itself, what it sorts with does not.
const DATABASE: [&str; 5] = [
    "ACUUtilization",
    "CPUUtilization",
    "DatabaseConnections",
    "FreeLocalStorage",
    "MaximumUsedTransactionIDs",
];

/// Whether there is an alarm on this metric that is there whenever `of` is, and tells the topic. That nobody listens rings only where
/// somebody should.
pub(crate) fn rings(stack: &Value, of: &Value, metric: &str, about: Option<&str>) -> bool {
    of_type(stack, ALARM).any(|(_, alarm)| {
        let properties = &alarm["Properties"];
        let dimension = &properties["Dimensions"][0]["Value"];
        let should =
            metric == "AssistListenerForwards" && alarm["Condition"] == "ListensToInteractions";
        let is_there =
            should || alarm["Condition"].is_null() || alarm["Condition"] == of["Condition"];
        let is_told = properties["AlarmActions"]
            .to_string()
            .contains("AlarmTopic");
        properties["MetricName"] == metric && target(dimension) == about && is_there && is_told
    })
}

/// Every function that crashes or is refused, and every queue that stands still or gives up.
pub(crate) fn functions_and_queues_ring(stacks: &Stacks) -> Complaints {
    let stack = &stacks.application;
    let mut complaints = Vec::new();
    for (name, function) in functions(stack) {
        for metric in ["Errors", "Throttles"] {
            if !rings(stack, function, metric, Some(name)) {
                complaints.push(format!("{name}: no alarm on {metric}"));
            }
        }
    }
    let dead = dead_letters(stack);
    for (name, queue) in of_type(stack, QUEUE) {
        let is_well = if dead.contains(name) {
            rings(
                stack,
                queue,
                "ApproximateNumberOfMessagesVisible",
                Some(name),
            )
        } else if name == SAID_BY_A_TABLE.0 {
            rings(
                stack,
                &stack["Resources"]["VectorKeeperFunction"],
                SAID_BY_A_TABLE.1,
                None,
            )
        } else {
            let consumer = functions(stack).find(|(_, function)| is_fed(function, name));
            let consumer = consumer.map_or(&Value::Null, |(_, function)| function);
            rings(stack, consumer, "ApproximateAgeOfOldestMessage", Some(name))
        };
        if !is_well {
            complaints.push(format!("{name}: no alarm"));
        }
    }
    if !rings(stack, &Value::Null, "5xx", Some("HttpApi")) {
        complaints.push("HttpApi: no alarm on 5xx".to_owned());
    }
    complaints
}

fn is_fed(function: &Value, queue: &str) -> bool {
    let mut events = events(function, "SQS");
    events.any(|event| target(&event["Queue"]) == Some(queue))
}

/// The database and its password ring too.
pub(crate) fn the_database_rings(stacks: &Stacks) -> Complaints {
    let stack = &stacks.observability;
    let (cluster, rotation) = (given("HasCluster"), given("HasRotation"));
    let database = DATABASE.map(|metric| (metric, &cluster, "ClusterIdentifier"));
    let all = database
        .into_iter()
        .chain([("Errors", &rotation, "RotationFunctionName")]);
    let silent = all.filter(|(metric, of, about)| !rings(stack, of, metric, Some(about)));
    silent
        .map(|(metric, ..)| format!("no alarm on {metric}"))
        .collect()
}

fn given(condition: &str) -> Value {
    json!({ "Condition": condition })
}

/// Each alarm of the templates is told apart by its name, and says what to do.
pub(crate) fn alarms_are_told_apart(stacks: &Stacks) -> Complaints {
    let mut names = Vec::new();
    let mut complaints = Vec::new();
    for (id, alarm) in stacks
        .all()
        .into_iter()
        .flat_map(|stack| of_type(stack, ALARM))
    {
        let properties = &alarm["Properties"];
        let name = properties["AlarmName"]["Fn::Sub"]
            .as_str()
            .unwrap_or_default();
        let name = name.rsplit('}').next().unwrap().to_owned();
        let says = properties["AlarmDescription"].as_str().unwrap_or_default();
        if says.len() < 20 || names.contains(&name) || properties["TreatMissingData"].is_null() {
            complaints.push(format!("{id} does not say what it is"));
        }
        names.push(name);
    }
    complaints
}

#[test]
fn functions_that_fail_and_queues_that_stand_still_ring() {
    promise(
        functions_and_queues_ring,
        &[
            app(
                "/Resources/SearchErrorsAlarm",
                Value::Null,
                "SearchFunction: no alarm on Errors",
            ),
            app(
                "/Resources/SearchErrorsAlarm/Condition",
                json!("HasElasticsearch"),
                "SearchFunction: no alarm on Errors",
            ),
            app(
                "/Resources/SearchThrottlesAlarm",
                Value::Null,
                "SearchFunction: no alarm on Throttles",
            ),
            app(
                "/Resources/SearchErrorsAlarm/Properties/AlarmActions",
                Value::Null,
                "SearchFunction",
            ),
            app(
                "/Resources/InteractionsDeadLetterAlarm",
                Value::Null,
                "InteractionsDeadLetterQueue",
            ),
            app(
                "/Resources/ConversationsAgeAlarm",
                Value::Null,
                "ConversationsQueue",
            ),
            app(
                "/Resources/ClosedSegmentAgeAlarm",
                Value::Null,
                "SegmentsQueue",
            ),
            app(
                "/Resources/HttpApiServerErrorsAlarm",
                Value::Null,
                "HttpApi",
            ),
        ],
    );
}

#[test]
fn a_database_in_trouble_rings() {
    promise(
        the_database_rings,
        &[
            seen(
                "/Resources/DatabaseCapacityAlarm",
                Value::Null,
                "ACUUtilization",
            ),
            seen(
                "/Resources/DatabaseConnectionsAlarm/Properties/AlarmActions",
                Value::Null,
                "DatabaseConnections",
            ),
            seen("/Resources/PasswordRotationAlarm", Value::Null, "Errors"),
        ],
    );
}

#[test]
fn alarms_say_what_they_are() {
    promise(
        alarms_are_told_apart,
        &[
            app(
                "/Resources/SearchErrorsAlarm/Properties/AlarmName",
                json!({ "Fn::Sub": "${AWS::StackName}-search-throttles" }),
                "Search",
            ),
            seen(
                "/Resources/DatabaseCapacityAlarm/Properties/AlarmDescription",
                json!("Bad."),
                "DatabaseCapacityAlarm",
            ),
        ],
    );
}
