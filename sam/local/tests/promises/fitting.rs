//! The stacks fit together: what one puts out the next takes, and the dashboard shows what there is.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::queues::QUEUE;
use crate::said::counted_metrics;
use crate::stacks::{Complaints, Stacks, functions, of_type, text};
use crate::{Broken, app, promise};

/// What the code needs of the stacks that outlive it.
const HANDED_OVER: [&str; 5] = [
    "DatabaseSecretArn",
    "DatabaseSubnetIds",
    "DatabaseSecurityGroupIds",
    "DatabaseConnections",
    "AlarmTopicArn",
];

/// Each of them is an output there, under the name that the parameter has here.
pub(crate) fn outputs_are_parameters(stacks: &Stacks) -> Complaints {
    let givers = [&stacks.network, &stacks.database, &stacks.observability];
    let mut complaints = Vec::new();
    for name in HANDED_OVER {
        let makers = givers
            .iter()
            .filter(|stack| !stack["Outputs"][name].is_null());
        if makers.count() != 1 || stacks.application["Parameters"][name].is_null() {
            complaints.push(format!("{name} is not handed over"));
        }
    }
    complaints
}

/// The metrics of the dashboard: namespace, name, and what the first dimension is.
fn shown(stacks: &Stacks) -> Vec<[String; 3]> {
    let body = &stacks.observability["Resources"]["Dashboard"]["Properties"]["DashboardBody"];
    let body: Value = serde_json::from_str(body["Fn::Sub"].as_str().unwrap()).unwrap();
    let widgets = body["widgets"].as_array().unwrap();
    let metrics = widgets
        .iter()
        .flat_map(|widget| widget["properties"]["metrics"].as_array().unwrap());
    let word = |metric: &Value, at: usize| match metric[0]["expression"].as_str() {
        Some(search) => searched(search, at),
        None => metric[at].as_str().unwrap_or_default().to_owned(),
    };
    metrics
        .map(|metric| [word(metric, 0), word(metric, 1), word(metric, 3)])
        .collect()
}

/// The same of a search, which finds a metric under all values of a dimension.
fn searched(search: &str, at: usize) -> String {
    let between = |before: &str, after: char| {
        let rest = search.split_once(before).map_or("", |(_, rest)| rest);
        rest.split(after).next().unwrap().to_owned()
    };
    match at {
        0 => between("{", ','),
        1 => between("MetricName=\"", '"'),
        _ => between("function_name=\"", '"'),
    }
}

/// A dashboard with a wrong name shows an empty picture, and nobody notices.
pub(crate) fn the_dashboard_shows_what_there_is(stacks: &Stacks) -> Complaints {
    let counted = counted_metrics(&stacks.application);
    let carried = text("shared/src/telemetry/metric.rs") + "name: \"failures\",";
    let (functions, queues) = names(stacks);
    let is_wrong = |[namespace, metric, about]: &[String; 3]| {
        let name = about.strip_prefix("${Application}-").unwrap_or_default();
        !match namespace.as_str() {
            "AWS/Lambda" => functions.contains(name),
            "AWS/SQS" => queues.contains(name),
            "AWS/RDS" => about == "${ClusterIdentifier}",
            "${Application}" => counted.contains(&metric.as_str()),
            "CxoneMemory" => carried.contains(&format!("name: \"{metric}\",")),
            _ => false,
        }
    };
    let wrong = shown(stacks).into_iter().filter(is_wrong);
    wrong
        .map(|metric| format!("there is no {}", metric.join(" ")))
        .collect()
}

/// And it leaves nothing out: the errors of each function, the depth of each queue, all that is counted in logs.
pub(crate) fn the_dashboard_leaves_nothing_out(stacks: &Stacks) -> Complaints {
    let shown = shown(stacks);
    let (functions, queues) = names(stacks);
    let named = |kind: &str, metric: &str, name: &str| {
        [
            kind.to_owned(),
            metric.to_owned(),
            format!("${{Application}}-{name}"),
        ]
    };
    let errors = functions
        .iter()
        .map(|name| named("AWS/Lambda", "Errors", name));
    let depths = queues
        .iter()
        .map(|name| named("AWS/SQS", "ApproximateNumberOfMessagesVisible", name));
    let counted = counted_metrics(&stacks.application).into_iter();
    let counted = counted.map(|metric| {
        [
            "${Application}".to_owned(),
            metric.to_owned(),
            String::new(),
        ]
    });
    let wanted = errors.chain(depths).chain(counted);
    let missing = wanted.filter(|metric| !shown.contains(metric));
    missing
        .map(|metric| format!("the dashboard lacks {}", metric.join(" ")))
        .collect()
}

/// Functions and queues, without the name of the stack.
fn names(stacks: &Stacks) -> (BTreeSet<&str>, BTreeSet<&str>) {
    let functions = functions(&stacks.application);
    let functions = functions.filter_map(|(_, one)| own_name(&one["Properties"]["FunctionName"]));
    let queues = of_type(&stacks.application, QUEUE);
    let queues = queues.filter_map(|(_, one)| own_name(&one["Properties"]["QueueName"]));
    (functions.collect(), queues.collect())
}

fn own_name(name: &Value) -> Option<&str> {
    name["Fn::Sub"].as_str()?.strip_prefix("${AWS::StackName}-")
}

#[test]
fn the_stacks_fit_together() {
    promise(
        outputs_are_parameters,
        &[
            Broken(
                "network",
                "/Outputs/DatabaseSubnetIds",
                Value::Null,
                "DatabaseSubnetIds",
            ),
            app(
                "/Parameters/DatabaseConnections",
                Value::Null,
                "DatabaseConnections",
            ),
        ],
    );
    promise(
        the_dashboard_shows_what_there_is,
        &[
            app(
                "/Resources/SearchFunction/Properties/FunctionName",
                json!("find"),
                "search",
            ),
            app(
                "/Resources/SegmentsQueue/Properties/QueueName",
                json!("pieces"),
                "segments",
            ),
            app(
                "/Resources/ClosedSegmentAgeFilter/Properties/MetricTransformations/0/MetricName",
                json!("Age"),
                "ClosedSegmentAge",
            ),
        ],
    );
    promise(
        the_dashboard_leaves_nothing_out,
        &[app(
            "/Resources/ClosedSegmentAgeFilter/Properties/MetricTransformations/0/MetricName",
            json!("Age"),
            "lacks ${Application} Age",
        )],
    );
}
