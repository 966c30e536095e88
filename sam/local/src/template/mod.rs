//! What `sam/template.yaml` says, as far as a local stack needs it: queues, functions, their variables and their triggers.
//!
//! The template is the one source of truth; nothing of it is written again for local use.

mod conditions;
mod function;
mod queue;
mod resolve;
pub mod yaml;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

pub use function::{Function, Trigger};
pub use queue::Queue;
pub use resolve::Variable;

use crate::failure::{Failure, OrFail as _};
use resolve::Names;

/// What is deployed.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Every queue; dead-letter queues before those that use them.
    pub queues: Vec<Queue>,
    /// Every function, by the name of its crate.
    pub functions: Vec<Function>,
    /// The names of what a deployment tells.
    pub outputs: Vec<String>,
    /// The names of the alarms, without the stack's.
    pub alarms: Vec<String>,
}

impl Template {
    /// Reads the file.
    pub fn load(path: &Path) -> Result<Self, Failure> {
        Self::read_file(path, Self::parse)
    }

    /// What was deployed of the file with these parameters.
    pub fn load_deployed(
        path: &Path,
        parameters: &BTreeMap<String, String>,
    ) -> Result<Self, Failure> {
        Self::read_file(path, |text| {
            Self::of(&conditions::settle(yaml::parse(text)?, parameters))
        })
    }

    fn read_file(
        path: &Path,
        parse: impl FnOnce(&str) -> Result<Self, String>,
    ) -> Result<Self, Failure> {
        let advice = "mend sam/template.yaml; `sam validate --lint -t sam/template.yaml` knows more about it";
        let text = std::fs::read_to_string(path)
            .or_fail(format!("cannot read {}", path.display()), advice)?;
        parse(&text).or_fail(format!("cannot use {}", path.display()), advice)
    }

    /// Reads the text. An error names the resource.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::of(&yaml::parse(text)?)
    }

    fn of(root: &Value) -> Result<Self, String> {
        let names = Names::read(root)?;
        let of_type = |kind: &'static str| {
            let resources = root["Resources"].as_object().into_iter().flatten();
            resources.filter(move |(_, resource)| resource["Type"] == kind)
        };
        let queues =
            of_type("AWS::SQS::Queue").map(|(id, resource)| Queue::read(id, resource, &names));
        let mut queues = queues.collect::<Result<Vec<_>, _>>()?;
        queues.sort_by_key(|queue| queue.dead_letters.is_some());
        let functions = of_type("AWS::Serverless::Function")
            .map(|(id, resource)| Function::read(id, resource, &names));
        let functions = functions.collect::<Result<Vec<_>, _>>()?;
        let outputs = root["Outputs"].as_object().into_iter().flatten();
        let alarms = of_type("AWS::CloudWatch::Alarm");
        let alarms = alarms
            .filter_map(|(_, resource)| resolve::own_name(&resource["Properties"]["AlarmName"]));
        Ok(Self {
            queues,
            functions,
            outputs: outputs.map(|(name, _)| name.clone()).collect(),
            alarms: alarms.collect(),
        })
    }

    /// Every variable that some function is given.
    pub fn variables(&self) -> impl Iterator<Item = (&String, &Variable)> {
        self.functions
            .iter()
            .flat_map(|function| &function.variables)
    }
}

