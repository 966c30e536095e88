//! Alarms: each way to fail rings, and what rings is something that the code says.

use serde_json::Value;

use crate::queues::{QUEUE, dead_letters};
use crate::stacks::{Complaints, Stacks, code, functions, of_type, target};

const ALARM: &str = "AWS::CloudWatch::Alarm";

/// What functions say in their logs although they answer, and what somebody must hear of.
const SAID: [(&str, &str); 8] = [
    ("conversation-embedder", "misconfigured"),
    ("snippet-ranker", "misconfigured"),
    ("transcript-intake", "misconfigured"),
    ("transcript-injector", "injection.paused"),
    ("transcript-injector", "transcript.given_up"),
    ("search", "is_without_vector"),
    ("vector-keeper", "closed_age_s"),
    ("assist-listener", "forwards"),
];

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
fn rings(stack: &Value, of: &Value, metric: &str, about: Option<&str>) -> bool {
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
pub fn functions_and_queues_ring(stacks: &Stacks) -> Complaints {
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
    let mut events = crate::stacks::events(function, "SQS");
    events.any(|event| target(&event["Queue"]) == Some(queue))
}

/// A metric that is counted in a log.
struct Counted<'a> {
    id: &'a str,
    filter: &'a Value,
    function: String,
    pattern: &'a str,
    metric: &'a str,
}

fn counted(stack: &Value) -> Vec<Counted<'_>> {
    let filters = of_type(stack, "AWS::Logs::MetricFilter").map(|(id, filter)| {
        let properties = &filter["Properties"];
        let group = properties["LogGroupName"]["Ref"].as_str().unwrap();
        let name = &stack["Resources"][group]["Properties"]["LogGroupName"]["Fn::Sub"];
        let function = name.as_str().unwrap().rsplit("${AWS::StackName}-").next();
        let metric = &properties["MetricTransformations"][0];
        assert_eq!(metric["MetricNamespace"]["Ref"], "AWS::StackName", "{id}");
        Counted {
            id,
            filter,
            function: function.unwrap().to_owned(),
            pattern: properties["FilterPattern"].as_str().unwrap(),
            metric: metric["MetricName"].as_str().unwrap(),
        }
    });
    filters.collect()
}

/// The names of all metrics that are counted in logs.
pub fn counted_metrics(stack: &Value) -> Vec<&str> {
    counted(stack).iter().map(|one| one.metric).collect()
}

/// What the code says for a person's ears is counted, and rings.
pub fn what_is_said_rings(stacks: &Stacks) -> Complaints {
    let stack = &stacks.application;
    let filters = counted(stack);
    let said = SAID.map(|(function, word)| (function.to_owned(), word.to_owned()));
    let mut complaints = Vec::new();
    for (function, word) in said.into_iter().chain(alarms_in_code(stack)) {
        let mut hears = filters.iter().filter(|one| one.function == function);
        let heard = hears.any(|one| {
            words(one.pattern)
                .iter()
                .any(|own| word.starts_with(own.as_str()) || own.contains(&word))
                && rings(stack, one.filter, one.metric, None)
        });
        if !heard {
            complaints.push(format!("{function} says {word}, and nobody hears it"));
        }
    }
    complaints
}

/// Every `alarm = "…"` in a function.
fn alarms_in_code(stack: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (_, function) in functions(stack) {
        let name = function["Metadata"]["BuildProperties"]["Binary"]
            .as_str()
            .unwrap();
        let code = code(&format!("functions/{name}/src"));
        let words = code.split("alarm = \"").skip(1);
        let words = words.filter_map(|rest| rest.split('"').next());
        found.extend(words.map(|word| (name.to_owned(), word.to_owned())));
    }
    assert!(found.len() >= 3, "alarms of knowledge-sync: {found:?}");
    found
}

/// A filter that listens for what nobody says would be silent for ever.
pub fn what_is_listened_for_is_said(stacks: &Stacks) -> Complaints {
    let shared = code("shared/src");
    let mut complaints = Vec::new();
    for one in counted(&stacks.application) {
        let own = code(&format!("functions/{}/src", one.function));
        let unsaid = words(one.pattern)
            .into_iter()
            .find(|word| !own.contains(word) && !shared.contains(word));
        complaints.extend(unsaid.map(|word| format!("{}: no code says {word}", one.id)));
    }
    complaints
}

/// The words of a pattern; dots in a row stand for quotes and a colon.
fn words(pattern: &str) -> Vec<String> {
    let plain = pattern.replace(['%', '{', '}', '"', '*', '=', '>', '<'], " ");
    let plain = plain
        .replace("$.", "")
        .replace("...", " ")
        .replace("..", " ");
    let names = plain.split_whitespace().map(str::to_owned);
    names
        .filter(|word| word != "0" && word != "alarm" && word != "message")
        .collect()
}

/// What is counted is looked at: by an alarm or on the dashboard.
pub fn what_is_counted_is_seen(stacks: &Stacks) -> Complaints {
    let stack = &stacks.application;
    let dashboard = stacks.observability["Resources"]["Dashboard"].to_string();
    let unseen = counted(stack).into_iter().filter(|one| {
        !rings(stack, one.filter, one.metric, None)
            && !dashboard.contains(&format!("\\\"{}\\\"", one.metric))
    });
    unseen
        .map(|one| format!("{}: nobody looks at {}", one.id, one.metric))
        .collect()
}

/// The database and its password ring too.
pub fn the_database_rings(stacks: &Stacks) -> Complaints {
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
    serde_json::json!({ "Condition": condition })
}

/// Each alarm of the templates is told apart by its name, and says what to do.
pub fn alarms_are_told_apart(stacks: &Stacks) -> Complaints {
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
