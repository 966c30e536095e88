//! The doctor against parts that nobody here wrote: moto plays the services of AWS, and the webhook and the migrator are those of the
//! stack of the tests. A relay stands between, because moto cannot run functions: it sends invocations to ours.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use cxone_simulator::{Settings, Simulator};
use local::template::{Template, Trigger, Variable};
use reqwest::Client;
use serde_json::{Value, json};

use crate::deployment::findings;
use crate::world::{Said, run, stack};

const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml");

struct Relay {
    http: Client,
    moto: String,
    functions: String,
    name: String,
}

async fn relay(
    State(relay): State<Arc<Relay>>,
    method: Method,
    uri: Uri,
    mut headers: HeaderMap,
    body: Bytes,
) -> Response {
    headers.remove("host");
    let path = uri.path_and_query().unwrap().as_str();
    let url = if path.ends_with("/invocations") {
        let path = path.replace(&format!("{}-", relay.name), "");
        format!("{}{path}", relay.functions)
    } else {
        format!("{}{path}", relay.moto)
    };
    let request = relay.http.request(method, url).headers(headers).body(body);
    let answer = request.send().await.unwrap();
    let code = StatusCode::from_u16(answer.status().as_u16()).unwrap();
    let failed = answer.headers().get("x-amz-function-error").cloned();
    let failed = failed.map(|value| [("x-amz-function-error", value)]);
    let body = answer.bytes().await.unwrap();
    match failed {
        Some(header) => (code, header, body).into_response(),
        None => (code, body).into_response(),
    }
}

/// A stack in moto, made of what the template says.
struct World {
    relay: Arc<Relay>,
    address: String,
    template: Template,
    parameters: BTreeMap<String, String>,
    _simulator: Simulator,
}

impl World {
    async fn start(status: &Value) -> Self {
        let text = |name: &str| status[name].as_str().unwrap().to_owned();
        let name = format!("doctor-{}", uuid::Uuid::new_v4().simple());
        let relay_to = Arc::new(Relay {
            http: Client::builder().no_proxy().build().unwrap(),
            moto: text("sqs_endpoint"),
            functions: text("http_url"),
            name: name.clone(),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new()
            .fallback(relay)
            .with_state(Arc::clone(&relay_to));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let cxone = Simulator::start(Settings::default()).unwrap();
        cxone.knowledge().seed(1, 20);
        let simulator = cxone.url().to_owned();
        let token = json!({ "url": format!("{simulator}/as/token.oauth2") });
        let stream = json!({ "fields": { "speakers": ["agent", "customer"] } });
        let profile =
            json!({ "base_url": simulator, "token": token, "stream": stream }).to_string();
        let parameters = [
            ("DatabaseSecretArn", format!("{name}/database")),
            (
                "AlarmTopicArn",
                "arn:aws:sns:us-east-1:123456789012:alarms".to_owned(),
            ),
            ("CxoneProfile", profile),
            ("EmbeddingBaseUrl", simulator),
            ("AssistListening", "true".to_owned()),
        ];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value));
        let parameters = BTreeMap::from(parameters);
        let world = Self {
            relay: relay_to,
            address,
            template: Template::load_deployed(TEMPLATE.as_ref(), &parameters).unwrap(),
            parameters,
            _simulator: cxone,
        };
        world.deploy(status).await;
        world
    }

    /// Asks moto, which knows the service by whom the request is signed for, and checks no signature.
    async fn ask(&self, service: &str, path: &str, kind: &str, body: String) {
        let credential = format!("test/20260101/us-east-1/{service}/aws4_request");
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=x");
        let request = self.relay.http.post(format!("{}{path}", self.relay.moto));
        let request = request.header("authorization", authorization);
        let request = request.header("content-type", kind);
        let answer = request.body(body).send().await.unwrap();
        let code = answer.status();
        let said = answer.text().await.unwrap();
        assert!(code.is_success(), "{service} {path}: {code} {said}");
    }

