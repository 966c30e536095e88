//! YAML to JSON, with `CloudFormation`'s short tags in their long form: `!Ref X` is `{"Ref": "X"}`.

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Value, json};

/// Reads the first document. An error says where.
pub fn parse(text: &str) -> Result<Value, String> {
    let documents = Yaml::load_from_str(text).map_err(|error| error.to_string())?;
    let first = documents.first().ok_or("the file is empty")?;
    convert(first)
}

fn convert(node: &Yaml<'_>) -> Result<Value, String> {
    match node {
        Yaml::Value(scalar) => Ok(plain(scalar)),
        Yaml::Sequence(items) => items.iter().map(convert).collect(),
        Yaml::Mapping(entries) => {
            let entry = |(key, value): (&Yaml<'_>, &Yaml<'_>)| match convert(key)? {
                Value::String(key) => Ok((key, convert(value)?)),
                other => Ok((other.to_string(), convert(value)?)),
            };
            let entries = entries
                .iter()
                .map(entry)
                .collect::<Result<Map<_, _>, String>>()?;
            Ok(Value::Object(entries))
        }
        Yaml::Tagged(tag, node) => Ok(long_form(&tag.suffix, convert(node)?)),
        Yaml::Representation(text, _, Some(tag)) => Ok(long_form(&tag.suffix, json!(text))),
        Yaml::Representation(text, _, None) => Ok(json!(text)),
        Yaml::Alias(_) | Yaml::BadValue => {
            Err("an alias or a value that cannot be read".to_owned())
        }
    }
}

fn plain(scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => json!(value),
        Scalar::Integer(value) => json!(value),
        Scalar::FloatingPoint(value) => json!(value.into_inner()),
        Scalar::String(text) => json!(text),
    }
}

fn long_form(tag: &str, value: Value) -> Value {
    match (tag, value) {
        ("Ref" | "Condition", value) => json!({ tag: value }),
        ("GetAtt", Value::String(path)) => {
            let (resource, attribute) = path.split_once('.').unwrap_or((&path, ""));
            json!({ "Fn::GetAtt": [resource, attribute] })
        }
        (_, value) => json!({ format!("Fn::{tag}"): value }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_tags_take_their_long_form() {
        for (text, long) in [
            ("a: !Ref X", json!({"a": {"Ref": "X"}})),
            (
                "a: !GetAtt Q.Arn",
                json!({"a": {"Fn::GetAtt": ["Q", "Arn"]}}),
            ),
            (
                "a: !Sub \"${AWS::StackName}-q\"",
                json!({"a": {"Fn::Sub": "${AWS::StackName}-q"}}),
            ),
            (
                "a: !If [C, !Ref X, !Ref AWS::NoValue]",
                json!({"a": {"Fn::If": ["C", {"Ref": "X"}, {"Ref": "AWS::NoValue"}]}}),
            ),
            (
                "{n: 5, t: true, f: 1.5, s: '5', z: null}",
                json!({"n": 5, "t": true, "f": 1.5, "s": "5", "z": null}),
            ),
            ("- a: [1, x]", json!([{"a": [1, "x"]}])),
        ] {
            assert_eq!(parse(text).unwrap(), long, "{text}");
        }
    }

    #[test]
    fn what_is_no_yaml_is_said_to_be_none() {
        assert!(parse("a: [1").is_err());
        assert!(parse("").is_err());
    }
}
