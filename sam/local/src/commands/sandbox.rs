//! `local sandbox BINARY`, which `cargo lambda watch` calls through cargo.

use std::process::ExitCode;
use std::time::Duration;

use shared::config::Env;

use crate::failure::{Failure, OrFail as _};
use crate::sandbox::{Api, run as run_sandbox};
use crate::template::Template;
use crate::workspace::Workspace;

/// What Lambda gives a function that says nothing else.
const USUAL_TIMEOUT: Duration = Duration::from_secs(3);

pub(super) async fn run(workspace: &Workspace, command: &[String]) -> Result<ExitCode, Failure> {
    let env = Env::from_process();
    let mut read = env.reader();
    let upstream = read.required::<String>("AWS_LAMBDA_RUNTIME_API");
    let name = read.required::<String>("AWS_LAMBDA_FUNCTION_NAME");
    let advice = "only `cargo lambda watch` calls this; use `cargo local up`";
    let (upstream, name) = read
        .build(|| upstream.zip(name))
        .or_fail("no runtime API", advice)?;
    let template = Template::load(&workspace.template())?;
    let function = template
        .functions
        .iter()
        .find(|function| function.name == name);
    let timeout = function.map_or(USUAL_TIMEOUT, |function| function.timeout);
    run_sandbox(command, Api::new(&upstream, timeout)).await
}