    async fn query(&self, service: &str, version: &str, fields: &[(&str, &str)]) {
        let all = [fields, &[("Version", version)]].concat();
        let form = reqwest::Url::parse_with_params("http://form/", &all).unwrap();
        let kind = "application/x-www-form-urlencoded";
        let body = form.query().unwrap().to_owned();
        self.ask(service, "/", kind, body).await;
    }

    async fn deploy(&self, status: &Value) {
        let name = self.relay.name.as_str();
        let database = json!({"host": "db", "username": "u", "password": "p", "dbname": "d"});
        let sdk = shared::testing::aws_at(&self.relay.moto).await;
        let secrets = aws_sdk_secretsmanager::Client::new(&sdk);
        let request = secrets.create_secret().name(format!("{name}/database"));
        request
            .secret_string(database.to_string())
            .send()
            .await
            .unwrap();
        let template = self.resources(status).to_string();
        let mut fields = vec![
            ("Action".to_owned(), "CreateStack".to_owned()),
            ("StackName".to_owned(), name.to_owned()),
            ("TemplateBody".to_owned(), template),
        ];
        for (place, (name, value)) in (1..).zip(&self.parameters) {
            let field = |what: &str| format!("Parameters.member.{place}.{what}");
            fields.push((field("ParameterKey"), name.clone()));
            fields.push((field("ParameterValue"), value.clone()));
        }
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.query("cloudformation", "2010-05-15", &fields).await;
        let topic = [("Action", "CreateTopic"), ("Name", "alarms")];
        self.query("sns", "2010-03-31", &topic).await;
        let subscription = [
            ("Action", "Subscribe"),
            ("TopicArn", self.parameters["AlarmTopicArn"].as_str()),
            ("Protocol", "email"),
            ("Endpoint", "you@example.com"),
        ];
        self.query("sns", "2010-03-31", &subscription).await;
        for trigger in self.template.functions.iter().flat_map(|one| &one.triggers) {
            let Trigger::Schedule(schedule) = trigger else {
                continue;
            };
            let target = format!(
                "arn:aws:lambda:us-east-1:123456789012:function:{name}-{}",
                schedule.function
            );
            let body = json!({"ScheduleExpression": "rate(1 minute)", "State": "ENABLED", "FlexibleTimeWindow": {"Mode": "OFF"},
                "Target": {"Arn": target, "RoleArn": "arn:aws:iam::123456789012:role/clock"}});
            let path = format!("/schedules/{}-{}{}", name, schedule.function, schedule.name);
            self.ask("scheduler", &path, "application/json", body.to_string())
                .await;
        }
    }