/// A number, also where it is written as text or as the default of a parameter.
fn number<T: TryFrom<u64>>(value: &Value, names: &Names) -> Option<T> {
    let number = match value {
        Value::Number(number) => number.as_u64()?,
        other => names.text(other)?.parse().ok()?,
    };
    T::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::event_sources::{Mapping, Schedule};

    const TEXT: &str = r#"
Parameters:
  Schemes: { Type: String, Default: '["a"]' }
  Size: { Type: Number, Default: 25 }
  Room: { Type: String, Default: "50" }
  OwnKeyArn: { Type: String, Default: "" }
Mappings:
  Rooms:
    "50": { Workers: 2 }
Resources:
  Work:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "${AWS::StackName}-work"
      VisibilityTimeout: 30
      RedrivePolicy: { deadLetterTargetArn: !GetAtt WorkDead.Arn, maxReceiveCount: 3 }
  WorkDead:
    Type: AWS::SQS::Queue
    Properties: { QueueName: !Sub "${AWS::StackName}-work-dlq" }
  ApiKeys: { Type: AWS::SecretsManager::Secret }
  MadeKey: { Type: AWS::SecretsManager::Secret }
  WorkerFunction:
    Type: AWS::Serverless::Function
    Metadata: { BuildMethod: rust-cargolambda, BuildProperties: { Binary: worker } }
    Properties:
      CodeUri: ../functions/ignored
      Timeout: 60
      Environment:
        Variables:
          WORK_QUEUE_URL: !Ref Work
          KEYS: !Ref ApiKeys
          SCHEMES: !Ref Schemes
          GONE: !Ref AWS::NoValue
          MAYBE: !If [X, a, b]
          MADE: !If [X, !Ref MadeKey, !Ref OwnKeyArn]
          OPTIONAL: !If [X, !Ref MadeKey, !Ref AWS::NoValue]
      Events:
        FromQueue:
          Type: SQS
          Properties:
            Queue: !GetAtt Work.Arn
            BatchSize: !Ref Size
            MaximumBatchingWindowInSeconds: 5
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: { MaximumConcurrency: !FindInMap [Rooms, !Ref Room, Workers] }
        Tick:
          Type: ScheduleV2
          Properties: { ScheduleExpression: rate(5 minutes), Input: '{"reconcile": true}' }
        Get:
          Type: HttpApi
          Properties: { Path: "/things/{id}", Method: get }
  PlainFunction:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: ../functions/plain }
"#;

    #[test]
    fn queues_come_with_their_dead_letters_first() {
        let queues = Template::parse(TEXT).unwrap().queues;
        let names: Vec<_> = queues.iter().map(|queue| queue.name.as_str()).collect();
        assert_eq!(names, ["work-dlq", "work"]);
        assert_eq!(queues[1].dead_letters, Some(("work-dlq".to_owned(), 3)));
        assert_eq!(queues[1].attributes["VisibilityTimeout"], "30");
    }

    #[test]
    fn functions_come_with_variables_and_triggers() {
        let functions = Template::parse(TEXT).unwrap().functions;
        let worker = functions
            .iter()
            .find(|function| function.name == "worker")
            .unwrap();
        assert_eq!(
            worker.variables["WORK_QUEUE_URL"],
            Variable::Queue("work".to_owned())
        );
        assert_eq!(
            worker.variables["KEYS"],
            Variable::Secret("api-keys".to_owned())
        );
        assert_eq!(
            worker.variables["SCHEMES"],
            Variable::Text(r#"["a"]"#.to_owned())
        );
        assert_eq!(
            worker.variables["MADE"],
            Variable::Secret("made-key".to_owned()),
            "where nobody brings one of their own"
        );
        assert_eq!(
            worker.variables.len(),
            4,
            "what has no local value is left out"
        );
        let mapping = Mapping {
            function: "worker".to_owned(),
            queue: "work".to_owned(),
            batch_size: 25,
            window: Duration::from_secs(5),
            partial_answers: true,
            max_concurrency: Some(2),
        };
        assert!(worker.triggers.contains(&Trigger::Queue(mapping)));
        let path = "/things/{id}".to_owned();
        assert!(worker.triggers.contains(&Trigger::Http {
            method: "GET".to_owned(),
            path
        }));
        let schedule = Schedule {
            function: "worker".to_owned(),
            name: "Tick".to_owned(),
            expression: "rate(5 minutes)".parse().unwrap(),
            input: Some(r#"{"reconcile": true}"#.to_owned()),
            is_rule: false,
        };
        assert!(worker.triggers.contains(&Trigger::Schedule(schedule)));
        assert_eq!(
            functions
                .iter()
                .filter(|function| function.name == "plain")
                .count(),
            1,
            "named by CodeUri"
        );
    }

    #[test]
    fn the_real_template_is_understood() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
        let template = Template::load(&path).unwrap();
        assert!(
            template
                .functions
                .iter()
                .any(|function| function.name == "data-action-webhook")
        );
        assert!(
            template
                .queues
                .iter()
                .any(|queue| queue.name == "conversations" && queue.dead_letters.is_some())
        );
    }

    #[test]
    fn errors_name_the_resource() {
        for (text, word) in [
            ("Resources: {Q: {Type: 'AWS::SQS::Queue'}}", "Resources.Q"),
            (
                "Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {}}}",
                "Resources.F",
            ),
            (
                "Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: f/x, Events: {T: {Type: Schedule, Properties: {Schedule: rate(0 minutes)}}}}}}",
                "Events.T",
            ),
        ] {
            let error = Template::parse(text).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }
}
