//! The templates as values, and the questions that all rules ask them.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use local::template::yaml;
use serde_json::Value;

/// What a rule finds wrong, a sentence for each.
pub(crate) type Complaints = Vec<String>;

/// Everything that is deployed.
#[derive(Clone)]
pub(crate) struct Stacks {
    pub(crate) application: Value,
    pub(crate) network: Value,
    pub(crate) database: Value,
    pub(crate) observability: Value,
}

/// Read once: it is long.
static DEPLOYED: LazyLock<Stacks> = LazyLock::new(Stacks::read);

impl Stacks {
    pub(crate) fn load() -> Self {
        DEPLOYED.clone()
    }

    fn read() -> Self {
        let read = |path: &str| yaml::parse(&text(path)).unwrap();
        Self {
            application: read("sam/template.yaml"),
            network: read("infra/network.yaml"),
            database: read("infra/database.yaml"),
            observability: read("infra/observability.yaml"),
        }
    }

    pub(crate) fn all(&self) -> [&Value; 4] {
        [
            &self.application,
            &self.network,
            &self.database,
            &self.observability,
        ]
    }
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All code below a folder, without its tests.
pub(crate) fn code(folder: &str) -> String {
    let mut all = String::new();
    let mut waiting = vec![root().join(folder)];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(
                std::fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if path.extension().is_some_and(|end| end == "rs") {
            let file = std::fs::read_to_string(&path).unwrap();
            all.push_str(file.split("#[cfg(test)]").next().unwrap());
        }
    }
    all
}

/// Every resource of a kind, by its name.
pub(crate) fn of_type<'a>(
    stack: &'a Value,
    kind: &'static str,
) -> impl Iterator<Item = (&'a str, &'a Value)> {
    resources(stack).filter(move |(_, resource)| resource["Type"] == kind)
}

pub(crate) fn resources(stack: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let all = stack["Resources"].as_object().into_iter().flatten();
    all.map(|(name, resource)| (name.as_str(), resource))
}

pub(crate) fn functions(stack: &Value) -> impl Iterator<Item = (&str, &Value)> {
    of_type(stack, "AWS::Serverless::Function")
}

/// The events of a function that are of this kind.
pub(crate) fn events<'a>(
    function: &'a Value,
    kind: &'static str,
) -> impl Iterator<Item = &'a Value> {
    let all = function["Properties"]["Events"].as_object();
    let of_kind = all
        .into_iter()
        .flatten()
        .filter(move |(_, event)| event["Type"] == kind);
    of_kind.map(|(_, event)| &event["Properties"])
}

/// The resource that `!Ref` or `!GetAtt` names.
pub(crate) fn target(value: &Value) -> Option<&str> {
    value["Ref"].as_str().or(value["Fn::GetAtt"][0].as_str())
}

/// A number as it is when `parameters` have these values, and all others their defaults.
pub(crate) fn number(stack: &Value, value: &Value, parameters: &[(&str, &str)]) -> Option<u64> {
    let place = |name: &str| {
        let given = parameters.iter().find(|(own, _)| *own == name);
        given.map_or_else(
            || stack["Parameters"][name]["Default"].clone(),
            |(_, value)| Value::from(*value),
        )
    };
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ if value["Ref"].is_string() => number(stack, &place(value["Ref"].as_str()?), parameters),
        _ => {
            let [map, first, second] = value["Fn::FindInMap"].as_array()?.as_slice() else {
                return None;
            };
            let first = first["Ref"].as_str().map_or_else(|| first.clone(), place);
            number(
                stack,
                &stack["Mappings"][map.as_str()?][first.as_str()?][second.as_str()?],
                parameters,
            )
        }
    }
}

/// A list, also where one value stands for it, or a choice offers several.
pub(crate) fn choices(value: &Value) -> Vec<&Value> {
    if let Some(list) = value.as_array() {
        return list.iter().flat_map(choices).collect();
    }
    match value["Fn::If"].as_array() {
        Some(choice) => choice.iter().skip(1).flat_map(choices).collect(),
        None if value.is_null() || value["Ref"] == "AWS::NoValue" => Vec::new(),
        None => vec![value],
    }
}