    /// What SAM would have made of the template, as far as moto makes it.
    fn resources(&self, status: &Value) -> Value {
        let name = &self.relay.name;
        let mut resources = json!({"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}}});
        let id = |name: &str| {
            name.chars()
                .filter(char::is_ascii_alphanumeric)
                .collect::<String>()
        };
        for queue in &self.template.queues {
            let mut properties = json!(queue.attributes);
            properties["QueueName"] = json!(format!("{name}-{}", queue.name));
            if let Some((dead, count)) = &queue.dead_letters {
                let arn = json!({"Fn::GetAtt": [id(dead), "Arn"]});
                properties["RedrivePolicy"] =
                    json!({"deadLetterTargetArn": arn, "maxReceiveCount": count});
            }
            resources[id(&queue.name)] =
                json!({"Type": "AWS::SQS::Queue", "Properties": properties});
        }
        for function in &self.template.functions {
            let value = |variable: &Variable| match variable {
                Variable::Queue(queue) => json!({"Ref": id(queue)}),
                Variable::Secret(secret) => json!(format!("cxone-memory/{secret}")),
                Variable::Text(text) => json!(text),
            };
            let variables = function.variables.iter();
            let variables: BTreeMap<_, _> =
                variables.map(|(name, one)| (name, value(one))).collect();
            let properties = json!({"FunctionName": format!("{name}-{}", function.name), "Runtime": "provided.al2023",
                "Handler": "bootstrap", "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Timeout": function.timeout.as_secs(),
                "Code": {"ZipFile": "x"}, "Environment": {"Variables": variables}});
            let own = id(&function.name);
            resources[&format!("{own}Function")] =
                json!({"Type": "AWS::Lambda::Function", "Properties": properties});
            if let Some(mapping) = function.mapping() {
                let properties = json!({"EventSourceArn": {"Fn::GetAtt": [id(&mapping.queue), "Arn"]},
                    "FunctionName": {"Ref": format!("{own}Function")}, "BatchSize": 10});
                resources[&format!("{own}Feed")] =
                    json!({"Type": "AWS::Lambda::EventSourceMapping", "Properties": properties});
            }
        }
        let outputs = self.template.outputs.iter();
        let mut outputs: BTreeMap<_, _> = outputs
            .map(|name| (name.as_str(), json!({"Value": "told"})))
            .collect();
        outputs.insert("WebhookUrl", json!({"Value": status["webhook"]["url"]}));
        let parameters = self.parameters.keys();
        let parameters: BTreeMap<_, _> = parameters
            .map(|name| (name, json!({"Type": "String"})))
            .collect();
        json!({"Parameters": parameters, "Resources": resources, "Outputs": outputs})
    }

    async fn examine(&self) -> Said {
        let arguments = [
            "doctor",
            "--aws",
            "--stack",
            &self.relay.name,
            "--json",
            "--region",
            "us-east-1",
        ];
        let variables = [
            ("AWS_ENDPOINT_URL", self.address.as_str()),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ];
        run(&arguments, &variables).await
    }
}

#[tokio::test]
async fn a_stack_in_moto_is_well_until_an_alarm_rings() {
    let Some(status) = stack("a_stack_in_moto_is_well") else {
        return;
    };
    let world = World::start(&status).await;
    let said = world.examine().await;
    let found = findings(&said);
    assert_eq!(said.code, Some(0), "{found:#?}");
    assert!(found.iter().all(|one| one["verdict"] == "ok"), "{found:#?}");
    for words in [
        "the newest",
        "who signs by standard-webhooks is let in",
        "one word was embedded",
        "gives us a token",
    ] {
        let is_said = |one: &Value| one["what"].as_str().unwrap().contains(words);
        assert!(found.iter().any(is_said), "{words}: {found:#?}");
    }
    let name = format!("{}-search-errors", world.relay.name);
    let alarm = [
        ("Action", "PutMetricAlarm"),
        ("AlarmName", &name),
        (
            "AlarmDescription",
            "It fails. docs/runbooks.md#a-function-fails",
        ),
        ("MetricName", "Errors"),
        ("Namespace", "AWS/Lambda"),
        ("Period", "60"),
        ("EvaluationPeriods", "1"),
        ("Statistic", "Sum"),
        ("Threshold", "0"),
        ("ComparisonOperator", "GreaterThanThreshold"),
    ];
    world.query("monitoring", "2010-08-01", &alarm).await;
    let ring = [
        ("Action", "SetAlarmState"),
        ("AlarmName", &name),
        ("StateReason", "it was rung"),
        ("StateValue", "ALARM"),
    ];
    world.query("monitoring", "2010-08-01", &ring).await;
    let said = world.examine().await;
    assert_eq!(said.code, Some(1), "{said:?}");
    let found = findings(&said);
    let rings: Vec<_> = found
        .iter()
        .filter(|one| one["verdict"] == "fail")
        .collect();
    assert!(
        rings.len() == 1 && rings[0]["about"] == "alarms",
        "{rings:?}"
    );
    assert_eq!(rings[0]["next"], "docs/runbooks.md#a-function-fails");
}
