//! What of the template holds for one deployment: its parameters decide the conditions.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The template as it was deployed with these parameters: they stand as defaults, the branches of `!If` are taken, and what has a
/// condition that does not hold is gone.
pub(super) fn settle(mut root: Value, parameters: &BTreeMap<String, String>) -> Value {
    if let Some(declared) = root["Parameters"].as_object_mut() {
        for (name, parameter) in declared {
            if let Some(value) = parameters.get(name) {
                parameter["Default"] = Value::from(value.as_str());
            }
        }
    }
    let conditions = Conditions {
        parameters: root["Parameters"].clone(),
        written: root["Conditions"].clone(),
    };
    for part in ["Resources", "Outputs"] {
        if let Some(members) = root[part].as_object_mut() {
            members.retain(|_, member| match member["Condition"].as_str() {
                Some(name) => conditions.holds(name),
                None => true,
            });
        }
    }
    conditions.choose(root)
}

struct Conditions {
    parameters: Value,
    written: Value,
}

impl Conditions {
    fn holds(&self, name: &str) -> bool {
        self.is_true(&self.written[name])
    }

    fn is_true(&self, expression: &Value) -> bool {
        let parts = |name: &str| expression[name].as_array();
        if let Some(name) = expression["Condition"].as_str() {
            self.holds(name)
        } else if let Some([part]) = parts("Fn::Not").map(Vec::as_slice) {
            !self.is_true(part)
        } else if let Some(parts) = parts("Fn::And") {
            parts.iter().all(|part| self.is_true(part))
        } else if let Some(parts) = parts("Fn::Or") {
            parts.iter().any(|part| self.is_true(part))
        } else if let Some([one, other]) = parts("Fn::Equals").map(Vec::as_slice) {
            self.text(one) == self.text(other)
        } else {
            false
        }
    }

    /// A list is its text: it is compared with nothing else than the empty one.
    fn text(&self, value: &Value) -> String {
        if let Some(name) = value["Ref"].as_str() {
            return self.text(&self.parameters[name]["Default"]);
        }
        match (value, value["Fn::Join"].as_array().map(Vec::as_slice)) {
            (_, Some([_, list])) => self.text(list),
            (Value::String(text), _) => text.clone(),
            (Value::Number(_) | Value::Bool(_), _) => value.to_string(),
            _ => String::new(),
        }
    }

    /// The branches that are taken, everywhere below.
    fn choose(&self, value: Value) -> Value {
        let branches = value["Fn::If"].as_array().map(Vec::as_slice);
        if let Some([Value::String(name), yes, no]) = branches {
            let taken = if self.holds(name) { yes } else { no };
            return self.choose(taken.clone());
        }
        match value {
            Value::Object(members) => {
                let members = members.into_iter();
                let members = members.map(|(name, value)| (name, self.choose(value)));
                Value::Object(members.collect::<Map<_, _>>())
            }
            Value::Array(items) => items.into_iter().map(|item| self.choose(item)).collect(),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::yaml;

    const TEXT: &str = r#"
Parameters:
  Database: { Type: String, Default: "" }
  Subnets: { Type: CommaDelimitedList, Default: "" }
  Listening: { Type: String, Default: "false" }
  Days: { Type: Number, Default: 30 }
Conditions:
  HasDatabase: !Not [!Equals [!Ref Database, ""]]
  HasVpc: !Not [!Equals [!Join ["", !Ref Subnets], ""]]
  Listens: !And [!Condition HasDatabase, !Equals [!Ref Listening, "true"]]
  Keeps: !Or [!Condition Listens, !Equals [!Ref Days, 7]]
Resources:
  Always: { State: !If [Listens, ENABLED, DISABLED], In: [!If [HasVpc, a, !Ref AWS::NoValue]] }
  Stored: { Condition: HasDatabase }
  Kept: { Condition: Keeps }
Outputs:
  Url: { Condition: HasDatabase, Value: x }
"#;

    fn settled(parameters: &[(&str, &str)]) -> Value {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let parameters = parameters.iter().map(owned).collect();
        settle(yaml::parse(TEXT).unwrap(), &parameters)
    }

    #[test]
    fn parameters_decide_what_is_there() {
        let bare = settled(&[]);
        let names = |root: &Value| -> Vec<String> {
            root["Resources"]
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect()
        };
        assert_eq!(names(&bare), ["Always"]);
        assert!(bare["Outputs"].as_object().unwrap().is_empty());
        assert_eq!(bare["Resources"]["Always"]["State"], "DISABLED");
        let full = settled(&[
            ("Database", "arn:x"),
            ("Subnets", "a,b"),
            ("Listening", "true"),
            ("Unknown", "x"),
        ]);
        assert_eq!(names(&full), ["Always", "Kept", "Stored"]);
        assert_eq!(full["Resources"]["Always"]["State"], "ENABLED");
        assert_eq!(full["Resources"]["Always"]["In"][0], "a");
        assert_eq!(full["Parameters"]["Database"]["Default"], "arn:x");
        let some = settled(&[("Listening", "true"), ("Days", "7")]);
        assert_eq!(
            names(&some),
            ["Always", "Kept"],
            "no database, no listening"
        );
    }
}
