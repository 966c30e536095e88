//! Refusals: a webhook that is answered 4xx is lost after two more tries, and no function counts it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::stacks::{Complaints, Stacks, of_type, target};
use crate::{app, promise};

/// What one metric of an alarm is about, by its dimensions.
fn about(metric: &Value) -> BTreeMap<&str, &str> {
    let dimensions = metric["Dimensions"].as_array().into_iter().flatten();
    dimensions.filter_map(dimension).collect()
}

fn dimension(one: &Value) -> Option<(&str, &str)> {
    let value = &one["Value"];
    Some((one["Name"].as_str()?, target(value).or(value.as_str())?))
}

/// The dimensions of the webhook's own route. Without a name of its own the stage is `$default`.
fn route(stack: &Value) -> BTreeMap<&str, &str> {
    let event = &stack["Resources"]["DataActionWebhookFunction"]["Properties"]["Events"]["Receive"];
    let route = &event["Properties"];
    let said = |name: &str| route[name].as_str().unwrap_or_default();
    BTreeMap::from([
        ("ApiId", target(&route["ApiId"]).unwrap_or_default()),
        ("Stage", "$default"),
        ("Method", said("Method")),
        ("Resource", said("Path")),
    ])
}

/// A quarter of an hour, for the many; and a day, where few come.
const LOOKED_AT: [u64; 2] = [900, 86_400];

/// Whether an alarm weighs what was refused against what came, over the same time.
fn weighs(alarm: &Value, route: &BTreeMap<&str, &str>, seconds: u64) -> bool {
    let metrics = alarm["Metrics"].as_array().into_iter().flatten();
    let (counted, told): (Vec<_>, Vec<_>) = metrics.partition(|one| one["ReturnData"] == false);
    let [expression] = told.as_slice() else {
        return false;
    };
    let weighed = |metric: &str| {
        counted.iter().any(|one| {
            let stat = &one["MetricStat"];
            let id = one["Id"].as_str().unwrap_or_default();
            stat["Metric"]["MetricName"] == metric
                && stat["Metric"]["Namespace"] == "AWS/ApiGateway"
                && (&stat["Stat"], &stat["Period"]) == (&json!("Sum"), &json!(seconds))
                && about(&stat["Metric"]) == *route
                && expression["Expression"].to_string().contains(id)
        })
    };
    weighed("4xx") && weighed("Count")
}

/// Somebody hears of it. The API counts by route only if it is told to.
pub(crate) fn refused_webhooks_ring(stacks: &Stacks) -> Complaints {
    let stack = &stacks.application;
    let route = route(stack);
    let rings = |seconds: u64| {
        of_type(stack, "AWS::CloudWatch::Alarm").any(|(_, alarm)| {
            let properties = &alarm["Properties"];
            let actions = properties["AlarmActions"].to_string();
            let is_told = actions.contains("AlarmTopic");
            alarm["Condition"].is_null() && is_told && weighs(properties, &route, seconds)
        })
    };
    let settings = &stack["Resources"]["HttpApi"]["Properties"]["DefaultRouteSettings"];
    let mut complaints = Vec::new();
    for seconds in LOOKED_AT.into_iter().filter(|seconds| !rings(*seconds)) {
        let complaint = format!("no alarm on webhooks that are refused within {seconds} s");
        complaints.push(complaint);
    }
    if settings["DetailedMetricsEnabled"] != true {
        complaints.push("the API does not count by route".to_owned());
    }
    complaints
}

#[test]
fn webhooks_that_are_refused_ring() {
    promise(
        refused_webhooks_ring,
        &[
            app(
                "/Resources/WebhookRefusalsAlarm",
                Value::Null,
                "within 900 s",
            ),
            app(
                "/Resources/WebhookRefusalsOfADayAlarm",
                Value::Null,
                "within 86400 s",
            ),
            app(
                "/Resources/WebhookRefusalsAlarm/Properties/AlarmActions",
                Value::Null,
                "refused",
            ),
            app(
                "/Resources/WebhookRefusalsAlarm/Properties/Metrics/2/MetricStat/Period",
                json!(60),
                "refused",
            ),
            app(
                "/Resources/WebhookRefusalsAlarm/Properties/Metrics/0/Expression",
                json!("100 * refused"),
                "refused",
            ),
            app(
                "/Resources/DataActionWebhookFunction/Properties/Events/Receive/Properties/Path",
                json!("/webhooks/elsewhere"),
                "refused",
            ),
            app(
                "/Resources/HttpApi/Properties/DefaultRouteSettings/DetailedMetricsEnabled",
                json!(false),
                "by route",
            ),
        ],
    );
}
