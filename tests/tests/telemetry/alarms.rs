//! The alarms and the filters over logs that the templates declare.

use crate::{files, text};

pub(crate) struct Alarm {
    /// Without the name of the stack.
    pub(crate) name: String,
    pub(crate) means: String,
    /// The section of the run books that the description names.
    pub(crate) section: Option<String>,
}

pub(crate) struct Filter {
    pub(crate) metric: String,
    pub(crate) pattern: String,
}

/// The resources of this type, as the lines of their YAML.
fn resources(kind: &str) -> Vec<String> {
    let mut found = Vec::new();
    let templates = [files("sam", "template.yaml"), files("infra", ".yaml")].concat();
    for template in templates
        .iter()
        .filter(|path| !path.to_str().unwrap().contains(".aws-sam"))
    {
        let text = text(template);
        let mut resource = String::new();
        for line in text.lines().chain(["  End:"]) {
            let is_name = line.starts_with("  ") && !line.starts_with("   ") && line.ends_with(':');
            if is_name {
                if resource.contains(&format!("\n    Type: {kind}\n")) {
                    found.push(std::mem::take(&mut resource));
                }
                resource.clear();
            }
            resource.push_str(line);
            resource.push('\n');
        }
    }
    found
}

/// The value of a property; a folded one on one line.
fn property(resource: &str, name: &str) -> String {
    let start = format!("{name}: ");
    let mut lines = resource
        .lines()
        .map(|line| (line.len() - line.trim_start().len(), line.trim()));
    let (indent, first) = lines
        .by_ref()
        .find(|(_, line)| line.starts_with(&start))
        .unwrap();
    let first = first.strip_prefix(&start).unwrap();
    if !first.starts_with('>') {
        return first.trim_matches(['"', '\'']).to_owned();
    }
    let folded = lines.take_while(|(deep, _)| *deep > indent);
    folded.map(|(_, line)| line).collect::<Vec<_>>().join(" ")
}

pub(crate) fn alarms() -> Vec<Alarm> {
    let alarm = |resource: String| {
        let name = property(&resource, "AlarmName");
        let name = name.rsplit_once("}-").unwrap().1.to_owned();
        let description = property(&resource, "AlarmDescription");
        let (means, section) = match description.split_once("docs/runbooks.md#") {
            Some((means, section)) => (means, Some(section.to_owned())),
            None => (description.as_str(), None),
        };
        let means = means.trim().to_owned();
        Alarm {
            name,
            means,
            section,
        }
    };
    resources("AWS::CloudWatch::Alarm")
        .into_iter()
        .map(alarm)
        .collect()
}

pub(crate) fn filters() -> Vec<Filter> {
    let filter = |resource: String| Filter {
        metric: property(&resource, "MetricName"),
        pattern: property(&resource, "FilterPattern"),
    };
    resources("AWS::Logs::MetricFilter")
        .into_iter()
        .map(filter)
        .collect()
}
