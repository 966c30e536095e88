//! A deployment that is well, until a test breaks a part of it: the services of AWS that nothing else here plays, the webhook, and beside
//! them SQS, Secrets Manager and CXone as other tests know them.

mod api;
mod seed;

use std::sync::{Arc, Mutex};

use aws_double::{AwsDouble, Options};
use cxone_simulator::{Settings, Simulator};
use local::template::Template;
use serde_json::Value;

use crate::world::{Said, run};

/// The stack's name; not the usual one.
pub(crate) const STACK: &str = "memory";
/// A key of AWS that nobody may see.
const AWS_KEY: &str = "an-aws-key-that-nobody-sees";

/// What the account says, and what was posted to the webhook.
pub(crate) struct World {
    /// Everything that is answered; a test changes it.
    pub(crate) state: Mutex<Value>,
    pub(crate) posted: Mutex<Vec<Vec<u8>>>,
}

/// A deployment.
pub(crate) struct Deployment {
    pub(crate) world: Arc<World>,
    pub(crate) template: Template,
    pub(crate) double: AwsDouble,
    address: String,
    /// What no output may have in it.
    hush: Vec<String>,
    _simulator: Simulator,
}

impl Deployment {
    pub(crate) async fn start() -> Self {
        let double = AwsDouble::start(Options::default()).unwrap();
        let simulator = Simulator::start(Settings::default()).unwrap();
        simulator.knowledge().seed(1, 20);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (template, state) = seed::state(&address, simulator.url());
        let world = Arc::new(World {
            state: Mutex::new(state),
            posted: Mutex::default(),
        });
        let routes = api::routes(Arc::clone(&world));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let mut deployment = Self {
            world,
            template,
            double,
            address,
            hush: vec![AWS_KEY.to_owned()],
            _simulator: simulator,
        };
        deployment.hush.extend(seed::fill(&deployment).await);
        deployment
    }

    /// `cargo local doctor --aws` with these flags besides.
    pub(crate) async fn examine(&self, more: &[&str]) -> Said {
        self.examine_stack(STACK, more).await
    }

    pub(crate) async fn examine_stack(&self, stack: &str, more: &[&str]) -> Said {
        let arguments = [&["doctor", "--aws", "--stack", stack], more].concat();
        let here = self.double.endpoint();
        let variables = [
            ("AWS_ENDPOINT_URL", self.address.as_str()),
            ("AWS_ENDPOINT_URL_SQS", &here),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &here),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", AWS_KEY),
        ];
        let said = run(&arguments, &variables).await;
        let text = format!("{said:?}");
        for secret in &self.hush {
            assert!(!text.contains(secret), "{secret} is printed: {text}");
        }
        said
    }
}

/// The findings of an output, and whether the exit code fits them.
pub(crate) fn findings(said: &Said) -> Vec<Value> {
    let read = serde_json::from_str(&said.out);
    let found: Vec<Value> = read.unwrap_or_else(|error| panic!("{error}: {said:?}"));
    let is_broken = found.iter().any(|one| one["verdict"] == "fail");
    assert_eq!(said.code, Some(i32::from(is_broken)), "{said:?}");
    for one in found.iter().filter(|one| one["verdict"] != "ok") {
        let is_told = one["means"].is_string() && one["next"].is_string();
        assert!(is_told, "what follows, or what to do, is missing: {one}");
    }
    found
}
