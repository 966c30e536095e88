//! A function as the template declares it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::number;
use super::resolve::{Names, Variable};
use crate::event_sources::{Mapping, Schedule};

/// A function to serve.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// The name of its crate, which is the name of its binary.
    pub name: String,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// Its variables, as far as they mean something on this machine.
    pub variables: BTreeMap<String, Variable>,
    /// What invokes it.
    pub triggers: Vec<Trigger>,
}

/// What invokes a function.
#[derive(Debug, Clone, PartialEq)]
pub enum Trigger {
    /// A route of the HTTP API.
    Http {
        /// In capitals.
        method: String,
        /// With `{parameters}`.
        path: String,
    },
    /// Messages of a queue.
    Queue(Mapping),
    /// The clock.
    Schedule(Schedule),
}

impl Function {
    pub(super) fn read(id: &str, resource: &Value, names: &Names) -> Result<Self, String> {
        let properties = &resource["Properties"];
        let binary = resource["Metadata"]["BuildProperties"]["Binary"].as_str();
        let directory = properties["CodeUri"]
            .as_str()
            .and_then(|uri| uri.trim_end_matches('/').rsplit('/').next());
        let name = binary.or(directory);
        let name = name.ok_or_else(|| {
            format!("Resources.{id} needs Metadata.BuildProperties.Binary: the name of its crate")
        })?;
        let variables = properties["Environment"]["Variables"]
            .as_object()
            .into_iter()
            .flatten();
        let variables =
            variables.filter_map(|(key, value)| Some((key.clone(), names.resolve(value)?)));
        let events = properties["Events"].as_object().into_iter().flatten();
        let triggers = events.map(|(event, value)| {
            read_trigger(name, event, value, names)
                .map_err(|why| format!("Resources.{id}.Events.{event}: {why}"))
        });
        let triggers = triggers
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .collect();
        Ok(Self {
            name: name.to_owned(),
            timeout: Duration::from_secs(number(&properties["Timeout"], names).unwrap_or(3)),
            variables: variables.collect(),
            triggers,
        })
    }

    /// The route that says how the function is, if it has one.
    pub fn health_path(&self) -> Option<&str> {
        self.triggers.iter().find_map(|trigger| match trigger {
            Trigger::Http { method, path } if method == "GET" && path.ends_with("/health") => {
                Some(path.as_str())
            }
            _ => None,
        })
    }

    /// Whether a queue feeds it.
    pub fn mapping(&self) -> Option<&Mapping> {
        self.triggers.iter().find_map(|trigger| match trigger {
            Trigger::Queue(mapping) => Some(mapping),
            _ => None,
        })
    }
}

/// `None` for a trigger that is switched off, or has no meaning on this machine.
fn read_trigger(
    function: &str,
    name: &str,
    event: &Value,
    names: &Names,
) -> Result<Option<Trigger>, String> {
    let properties = &event["Properties"];
    if properties["Enabled"] == false || properties["State"] == "DISABLED" {
        return Ok(None);
    }
    let trigger = match event["Type"].as_str() {
        Some("HttpApi") => Trigger::Http {
            method: properties["Method"]
                .as_str()
                .unwrap_or("ANY")
                .to_uppercase(),
            path: properties["Path"].as_str().unwrap_or("/").to_owned(),
        },
        Some("SQS") => Trigger::Queue(read_mapping(function, properties, names)?),
        Some("Schedule") => Trigger::Schedule(read_schedule(
            function, name, properties, "Schedule", names,
        )?),
        Some("ScheduleV2") => Trigger::Schedule(read_schedule(
            function,
            name,
            properties,
            "ScheduleExpression",
            names,
        )?),
        _ => return Ok(None),
    };
    Ok(Some(trigger))
}

fn read_mapping(function: &str, properties: &Value, names: &Names) -> Result<Mapping, String> {
    let types = properties["FunctionResponseTypes"]
        .as_array()
        .into_iter()
        .flatten();
    let window = number(&properties["MaximumBatchingWindowInSeconds"], names).unwrap_or(0);
    let batch_size = number(&properties["BatchSize"], names).unwrap_or(10);
    if batch_size > 10 && window == 0 {
        return Err(
            "a BatchSize over 10 needs MaximumBatchingWindowInSeconds of at least 1".to_owned(),
        );
    }
    Ok(Mapping {
        function: function.to_owned(),
        queue: names
            .queue(&properties["Queue"])
            .ok_or("Queue must be !GetAtt of a queue of this template")?,
        batch_size,
        window: Duration::from_secs(window),
        partial_answers: types
            .into_iter()
            .any(|kind| kind == "ReportBatchItemFailures"),
        max_concurrency: number(&properties["ScalingConfig"]["MaximumConcurrency"], names),
    })
}

fn read_schedule(
    function: &str,
    name: &str,
    properties: &Value,
    key: &str,
    names: &Names,
) -> Result<Schedule, String> {
    let zone = names.text(&properties["ScheduleExpressionTimezone"]);
    if zone.as_deref().is_some_and(|zone| zone != "UTC") {
        return Err(
            "a local schedule runs in UTC; leave ScheduleExpressionTimezone out".to_owned(),
        );
    }
    let expression = names
        .text(&properties[key])
        .ok_or_else(|| format!("{key} is missing"))?;
    Ok(Schedule {
        function: function.to_owned(),
        name: name.to_owned(),
        expression: expression.parse()?,
        input: names.text(&properties["Input"]),
        is_rule: key == "Schedule",
    })
}
