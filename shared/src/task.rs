//! What a function does that is invoked by hand or by a schedule: a task in, and an answer or a diagnosis out; also where the same function
//! works for a queue, or answers requests.

use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::Diagnostic;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::http::{HttpEvent, Response};

/// What a function is invoked with that works for a queue.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum QueueEvent {
    /// By the queue.
    Batch(SqsEvent),
    /// By a schedule, or by hand: a task. It is read later, so that whoever asks is told what is wrong with it; see [`read_task`].
    Task(Value),
}

/// What a function is invoked with that answers requests. What is no `T` is a request, however odd: that is answered with a status.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum RouteEvent<T = TaskName> {
    /// By a schedule, or by somebody who may invoke it.
    Direct(T),
    /// By the gateway.
    Http(Box<HttpEvent>),
}

/// What such a function answers.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum RouteAnswer<T> {
    /// To whoever invoked it directly.
    Direct(T),
    /// To the gateway.
    Http(Response),
}

/// A task that has nothing but its name, of a function that has no other.
#[derive(Debug, Deserialize)]
pub struct TaskName {
    task: String,
}

impl TaskName {
    /// Another task than the only one is a mistake of whoever invokes.
    pub fn must_be(&self, only: &str) -> Result<(), Error> {
        if self.task == only {
            return Ok(());
        }
        Err(Error::invalid("/task", format!("must be {only}")))
    }
}

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
    fn what_names_no_task_is_a_request() {
        let event = |event| serde_json::from_value::<RouteEvent>(event).unwrap();
        let RouteEvent::Direct(named) = event(json!({"task": "tick", "version": "2.0"})) else {
            panic!("it names a task");
        };
        assert!(named.must_be("tick").is_ok());
        let told = Diagnostic::from(named.must_be("tock").unwrap_err());
        assert!(
            told.error_message.ends_with("/task must be tock"),
            "{told:?}"
        );
        for odd in [json!({}), json!({"task": 7}), json!({"version": "2.0"})] {
            assert!(matches!(event(odd), RouteEvent::Http(_)));
        }
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
