//! References inside the template: what `!Ref`, `!Sub` and `!GetAtt` mean on this machine.

use std::collections::BTreeMap;

use serde_json::Value;

/// What a function's variable is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variable {
    /// The URL of this queue.
    Queue(String),
    /// The id of this secret, without the prefix of the stack.
    Secret(String),
    /// This text.
    Text(String),
}

/// What the logical names of the template stand for.
pub(super) struct Names {
    values: BTreeMap<String, Variable>,
    mappings: Value,
}

impl Names {
    /// Parameters stand for their defaults, queues and secrets for themselves; everything else has no meaning here.
    pub(super) fn read(root: &Value) -> Result<Self, String> {
        let mut values = BTreeMap::new();
        for (name, parameter) in root["Parameters"].as_object().into_iter().flatten() {
            if let Some(text) = scalar(&parameter["Default"]) {
                values.insert(name.clone(), Variable::Text(text));
            }
        }
        let resources = root["Resources"]
            .as_object()
            .ok_or("there are no Resources")?;
        for (name, resource) in resources {
            match resource["Type"].as_str() {
                Some("AWS::SQS::Queue") => {
                    values.insert(name.clone(), Variable::Queue(queue_name(name, resource)?));
                }
                Some("AWS::SecretsManager::Secret") => {
                    values.insert(name.clone(), Variable::Secret(kebab(name)));
                }
                _ => {}
            }
        }
        let mappings = root["Mappings"].clone();
        Ok(Self { values, mappings })
    }

    /// What a value means here, if anything.
    pub(super) fn resolve(&self, value: &Value) -> Option<Variable> {
        let reference = value["Ref"].as_str().or(value["Fn::GetAtt"][0].as_str());
        match reference {
            Some(name) => self.values.get(name).cloned(),
            None => self.made_here(value).or_else(|| {
                let text = self.mapped(value).or_else(|| scalar(value));
                text.map(Variable::Text)
            }),
        }
    }

    /// Of a secret of somebody's own and one that the template makes, this machine has the latter.
    fn made_here(&self, value: &Value) -> Option<Variable> {
        let [_, one, other] = value["Fn::If"].as_array()?.as_slice() else {
            return None;
        };
        match (self.resolve(one)?, self.resolve(other)?) {
            (secret @ Variable::Secret(_), Variable::Text(own)) if own.is_empty() => Some(secret),
            _ => None,
        }
    }

    /// What `!FindInMap` finds.
    fn mapped(&self, value: &Value) -> Option<String> {
        let mut place = &self.mappings;
        for key in value["Fn::FindInMap"].as_array()? {
            place = place.get(self.text(key)?)?;
        }
        scalar(place)
    }

    /// A text, also as the default of a parameter.
    pub(super) fn text(&self, value: &Value) -> Option<String> {
        match self.resolve(value)? {
            Variable::Text(text) => Some(text),
            Variable::Queue(_) | Variable::Secret(_) => None,
        }
    }

    /// The name of a queue that is referred to.
    pub(super) fn queue(&self, value: &Value) -> Option<String> {
        match self.resolve(value)? {
            Variable::Queue(name) => Some(name),
            Variable::Text(_) | Variable::Secret(_) => None,
        }
    }
}

/// A queue's name without the stack's: locally there is one stack per moto.
fn queue_name(id: &str, resource: &Value) -> Result<String, String> {
    let name = own_name(&resource["Properties"]["QueueName"]);
    name.ok_or_else(|| format!("Resources.{id} has no QueueName that can be read here"))
}

/// A name without the stack's.
pub(super) fn own_name(written: &Value) -> Option<String> {
    let text = written["Fn::Sub"].as_str().or(written.as_str())?;
    Some(text.trim_start_matches("${AWS::StackName}-").to_owned())
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// `WebhookKeys` is `webhook-keys`.
fn kebab(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}
