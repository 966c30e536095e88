//! The Lambda's entry point; see the library for the contract.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use ops_console::{App, handle};
use shared::config::Env;
use shared::telemetry;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let env = Env::from_process();
    telemetry::init(&env, env!("CARGO_PKG_NAME"));
    let app = App::from_env(&env)
        .await
        .unwrap_or_else(|error| telemetry::cannot_start(&error));
    run(service_fn(async |event: LambdaEvent<_>| {
        telemetry::invocation(event, async |event| handle(&app, event).await).await
    }))
    .await
}
