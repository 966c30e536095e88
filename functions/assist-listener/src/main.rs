//! The entry point, of the Lambda and of a process of its own; see the library for the contract.

use assist_listener::{App, forever, handle};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use shared::{config::Env, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let env = Env::from_process();
    telemetry::init(&env, env!("CARGO_PKG_NAME"));
    let app = Box::pin(App::from_env(&env)).await;
    let app = app.unwrap_or_else(|error| telemetry::cannot_start(&error));
    if !env.is_lambda() {
        forever(&app).await;
    }
    run(service_fn(async |event: LambdaEvent<_>| {
        telemetry::invocation(event, async |event| handle(&app, event).await).await
    }))
    .await
}
