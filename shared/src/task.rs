//! What a function does that is invoked by hand or by a schedule: a task in, and an answer or a diagnosis out.

use lambda_runtime::Diagnostic;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::Error;

/// Reads a task, which is an object with the field `task`.
pub fn read_task<T: DeserializeOwned>(event: Value) -> Result<T, Error> {
    if !event.is_object() {
        return Err(Error::invalid("", "is no object with the field task"));
    }
    serde_json::from_value(event).map_err(|error| Error::invalid("", error.to_string()))
}

/// Whoever invokes by hand may read everything, and which rules they broke. The runtime logs it.
impl From<Error> for Diagnostic {
    fn from(error: Error) -> Self {
        let rules = error.violations().iter();
        let rules = rules.map(|rule| format!("{} {}", rule.pointer, rule.detail));
        let rules = rules.map(|rule| rule.trim_start().to_owned());
        let lines: Vec<_> = std::iter::once(error.chain()).chain(rules).collect();
        Self {
            error_type: error.kind().as_str().to_owned(),
            error_message: lines.join("; "),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "task", rename_all = "snake_case", deny_unknown_fields)]
    enum Task {
        Tick {},
    }

    #[test]
    fn a_task_is_read_and_a_mistake_is_named() {
        assert_eq!(
            read_task::<Task>(json!({"task": "tick"})).ok(),
            Some(Task::Tick {})
        );
        for (event, why) in [
            (json!("tick"), "is no object with the field task"),
            (json!({"task": "tock"}), "unknown variant `tock`"),
            (json!({"task": "tick", "x": 1}), "unknown field `x`"),
        ] {
            let told = Diagnostic::from(read_task::<Task>(event).unwrap_err());
            assert_eq!(told.error_type, "invalid");
            assert!(told.error_message.contains(why), "{}", told.error_message);
        }
    }
}
